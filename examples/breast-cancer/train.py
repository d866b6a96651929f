"""Trains a random forest on the Wisconsin breast-cancer data that scikit-learn ships.

An ordinary training script: hyperparameters come as arguments, the model goes to the folder that
SM_MODEL_DIR names, and a printed `name=value` becomes a metric of the run. The data is the channel
`train`: a CSV of 569 rows whose last column is the class. Run by itself, without a channel, the
script takes scikit-learn's copy.
"""

import argparse
import os
import pathlib

import joblib
import numpy
from sklearn.datasets import load_breast_cancer
from sklearn.ensemble import RandomForestClassifier
from sklearn.metrics import accuracy_score, f1_score
from sklearn.model_selection import train_test_split


def load():
    channel = os.environ.get("SM_CHANNEL_TRAIN")
    if channel is None:
        return load_breast_cancer(return_X_y=True)
    table = numpy.loadtxt(next(pathlib.Path(channel).glob("*.csv")), delimiter=",", skiprows=1)
    return table[:, :-1], table[:, -1].astype(int)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--n_estimators", type=int, default=100)
    parser.add_argument("--max_depth", type=int, default=8)
    options = parser.parse_args()

    rows, labels = load()
    print(f"{rows.shape[0]} rows of {rows.shape[1]} features")
    train_rows, test_rows, train_labels, test_labels = train_test_split(
        rows, labels, test_size=0.25, random_state=7, stratify=labels
    )
    model = RandomForestClassifier(
        n_estimators=options.n_estimators, max_depth=options.max_depth, random_state=7
    )
    model.fit(train_rows, train_labels)

    predicted = model.predict(test_rows)
    print(f"accuracy={accuracy_score(test_labels, predicted):.4f}")
    print(f"f1={f1_score(test_labels, predicted):.4f}")

    folder = pathlib.Path(os.environ.get("SM_MODEL_DIR", "model"))
    folder.mkdir(parents=True, exist_ok=True)
    joblib.dump(model, folder / "model.joblib")


if __name__ == "__main__":
    main()
