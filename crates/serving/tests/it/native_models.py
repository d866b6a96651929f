"""Trains a model of every family, with rows to ask it, below the folder that is given."""

import json
import os
import sys

import joblib
import lightgbm
import numpy
import pandas
import xgboost
from sklearn.compose import ColumnTransformer
from sklearn.datasets import load_breast_cancer, load_diabetes, load_iris
from sklearn.ensemble import (
    ExtraTreesClassifier,
    GradientBoostingClassifier,
    GradientBoostingRegressor,
    HistGradientBoostingClassifier,
    RandomForestClassifier,
)
from sklearn.impute import SimpleImputer
from sklearn.linear_model import LogisticRegression, Ridge
from sklearn.neighbors import KNeighborsClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import MinMaxScaler, OneHotEncoder, OrdinalEncoder, StandardScaler


cancer, kind = load_breast_cancer(return_X_y=True)
words = numpy.array(["malignant", "benign"])[kind]
body, progress = load_diabetes(return_X_y=True)
flower, species = load_iris(return_X_y=True)
holes = cancer.copy()
holes[::7, 3] = numpy.nan
people = pandas.DataFrame(
    {
        "age": body[:, 0],
        "weight": body[:, 2],
        "city": pandas.Series(numpy.array(["berlin", "oslo", "rome"])[numpy.arange(442) % 3], dtype=object),
        "size": pandas.Series(numpy.array(["l", "m", "s"])[numpy.arange(442) % 3], dtype=object),
    }
)
prepared = ColumnTransformer(
    [
        ("numbers", make_pipeline(SimpleImputer(), StandardScaler()), ["weight", "age"]),
        ("city", OneHotEncoder(handle_unknown="ignore"), ["city"]),
        ("size", OrdinalEncoder(handle_unknown="use_encoded_value", unknown_value=-1), ["size"]),
    ]
)
few = {"n_estimators": 10, "random_state": 0}


def save(name, model, rows, target):
    folder = os.path.join(sys.argv[1], name)
    os.makedirs(folder, exist_ok=True)
    joblib.dump(model.fit(rows, target), os.path.join(folder, "model.joblib"))
    some = rows.head(4).values.tolist() if hasattr(rows, "head") else rows[1:5].tolist()
    with open(os.path.join(folder, "rows.json"), "w") as file:
        json.dump(some, file)


save("forest", RandomForestClassifier(**few), cancer, kind)
save("forest-text", RandomForestClassifier(**few), cancer, words)
save("extra", ExtraTreesClassifier(**few), flower, species > 0)
save("boosting", GradientBoostingRegressor(**few), body, progress)
save("boosting-classes", GradientBoostingClassifier(**few), flower, species)
save("histogram-classes", HistGradientBoostingClassifier(max_iter=10), holes, words)
save("ridge", Ridge(), body, progress > 100)
save("imputed", make_pipeline(SimpleImputer(), MinMaxScaler(clip=True), RandomForestClassifier(**few)), holes, kind)
save("columns", make_pipeline(prepared, LogisticRegression()), people, numpy.where(progress > 150, "high", "low"))
save("xgboost", xgboost.XGBClassifier(n_estimators=10), holes, kind)
save("xgboost-regressor", xgboost.XGBRegressor(n_estimators=10), body, progress)
save("lightgbm", lightgbm.LGBMClassifier(n_estimators=10, verbose=-1), holes, words)
save("neighbours", KNeighborsClassifier(), flower, species)
