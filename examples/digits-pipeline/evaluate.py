"""Scores the best model on the test rows; its metrics decide whether it is registered."""

import json
import os
import pathlib

import joblib
import numpy


def main():
    model = joblib.load(pathlib.Path(os.environ["SM_CHANNEL_MODEL"]) / "model.joblib")
    data = numpy.load(pathlib.Path(os.environ["SM_CHANNEL_TEST"]) / "digits.npz")
    right = int((model.predict(data["rows"]) == data["labels"]).sum())
    total = len(data["labels"])
    print(f"{right} of {total} digits are right, with {model.n_estimators} trees")
    print(json.dumps({"accuracy": right / total}))


if __name__ == "__main__":
    main()
