"""The model that serving is measured with, and the environments of the peers."""

import json
import pathlib
import subprocess

MAIN = [
    "scikit-learn==1.7.2", "numpy==2.2.6", "joblib", "onnxruntime", "skl2onnx", "fastapi", "uvicorn",
    "functions-framework", "awslambdaric",
]
# Their requirements do not go together with the others'.
PEERS = ["scikit-learn==1.7.2", "numpy<2.3", "joblib", "mlserver", "mlserver-sklearn", "bentoml", "uvloop<0.20"]

TRAIN = """
import json, os, pathlib, joblib
from sklearn.datasets import load_breast_cancer
from sklearn.ensemble import RandomForestClassifier
rows, labels = load_breast_cancer(return_X_y=True)
folder = pathlib.Path(os.environ.get("SM_MODEL_DIR", "."))
model = RandomForestClassifier(n_estimators=100, max_depth=10, random_state=0).fit(rows, labels)
joblib.dump(model, folder / "model.joblib")
print(json.dumps({"row": rows[0].tolist()}))
"""

WORKLOAD = """
name: forest
environment: {requirements: requirements.txt}
script: train.py
model: {name: forest}
"""


def environment(cache, name, packages):
    """The interpreter of an environment with these packages."""
    folder = cache / name
    python = folder / "bin/python"
    wanted = "\n".join(packages)
    made = folder / "packages.txt"
    if not made.exists() or made.read_text() != wanted:
        subprocess.run(["uv", "venv", "-q", "--clear", "--python", "3.11", str(folder)], check=True)
        install = ["uv", "pip", "install", "-q", "--compile-bytecode", "--python", str(python)]
        subprocess.run(install + packages, check=True)
        made.write_text(wanted)
    return str(python)


class Trained:
    def __init__(self, path, row):
        self.path, self.row = str(path), row
        self.body = json.dumps({"instances": [row]})


def train(python, folder):
    out = subprocess.check_output([python, "-c", TRAIN], cwd=folder, text=True)
    return Trained(folder / "model.joblib", json.loads(out)["row"])


def deploy(server, folder):
    """Trains the same model as a job and puts it behind an endpoint for each way of serving."""
    code = pathlib.Path(folder) / "forest"
    code.mkdir()
    (code / "train.py").write_text(TRAIN)
    (code / "tradewind.yaml").write_text(WORKLOAD)
    (code / "requirements.txt").write_text("scikit-learn==1.7.2\nnumpy==2.2.6\n")
    server.tradewind("run", str(code))
    server.tradewind("deploy", "native", "forest:1")
    server.tradewind("deploy", "python", "forest:1", "--no-native")
    server.tradewind("deploy", "batching", "forest:1", "--no-native", "--batch", "64")
