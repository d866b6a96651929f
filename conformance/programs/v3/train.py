"""Trains a forest on flowers, from a shell script that SageMaker starts."""

import argparse
import os

import joblib
import numpy as np
from sklearn.ensemble import RandomForestClassifier


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--n_estimators", type=int, default=10)
    parser.add_argument("--max_depth", type=int, default=None)
    parser.add_argument("--criterion", default="gini")
    parser.add_argument("--model-dir", default=os.environ["SM_MODEL_DIR"])
    parser.add_argument("--train", default=os.environ["SM_CHANNEL_TRAIN"])
    parser.add_argument("--output-data-dir", default=os.environ["SM_OUTPUT_DATA_DIR"])
    options = parser.parse_args()

    files = sorted(os.listdir(options.train))
    rows = np.concatenate(
        [np.loadtxt(os.path.join(options.train, file), delimiter=",", ndmin=2) for file in files]
    )
    labels, features = rows[:, 0].astype(int), rows[:, 1:]
    forest = RandomForestClassifier(
        n_estimators=options.n_estimators,
        max_depth=options.max_depth,
        criterion=options.criterion,
        random_state=0,
    )
    forest.fit(features, labels)
    print(f"rows={len(rows)} criterion={options.criterion}")
    print(f"accuracy={forest.score(features, labels):.4f};")
    joblib.dump(forest, os.path.join(options.model_dir, "model.joblib"))
    with open(os.path.join(options.output_data_dir, "notes.txt"), "w") as notes:
        notes.write(f"{len(rows)} rows")


if __name__ == "__main__":
    main()
