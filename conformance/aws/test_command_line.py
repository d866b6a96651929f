"""The AWS command line client, as PyPI has it, under `tradewind exec`."""

import json

import pytest

import prepare


@pytest.fixture
def cli(server):
    """Runs `aws …`; what it printed, as JSON when it is."""

    def run(*words, fails=False):
        python = prepare.python("harness")
        done = server.tradewind("exec", "--", python, "-m", "awscli", *words, check=False)
        shown = f"{words}: {done.stdout}\n{done.stderr}"
        assert (done.returncode != 0) == fails, shown
        if fails:
            return done.stderr
        try:
            return json.loads(done.stdout)
        except ValueError:
            return done.stdout

    return run


def test_objects(cli, server, name):
    """Folders up and down, a large file in parts, a presigned URL, and all of it away again."""
    cli("s3", "mb", f"s3://{name}")
    folder = server.folder / f"up-{name}"
    (folder / "a").mkdir(parents=True)
    (folder / "a" / "small.txt").write_text("small")
    (folder / "large.bin").write_bytes(bytes(range(256)) * (80 << 10))
    cli("s3", "cp", "--recursive", "--quiet", folder, f"s3://{name}/up")
    listed = cli("s3", "ls", "--recursive", f"s3://{name}/")
    assert [line.split()[2:] for line in listed.splitlines()] == [
        ["5", "up/a/small.txt"],
        [str(20 << 20), "up/large.bin"],
    ]
    down = server.folder / f"down-{name}"
    cli("s3", "sync", "--quiet", f"s3://{name}/up", down)
    assert (down / "large.bin").read_bytes() == (folder / "large.bin").read_bytes()
    assert (down / "a" / "small.txt").read_text() == "small"
    assert cli("s3", "cp", f"s3://{name}/up/a/small.txt", "-") == "small"
    cli("s3", "mv", f"s3://{name}/up/a/small.txt", f"s3://{name}/moved.txt")
    cli("s3", "rb", "--force", f"s3://{name}")
    assert "NoSuchBucket" in cli("s3", "ls", f"s3://{name}", fails=True)


def test_services(cli):
    identity = cli("sts", "get-caller-identity")
    assert ":assumed-role/" in identity["Arn"]
    assert cli("sagemaker", "list-endpoints")["Endpoints"] is not None
    refused = cli("sagemaker", "describe-training-job", "--training-job-name", "none", fails=True)
    assert "ValidationException" in refused


def test_costs(cli, name):
    period = "Start=2026-01-01,End=2026-02-01"
    asked = ("--time-period", period, "--granularity", "MONTHLY", "--metrics", "BlendedCost")
    by = ("--group-by", "Type=DIMENSION,Key=SERVICE")
    (month,) = cli("ce", "get-cost-and-usage", *asked, *by)["ResultsByTime"]
    assert month["TimePeriod"] == {"Start": "2026-01-01", "End": "2026-02-01"}
    account = cli("sts", "get-caller-identity")["Account"]
    limit = "BudgetLimit={Amount=10,Unit=USD},TimeUnit=MONTHLY,BudgetType=COST"
    tag = f"CostFilters={{TagKeyValue=user:team${name}}}"
    cli("budgets", "create-budget", "--account-id", account, "--budget",
        f"BudgetName={name},{limit},{tag}")
    (own,) = [one for one in cli("budgets", "describe-budgets", "--account-id", account)["Budgets"]
              if one["BudgetName"] == name]
    assert float(own["BudgetLimit"]["Amount"]) == 10
    cli("budgets", "delete-budget", "--account-id", account, "--budget-name", name)
    assert "Reservations" in cli("ec2", "describe-instances")
    (found,) = cli("ec2", "describe-instance-types", "--instance-types", "m5.large")["InstanceTypes"]
    assert found["VCpuInfo"]["DefaultVCpus"] == 2
    refused = cli("ec2", "run-instances", "--image-id", "ami-1", fails=True)
    assert "UnsupportedOperation" in refused
    cli("cloudwatch", "put-metric-alarm", "--alarm-name", name, "--namespace", name,
        "--metric-name", "m", "--statistic", "Average", "--period", "60", "--evaluation-periods", "1",
        "--threshold", "1", "--comparison-operator", "GreaterThanThreshold")
    (alarm,) = cli("cloudwatch", "describe-alarms", "--alarm-names", name)["MetricAlarms"]
    assert alarm["StateValue"] == "INSUFFICIENT_DATA"
    cli("cloudwatch", "delete-alarms", "--alarm-names", name)
