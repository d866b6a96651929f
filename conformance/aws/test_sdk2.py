"""Programs of the second SageMaker SDK, from estimator to feature store."""

import re

IRIS = [0, 1, 2]


def test_estimator(server, program, judge, name):
    """fit, deploy, predict in three forms, delete: nothing but what `tradewind exec` sets."""
    found = program("sagemaker2", "estimator.py", name)
    job = found["described"]
    assert re.fullmatch(r"arn:aws:iam::\d{12}:role/.+", found["role"])
    assert job["TrainingJobStatus"] == "Completed"
    assert job["SecondaryStatus"] == "Completed"
    assert [m for m in job["FinalMetricDataList"] if m["MetricName"] == "accuracy"]
    assert job["HyperParameters"]["criterion"] == '"entropy"'
    assert job["Environment"] == {"FLOWERS": "iris"}
    assert found["model"] == f"s3://{found['bucket']}/{name}/output/model.tar.gz"
    assert found["labels"] == IRIS
    assert found["npy"] == IRIS
    assert [word for row in found["csv"] for word in row] in (["0", "1", "2"],)
    assert found["json"] == IRIS
    assert found["left"] == []

    calls = judge.calls()
    for call in ("sts.GetCallerIdentity", "iam.GetRole", "logs.GetLogEvents", "s3.PutObject"):
        assert call in calls, calls
    hosts = {exchange.host for exchange in judge.exchanges()}
    assert "api.sagemaker.us-east-1.amazonaws.com" in hosts
    assert not [host for host in hosts if host is None], "everything came through the proxy"

    jobs = server.request("GET", "/jobs?limit=500")["items"]
    assert [job for job in jobs if name in str(job)], "the native API knows the job"


def test_failing_script(program, name):
    found = program("sagemaker2", "failing.py", name)
    job = found["described"]
    assert found["raised"]["status"] == "Failed"
    assert job["TrainingJobStatus"] == job["SecondaryStatus"] == "Failed"
    assert "the column `price` is missing" in job["FailureReason"]
    assert job["FailureReason"] in found["raised"]["message"]


def test_pipeline(program, judge, name):
    found = program("sagemaker2", "pipeline.py", name)
    assert found["first"]["PipelineArn"] == found["second"]["PipelineArn"]
    assert "sagemaker.UpdatePipeline" in judge.calls()
    assert found["described"]["PipelineDescription"] == "flowers, again"

    passed = found["passed"]
    assert passed["described"]["PipelineExecutionStatus"] == "Succeeded", passed
    steps = {step["StepName"]: step for step in passed["steps"]}
    assert {step["StepStatus"] for step in steps.values()} == {"Succeeded"}
    assert {"Split", "Train", "Evaluate", "GoodEnough"} < set(steps)
    assert "NotGoodEnough" not in steps
    assert steps["GoodEnough"]["Metadata"]["Condition"]["Outcome"] == "True"
    (registered,) = [s for s in steps.values() if "RegisterModel" in s["Metadata"]]
    arns = [package["ModelPackageArn"] for package in found["packages"]]
    assert arns == [registered["Metadata"]["RegisterModel"]["Arn"]]
    assert found["packages"][0]["ModelApprovalStatus"] == "PendingManualApproval"

    failed = found["failed"]
    assert failed["described"]["PipelineExecutionStatus"] == "Failed"
    assert failed["raised"]
    steps = {step["StepName"]: step for step in failed["steps"]}
    assert steps["GoodEnough"]["Metadata"]["Condition"]["Outcome"] == "False"
    assert steps["NotGoodEnough"]["Metadata"]["Fail"]["ErrorMessage"] == "the accuracy is below 1.5"
    first = passed["described"]["PipelineExecutionArn"]
    cached = steps["Split"]["CacheHitResult"]["SourcePipelineExecutionArn"]
    assert cached == first, "the step was taken from the first execution"
    assert len(found["executions"]) == 2


def test_tuner(program, name):
    found = program("sagemaker2", "tuner.py", name)
    described = found["described"]
    assert described["HyperParameterTuningJobStatus"] == "Completed"
    assert described["TrainingJobStatusCounters"]["Completed"] == 4
    trials = found["trials"]
    assert len(trials) == 4
    assert {trial["TrainingJobStatus"] for trial in trials} == {"Completed"}
    values = {t["TrainingJobName"]: float(t["FinalObjectiveValue"]) for t in trials}
    assert values[found["best"]] == max(values.values())
    # The SDK sends choices as JSON, within quotes of their own.
    assert {"1", "4"} >= {t["max_depth"].strip('"') for t in trials}
    assert all(1 <= float(t["n_estimators"]) <= 12 for t in trials)


def test_transform(program, name):
    found = program("sagemaker2", "transform.py", name)
    assert found["described"]["TransformJobStatus"] == "Completed"
    assert [file.rpartition("/")[2] for file in found["files"]] == ["iris.csv.out"]
    predictions = [int(float(word)) for word in found["predictions"]]
    assert len(predictions) == 150
    assert predictions[:3] == [0, 0, 0]
    assert predictions[-1] == 2


def test_processing(program, name):
    found = program("sagemaker2", "processing.py", name)
    assert found["described"]["ProcessingJobStatus"] == "Completed"
    assert found["rows"] == {"train": 120, "test": 30}


def test_registry(program, name):
    found = program("sagemaker2", "registry.py", name)
    assert found["arn"].endswith(f":model-package/{name}/1")
    assert found["pending"]["ModelApprovalStatus"] == "PendingManualApproval"
    assert found["pending"]["CustomerMetadataProperties"] == {"colour": "violet"}
    assert [package["ModelPackageArn"] for package in found["approved"]] == [found["arn"]]
    assert [int(float(word)) for row in found["predictions"] for word in row] == found["labels"]
    assert found["groups"] == []


def test_features(program, name):
    found = program("sagemaker2", "features.py", name)
    assert found["described"]["FeatureGroupStatus"] == "Created"
    kinds = {f["FeatureName"]: f["FeatureType"] for f in found["described"]["FeatureDefinitions"]}
    assert kinds == {"id": "Integral", "colour": "String", "height": "Fractional", "ts": "Fractional"}
    record = {f["FeatureName"]: f["ValueAsString"] for f in found["one"]}
    assert record["colour"] == "blue"
    assert float(record["height"]) == 2.25
    assert {f["FeatureName"]: f["ValueAsString"] for f in found["some"]} == {
        "colour": "violet",
        "height": "3.0",
    }
    assert sorted(found["several"]) == ["1", "3"]
    assert found["gone"] is None


def test_built_in_xgboost_and_two_instances(program, name):
    """Neither has a script of its caller's to start by itself, or one machine to run on."""
    found = program("sagemaker2", "gang.py", name)
    assert [int(float(word)) for word in found["predicted"]] == found["labels"]
    left = {path.removeprefix("./"): files for path, files in found["left"].items()}
    assert left == {"algo-1.json": ["0", "2", "4"], "algo-2.json": ["1", "3"]}


def test_many_models(program, name):
    found = program("sagemaker2", "many_models.py", name)
    assert found["listed"] == ["times-3.tar.gz", "times-5.tar.gz"]
    assert found["answers"] == [21, 35]
    assert found["chained"] == 105
