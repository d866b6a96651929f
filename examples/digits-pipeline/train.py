"""Trains one random forest and says how well it does on rows that it was not shown."""

import argparse
import os
import pathlib

import joblib
import numpy
from sklearn.ensemble import RandomForestClassifier
from sklearn.model_selection import cross_val_score


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--n_estimators", type=int, required=True)
    options = parser.parse_args()

    data = numpy.load(pathlib.Path(os.environ["SM_CHANNEL_TRAIN"]) / "digits.npz")
    model = RandomForestClassifier(n_estimators=options.n_estimators, max_depth=10, random_state=3)
    scores = cross_val_score(model, data["rows"], data["labels"], cv=3)
    print(f"validation_accuracy={scores.mean():.4f}")

    model.fit(data["rows"], data["labels"])
    joblib.dump(model, pathlib.Path(os.environ["SM_MODEL_DIR"]) / "model.joblib")


if __name__ == "__main__":
    main()
