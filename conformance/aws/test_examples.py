"""The examples, as their README says: `tradewind exec -- python program.py`, nothing between."""

import re

import pytest

import prepare
from harness.server import ROOT, Server


@pytest.fixture
def server():
    """One of its own, so that nothing is there but the example's."""
    with Server() as running:
        yield running
        assert not running.panics()


def ran(server, example):
    program = ROOT / "examples" / example / "program.py"
    return server.tradewind("exec", "--", prepare.python("sagemaker2"), program).stdout


def test_sagemaker_sklearn(server):
    out = ran(server, "sagemaker-sklearn")
    accuracy = re.search(r"^job      diabetes-\S+ Completed, r2 ([\d.]+)$", out, re.M)
    assert accuracy, out
    assert float(accuracy[1]) > 0.7
    assert re.search(r"^model    s3://\S+/output/model.tar.gz$", out, re.M), out
    npy, csv = (re.search(rf"^{form}      (\[.+\])$", out, re.M) for form in ("npy", "csv"))
    assert npy and npy[1] == csv[1], out


def test_sagemaker_pipeline(server):
    out = ran(server, "sagemaker-pipeline")
    assert out.count(": Succeeded") == 2, out
    assert re.search(r"Split +Succeeded from the cache", out), out
    assert re.findall(r"^registered: (\S+)", out, re.M) == ["wine/1", "wine/2"], out
