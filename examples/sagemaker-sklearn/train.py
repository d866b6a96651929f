"""Runs in SageMaker's scikit-learn image: fits, reports and saves; loads for serving."""

import argparse
import os
import pathlib

import joblib
import numpy as np
from sklearn.ensemble import GradientBoostingRegressor


def model_fn(model_dir):
    return joblib.load(os.path.join(model_dir, "model.joblib"))


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("--n-estimators", type=int, default=100)
    parser.add_argument("--learning-rate", type=float, default=0.1)
    options = parser.parse_args()

    table = np.loadtxt(pathlib.Path(os.environ["SM_CHANNEL_TRAIN"], "diabetes.csv"), delimiter=",")
    target, features = table[:, 0], table[:, 1:]
    model = GradientBoostingRegressor(
        n_estimators=options.n_estimators, learning_rate=options.learning_rate, random_state=0
    )
    model.fit(features, target)
    print(f"r2={model.score(features, target):.4f};")
    joblib.dump(model, pathlib.Path(os.environ["SM_MODEL_DIR"], "model.joblib"))
