"""Predictions by clients that are not a cloud's: gRPC and Arrow."""

import json
import subprocess

import pytest

import prepare
from harness.server import PATIENCE

WORKLOAD = """
name: {name}
script: train.py
environment: {{requirements: requirements.txt}}
model: {{name: {name}, handler: handler.py}}
endpoint: {{name: {name}}}
"""
TRAIN = "import os, pathlib\n(pathlib.Path(os.environ['SM_MODEL_DIR']) / 'm.txt').write_text('m')\n"
SUMS = "def predict(model, rows):\n    return [float(sum(row)) for row in rows]\n"
WORDS = "def predict(model, rows):\n    return [row.upper() for row in rows]\n"


@pytest.fixture
def deploy(server, name):
    """Puts a handler behind an endpoint; its name."""

    def make(suffix, handler, requirements=""):
        folder = server.folder / f"{name}-{suffix}"
        folder.mkdir()
        files = {"tradewind.yaml": WORKLOAD.format(name=folder.name), "train.py": TRAIN, "handler.py": handler, "requirements.txt": requirements}
        for file, text in files.items():
            (folder / file).write_text(text)
        server.tradewind("run", folder)
        return folder.name

    return make


def program(name, *arguments):
    """What a program of the environment `inference` says."""
    script = prepare.HERE / "programs" / f"{name}.py"
    command = [prepare.python("inference"), script, *arguments]
    return json.loads(subprocess.check_output(command, timeout=PATIENCE, text=True))


def test_tritonclient_speaks_grpc(server, deploy):
    sums, words = deploy("sums", SUMS), deploy("words", WORDS)
    said = program("triton", server.address.removeprefix("http://"), server.key, sums, words)
    assert (said["live"], said["ready"], said["model_ready"]) == (True, True, True)
    assert said["server"]["name"] == "tradewind"
    assert said["model"]["name"] == sums and said["model"]["versions"] == ["v1"]
    assert said["sums"] == [3.5, -1.0] and said["single"] == [3.5, -1.0]
    assert said["response"] == ["seven", sums, "v1"]
    assert said["words"] == ["AB", "Ä"]
    assert said["nobody"][0] == "StatusCode.NOT_FOUND" and "nobody" in said["nobody"][1]
    assert said["wrong"][0] == "StatusCode.INTERNAL" and "handler.py" in said["wrong"][1]
    assert said["stranger"][0] == "StatusCode.UNAUTHENTICATED"
    assert said["unserved"][0] == "StatusCode.UNIMPLEMENTED"


def test_tables_travel_as_arrow(server, deploy):
    sums = deploy("arrow", SUMS, "pyarrow==26.0.1\n")
    address = f"{server.address}/api/v1/endpoints/{sums}/predict"
    stream, file, wrong = program("arrow", address, server.key)
    assert stream == ["application/vnd.apache.arrow.stream", {"prediction": [2.5, 4.5]}]
    assert file == stream
    assert wrong[0] == 400 and "Arrow" in wrong[1]
