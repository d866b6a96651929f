"""The examples, as their README says: `tradewind exec -- python program.py`, nothing between."""

import re

import boto3
import pytest

import prepare
from harness.aws import BUSY, Aws
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


def test_cost_report(server):
    """An ordinary program of boto3 over a bill of four days, while a job keeps a processor busy."""
    cloud = server.cloud()
    keys = {
        "aws_access_key_id": cloud["AWS_ACCESS_KEY_ID"],
        "aws_secret_access_key": cloud["AWS_SECRET_ACCESS_KEY"],
        "region_name": cloud["AWS_DEFAULT_REGION"],
    }
    aws = Aws(
        lambda service: boto3.client(service, endpoint_url=server.address, **keys),
        cloud,
        "report",
        server,
    )
    aws("sagemaker").create_training_job(**aws.training("report", BUSY))
    running = [{"Name": "instance-state-name", "Values": ["running"]}]
    server.until(
        "the job runs", lambda: aws("ec2").describe_instances(Filters=running)["Reservations"], 0.2
    )
    lines = ["BilledCost,EffectiveCost,BillingCurrency,BillingAccountId,ChargePeriodStart,"
             "ChargeCategory,ProviderName,ServiceName,RegionId,ConsumedQuantity,Tags"]
    for day in range(1, 5):
        start = f"2026-06-0{day}T00:00:00Z"
        tags = '"{""team"": ""search""}"'
        lines.append(f"12,12,USD,77,{start},Usage,AWS,Amazon SageMaker,us-east-1,3,{tags}")
        lines.append(f"0.5,0.5,USD,77,{start},Usage,AWS,Amazon S3,us-east-1,3,")
    bill = server.folder / "june.csv"
    bill.write_text("\n".join(lines) + "\n")
    server.tradewind("costs", "import", bill)
    program = ROOT / "examples" / "cost-report" / "program.py"
    python = prepare.python("harness")
    out = server.tradewind("exec", "--", python, program, "--end", "2026-06-05", "--days", "4").stdout
    assert len(re.findall(r"^  2026-06-0\d  Amazon SageMaker +search +12.0000 USD$", out, re.M)) == 4
    assert len(re.findall(r"^  2026-06-0\d  Amazon S3 +- +0.5000 USD$", out, re.M)) == 4
    assert "  total 50.0000\n" in out and "no machine is too large or idle" in out, out
    shown = r"^  i-[0-9a-f]{17} m5.large report: average ([\d.]+) %, maximum [\d.]+ %$"
    busy = re.search(shown, out, re.M)
    assert busy and float(busy[1]) > 5, out
    aws("sagemaker").stop_training_job(TrainingJobName="report")
    assert aws.trained("report")["TrainingJobStatus"] == "Stopped"
