"""Tuning through boto3: strategies, early stopping, best trial, warm start, stop, failures."""

import botocore.exceptions
import pytest

from harness.aws import HELLO

OVER = ("Completed", "Failed", "Stopped")

# Reports -(x - 2)² once: the best x is 2.
PARABOLA = """
import argparse
parser = argparse.ArgumentParser()
parser.add_argument("-x", type=float)
parser.add_argument("--kind", default="a")
options = parser.parse_args()
print("score=%f;" % -((options.x - 2) ** 2))
"""

# Reports x at every epoch, slowly enough to be stopped.
EPOCHS = """
import argparse, time
parser = argparse.ArgumentParser()
parser.add_argument("-x", type=float)
options = parser.parse_args()
for epoch in range(9):
    print("score=%f;" % (options.x + epoch / 1000), flush=True)
    time.sleep(1)
"""


def refused(call, code):
    with pytest.raises(botocore.exceptions.ClientError) as raised:
        call()
    assert raised.value.response["Error"]["Code"] == code, raised.value
    return raised.value.response["Error"]["Message"]


class Tuner:
    def __init__(self, aws, name):
        self.aws = aws
        self.name = name[-32:].strip("-")
        self.client = aws("sagemaker")

    def request(self, script, name=None, strategy="Random", trials=4, parallel=2, **more):
        name = name or self.name
        training = self.aws.training(name, script)
        del training["TrainingJobName"]
        training["StaticHyperParameters"] = training.pop("HyperParameters")
        training["AlgorithmSpecification"]["MetricDefinitions"] = [
            {"Name": "score", "Regex": "score=(-?[0-9.]+);"}
        ]
        ranges = more.pop("ranges", {
            "ContinuousParameterRanges": [{"Name": "x", "MinValue": "-5", "MaxValue": "5"}]
        })
        config = {
            "Strategy": strategy,
            "HyperParameterTuningJobObjective": {"Type": "Maximize", "MetricName": "score"},
            "ResourceLimits": {
                "MaxNumberOfTrainingJobs": trials, "MaxParallelTrainingJobs": parallel,
            },
            "ParameterRanges": ranges,
            "RandomSeed": 7,
            **more.pop("config", {}),
        }
        return {
            "HyperParameterTuningJobName": name,
            "HyperParameterTuningJobConfig": config,
            "TrainingJobDefinition": training,
            **more,
        }

    def create(self, script, **more):
        request = self.request(script, **more)
        self.client.create_hyper_parameter_tuning_job(**request)
        return request["HyperParameterTuningJobName"]

    def look(self, name):
        return self.client.describe_hyper_parameter_tuning_job(HyperParameterTuningJobName=name)

    def wait(self, name):
        def over():
            found = self.look(name)
            return found if found["HyperParameterTuningJobStatus"] in OVER else None

        return self.aws.server.until(f"{name} is over", over, pause=0.2)

    def trials(self, name, **more):
        return self.client.list_training_jobs_for_hyper_parameter_tuning_job(
            HyperParameterTuningJobName=name, MaxResults=100, **more
        )["TrainingJobSummaries"]


@pytest.fixture
def tuner(aws, name):
    return Tuner(aws, name)


def value(trial):
    return trial["FinalHyperParameterTuningJobObjectiveMetric"]["Value"]


def test_a_search_finds_its_best(tuner, aws):
    name = tuner.create(PARABOLA, strategy="Bayesian", trials=8, parallel=2)
    request = tuner.request(PARABOLA, strategy="Bayesian", trials=8, parallel=2)
    refused(
        lambda: tuner.client.create_hyper_parameter_tuning_job(**request), "ResourceInUse"
    )
    described = tuner.wait(name)
    assert described["HyperParameterTuningJobStatus"] == "Completed", described
    assert described["TrainingJobStatusCounters"]["Completed"] == 8
    assert described["ObjectiveStatusCounters"] == {"Succeeded": 8, "Pending": 0, "Failed": 0}
    config = request["HyperParameterTuningJobConfig"]
    assert described["HyperParameterTuningJobConfig"] == config
    trials = tuner.trials(name, SortBy="FinalObjectiveMetricValue", SortOrder="Descending")
    values = [value(trial) for trial in trials]
    assert values == sorted(values, reverse=True)
    best = described["BestTrainingJob"]
    assert best["TrainingJobName"] == trials[0]["TrainingJobName"]
    x = float(best["TunedHyperParameters"]["x"])
    assert value(best) == pytest.approx(-((x - 2) ** 2), abs=1e-4)
    assert value(best) > -0.5
    assert best["TrainingJobName"].startswith(f"{name}-0")
    job = tuner.client.describe_training_job(TrainingJobName=best["TrainingJobName"])
    assert job["HyperParameters"]["x"] == best["TunedHyperParameters"]["x"]
    assert job["TuningJobArn"] == described["HyperParameterTuningJobArn"]
    listed = tuner.client.list_hyper_parameter_tuning_jobs(NameContains=name)
    (summary,) = listed["HyperParameterTuningJobSummaries"]
    assert summary["Strategy"] == "Bayesian"

    # A second search that knows the first is good from its first trial on.
    warm = {
        "ParentHyperParameterTuningJobs": [{"HyperParameterTuningJobName": name}],
        "WarmStartType": "IdenticalDataAndAlgorithm",
    }
    second = tuner.create(
        PARABOLA, name=f"w-{name}"[:32], strategy="Bayesian", trials=1, parallel=1,
        WarmStartConfig=warm,
    )
    assert tuner.wait(second)["HyperParameterTuningJobStatus"] == "Completed"
    assert value(tuner.trials(second)[0]) > -4
    tuner.client.delete_hyper_parameter_tuning_job(HyperParameterTuningJobName=second)
    refused(lambda: tuner.look(second), "ResourceNotFound")


def test_a_grid_is_done_once(tuner):
    words = [{"Name": "x", "Values": ["1", "2"]}, {"Name": "kind", "Values": ["a", "b"]}]
    request = tuner.request(
        PARABOLA, strategy="Grid", ranges={"CategoricalParameterRanges": words}, parallel=4,
    )
    del request["HyperParameterTuningJobConfig"]["ResourceLimits"]["MaxNumberOfTrainingJobs"]
    tuner.client.create_hyper_parameter_tuning_job(**request)
    described = tuner.wait(tuner.name)
    assert described["HyperParameterTuningJobStatus"] == "Completed", described["FailureReason"]
    values = [trial["TunedHyperParameters"] for trial in tuner.trials(tuner.name)]
    assert sorted((v["x"], v["kind"]) for v in values) == [
        ("1", "a"), ("1", "b"), ("2", "a"), ("2", "b"),
    ]


def test_hyperband_stops_what_falls_behind(tuner):
    strategy = {"StrategyConfig": {"HyperbandStrategyConfig": {"MinResource": 1, "MaxResource": 9}}}
    name = tuner.create(EPOCHS, strategy="Hyperband", trials=6, parallel=6, config=strategy)
    described = tuner.wait(name)
    assert described["HyperParameterTuningJobStatus"] == "Completed"
    trials = {t["TrainingJobName"]: t for t in tuner.trials(name)}
    states = [trial["TrainingJobStatus"] for trial in trials.values()]
    assert "Stopped" in states, states
    best = described["BestTrainingJob"]["TrainingJobName"]
    assert trials[best]["TrainingJobStatus"] == "Completed"
    top = max(trials.values(), key=lambda t: float(t["TunedHyperParameters"]["x"]))
    assert top["TrainingJobName"] == best


def test_a_stop_stops_the_trials(tuner):
    name = tuner.create("import time\ntime.sleep(600)\n", trials=5, parallel=2)
    tuner.aws.server.until("two trials are there", lambda: len(tuner.trials(name)) == 2, pause=0.1)
    refused(
        lambda: tuner.client.delete_hyper_parameter_tuning_job(HyperParameterTuningJobName=name),
        "ValidationException",
    )
    tuner.client.stop_hyper_parameter_tuning_job(HyperParameterTuningJobName=name)
    described = tuner.wait(name)
    assert described["HyperParameterTuningJobStatus"] == "Stopped"
    assert described["TrainingJobStatusCounters"]["Stopped"] == 2
    assert len(tuner.trials(name)) == 2


def test_mistakes_and_failures_are_told(tuner):
    create = tuner.client.create_hyper_parameter_tuning_job
    hyperband = tuner.request(HELLO, strategy="Hyperband")
    refused(lambda: create(**hyperband), "ValidationException")
    upside = {"ContinuousParameterRanges": [{"Name": "x", "MinValue": "5", "MaxValue": "-5"}]}
    refused(lambda: create(**tuner.request(HELLO, ranges=upside)), "ValidationException")
    refused(lambda: create(**tuner.request(HELLO, strategy="Grid")), "ValidationException")
    name = tuner.create("raise ValueError('no data')\n", trials=2, parallel=2)
    described = tuner.wait(name)
    assert described["HyperParameterTuningJobStatus"] == "Failed"
    assert "no data" in described["FailureReason"]
    assert {t["TrainingJobStatus"] for t in tuner.trials(name)} == {"Failed"}
