"""Unpacks a model, measures it on the rows kept back, and writes the report."""

import json
import pathlib
import tarfile

import joblib
import numpy as np

base = pathlib.Path("/opt/ml/processing")
with tarfile.open(base / "model/model.tar.gz") as archive:
    archive.extractall(base / "model", filter="data")
forest = joblib.load(base / "model/model.joblib")
rows = np.loadtxt(base / "test/test.csv", delimiter=",", ndmin=2)
accuracy = forest.score(rows[:, 1:], rows[:, 0].astype(int))
report = {"classification_metrics": {"accuracy": {"value": accuracy}}}
(base / "evaluation").mkdir(parents=True, exist_ok=True)
(base / "evaluation/evaluation.json").write_text(json.dumps(report))
print(f"accuracy={accuracy:.4f}")
