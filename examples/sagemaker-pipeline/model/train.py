"""The training step's script, and how its model is loaded to serve."""

import argparse
import os
import pathlib

import joblib
import numpy as np
from sklearn.ensemble import RandomForestClassifier


def model_fn(model_dir):
    return joblib.load(os.path.join(model_dir, "model.joblib"))


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("--trees", type=int, required=True)
    options = parser.parse_args()
    table = np.loadtxt(pathlib.Path(os.environ["SM_CHANNEL_TRAIN"], "wine.csv"), delimiter=",")
    model = RandomForestClassifier(n_estimators=options.trees, random_state=0)
    model.fit(table[:, 1:], table[:, 0])
    joblib.dump(model, pathlib.Path(os.environ["SM_MODEL_DIR"], "model.joblib"))
