"""A processing step: what the model gets right of the rows that it has not seen."""

import json
import pathlib
import tarfile

import joblib
import numpy as np

base = pathlib.Path("/opt/ml/processing")
with tarfile.open(base / "model" / "model.tar.gz") as archive:
    archive.extractall(base / "model", filter="data")
model = joblib.load(base / "model" / "model.joblib")
table = np.loadtxt(base / "test" / "wine.csv", delimiter=",")
accuracy = model.score(table[:, 1:], table[:, 0])
print(f"accuracy={accuracy:.4f}")
report = base / "report" / "report.json"
report.parent.mkdir(parents=True, exist_ok=True)
report.write_text(json.dumps({"metrics": {"accuracy": {"value": accuracy}}}))
