"""Training jobs and endpoints through boto3, with their logs, metrics, paging and errors."""

import json

import botocore.config
import botocore.exceptions
import pytest

from harness.aws import HELLO, TRIPLE

def refused(call, code):
    with pytest.raises(botocore.exceptions.ClientError) as raised:
        call()
    assert raised.value.response["Error"]["Code"] == code, raised.value
    return raised.value.response["Error"]["Message"]


def test_a_job_and_its_log(aws, name, server):
    metric = {"Name": "accuracy", "Regex": "accuracy=([0-9.]+);"}
    request = aws.training(name, HELLO)
    request["AlgorithmSpecification"]["MetricDefinitions"] = [metric]
    request["Tags"] = [{"Key": "team", "Value": "flowers"}]
    request["ResourceConfig"]["KeepAlivePeriodInSeconds"] = 60
    sagemaker = aws("sagemaker")
    arn = sagemaker.create_training_job(**request)["TrainingJobArn"]
    job = aws.trained(name)
    assert job["TrainingJobStatus"] == "Completed", job
    assert job["TrainingJobArn"] == arn
    warm = {"Status": "Terminated", "ResourceRetainedBillableTimeInSeconds": 0}
    assert job["WarmPoolStatus"] == warm, "nothing is kept warm, and it says so"
    for given in ("HyperParameters", "ResourceConfig", "StoppingCondition", "RoleArn"):
        assert job[given] == request[given]
    metrics = {m["MetricName"]: m["Value"] for m in job["FinalMetricDataList"]}
    assert metrics["accuracy"] == 0.75
    states = [transition["Status"] for transition in job["SecondaryStatusTransitions"]]
    assert states[0] == "Starting"
    assert states[-1] == "Completed"
    assert job["CreationTime"] <= job["TrainingStartTime"] <= job["TrainingEndTime"]
    assert job["TrainingTimeInSeconds"] >= 0
    assert sagemaker.list_tags(ResourceArn=arn)["Tags"] == request["Tags"]

    logs = aws("logs")
    group = "/aws/sagemaker/TrainingJobs"
    streams = logs.describe_log_streams(logGroupName=group, logStreamNamePrefix=f"{name}/")
    (stream,) = [each["logStreamName"] for each in streams["logStreams"]]
    assert stream.startswith(f"{name}/algo-1-")
    found = logs.get_log_events(logGroupName=group, logStreamName=stream, startFromHead=True)
    lines = [event["message"] for event in found["events"]]
    assert "hello from algo-1" in lines
    assert "to the other stream" in lines
    times = [event["timestamp"] for event in found["events"]]
    assert times == sorted(times)
    # The end of the stream: the same token again, and nothing more.
    more = logs.get_log_events(
        logGroupName=group, logStreamName=stream, nextToken=found["nextForwardToken"]
    )
    assert (more["events"], more["nextForwardToken"]) == ([], found["nextForwardToken"])
    # One page at a time it is the same.
    pages, token = [], None
    while True:
        more = {"nextToken": token} if token else {"startFromHead": True}
        page = logs.get_log_events(logGroupName=group, logStreamName=stream, limit=1, **more)
        if page["nextForwardToken"] == token:
            break
        pages += [event["message"] for event in page["events"]]
        token = page["nextForwardToken"]
    assert pages == lines
    filtered = logs.filter_log_events(
        logGroupName=group, logStreamNamePrefix=f"{name}/", filterPattern="hello"
    )
    assert [event["message"] for event in filtered["events"]] == ["hello from algo-1"]
    refused(
        lambda: logs.get_log_events(logGroupName="/aws/sagemaker/None", logStreamName="x"),
        "ResourceNotFoundException",
    )


def test_names_states_and_pages(aws, name):
    sagemaker = aws("sagemaker")
    made = [f"{name}-{number}" for number in range(5)]
    for each in made:
        sagemaker.create_training_job(**aws.training(each, HELLO))
    text = refused(
        lambda: sagemaker.create_training_job(**aws.training(made[0], HELLO)), "ResourceInUse"
    )
    assert "already exist" in text
    pages = sagemaker.get_paginator("list_training_jobs").paginate(
        NameContains=name, SortBy="Name", SortOrder="Ascending", PaginationConfig={"PageSize": 2}
    )
    listed = [page["TrainingJobSummaries"] for page in pages]
    assert [len(page) for page in listed] == [2, 2, 1]
    assert [job["TrainingJobName"] for page in listed for job in page] == made
    for each in made:
        assert aws.trained(each)["TrainingJobStatus"] == "Completed"
    done = sagemaker.list_training_jobs(NameContains=name, StatusEquals="Completed")
    assert len(done["TrainingJobSummaries"]) == 5
    failed = sagemaker.list_training_jobs(NameContains=name, StatusEquals="Failed")
    assert failed["TrainingJobSummaries"] == []
    text = refused(
        lambda: sagemaker.describe_training_job(TrainingJobName="none"), "ValidationException"
    )
    assert "not found" in text.lower() or "could not find" in text.lower()


def test_stop(aws, name):
    sagemaker = aws("sagemaker")
    script = "import time\nprint('on', flush=True)\nwhile True: time.sleep(0.1)\n"
    sagemaker.create_training_job(**aws.training(name, script))
    aws.server.until(
        "it trains",
        lambda: sagemaker.describe_training_job(TrainingJobName=name)["SecondaryStatus"]
        == "Training",
    )
    sagemaker.stop_training_job(TrainingJobName=name)
    assert aws.trained(name)["TrainingJobStatus"] == "Stopped"


@pytest.mark.parametrize(
    ("change", "found"),
    [
        ({"TrainingJobName": "-no-"}, "trainingJobName"),
        ({"RoleArn": "nobody"}, "roleArn"),
        ({"ResourceConfig": {"InstanceType": "ml.none.large", "InstanceCount": 1, "VolumeSizeInGB": 1}}, "instanceType"),
        ({"StoppingCondition": {"MaxRuntimeInSeconds": 0}}, "maxRuntimeInSeconds"),
    ],
)
def test_what_the_model_forbids_is_refused(aws, session, endpoint, name, change, found):
    """Through a client that does not check by itself."""
    config = botocore.config.Config(parameter_validation=False, retries={"total_max_attempts": 1})
    sagemaker = session.client("sagemaker", endpoint_url=endpoint, config=config)
    text = refused(
        lambda: sagemaker.create_training_job(**(aws.training(name, HELLO) | change)),
        "ValidationException",
    )
    assert found in text
    assert "failed to satisfy constraint" in text


def test_an_image_of_nobody_is_refused_or_says_so(aws, name):
    request = aws.training(name, HELLO)
    request["AlgorithmSpecification"]["TrainingImage"] = "example.com/nobody/knows:1"
    try:
        aws("sagemaker").create_training_job(**request)
    except botocore.exceptions.ClientError as error:
        assert error.response["Error"]["Code"] == "ValidationException"
        assert "example.com/nobody/knows:1" in error.response["Error"]["Message"]
        return
    job = aws.trained(name)
    assert job["TrainingJobStatus"] == "Failed"
    assert "example.com/nobody/knows:1" in job["FailureReason"]


def test_an_endpoint(aws, name):
    job = aws.train(f"{name}-t", HELLO)
    aws.serve(name, job["ModelArtifacts"]["S3ModelArtifacts"], TRIPLE)
    sagemaker, runtime = aws("sagemaker"), aws("sagemaker-runtime")
    asked = runtime.invoke_endpoint(
        EndpointName=name,
        Body=b"14",
        ContentType="application/json",
        Accept="application/json",
        CustomAttributes="c=1",
        InferenceId="one",
    )
    assert json.loads(asked["Body"].read()) == 42
    assert asked["ContentType"] == "application/json"
    assert asked["InvokedProductionVariant"] == "AllTraffic"
    failed = refused(
        lambda: runtime.invoke_endpoint(
            EndpointName=name, Body=b'"fail"', ContentType="application/json"
        ),
        "ModelError",
    )
    assert "no number" in failed
    text = refused(
        lambda: runtime.invoke_endpoint(EndpointName="nowhere", Body=b"1"), "ValidationError"
    )
    assert "nowhere" in text

    logs = aws("logs")
    aws.server.until(
        "the endpoint's log has the print",
        lambda: [
            event
            for event in logs.filter_log_events(logGroupName=f"/aws/sagemaker/Endpoints/{name}")[
                "events"
            ]
            if "asked for 14" in event["message"]
        ],
    )
    described = sagemaker.describe_endpoint(EndpointName=name)
    (variant,) = described["ProductionVariants"]
    assert (variant["CurrentWeight"], variant["CurrentInstanceCount"]) == (1.0, 1)
    assert "already exist" in refused(
        lambda: sagemaker.create_endpoint(EndpointName=name, EndpointConfigName=name),
        "ValidationException",
    )
    aws.gone(name)
    refused(lambda: sagemaker.describe_endpoint(EndpointName=name), "ValidationException")
    # What it printed outlives it, until it is deleted.
    group = f"/aws/sagemaker/Endpoints/{name}"
    kept = logs.filter_log_events(logGroupName=group, filterPattern="asked")["events"]
    assert [event["message"] for event in kept] == ["asked for 14", "asked for fail"]
    logs.delete_log_group(logGroupName=group)
    refused(
        lambda: logs.describe_log_streams(logGroupName=group), "ResourceNotFoundException"
    )


def test_an_update_without_a_failed_request(aws, name):
    """The second model answers after the update; between, every request is answered."""
    quadruple = HELLO.replace("json.dump(3", "json.dump(4")
    urls = {
        factor: aws.train(f"{name}-{factor}", script)["ModelArtifacts"]["S3ModelArtifacts"]
        for factor, script in ((3, HELLO), (4, quadruple))
    }
    aws.serve(name, urls[3], TRIPLE)
    sagemaker, runtime = aws("sagemaker"), aws("sagemaker-runtime")
    container = sagemaker.describe_model(ModelName=name)["PrimaryContainer"]
    second = f"{name}-second"
    sagemaker.create_model(
        ModelName=second,
        ExecutionRoleArn=aws.role,
        PrimaryContainer=container | {"ModelDataUrl": urls[4]},
    )
    variant = {"VariantName": "AllTraffic", "ModelName": second, "InstanceType": "ml.m5.large"}
    sagemaker.create_endpoint_config(
        EndpointConfigName=second, ProductionVariants=[variant | {"InitialInstanceCount": 1}]
    )
    sagemaker.update_endpoint(EndpointName=name, EndpointConfigName=second)
    answers = set()

    def both():
        found = runtime.invoke_endpoint(
            EndpointName=name, Body=b"10", ContentType="application/json"
        )
        answers.add(json.loads(found["Body"].read()))
        return 40 in answers

    aws.server.until("the second model answers", both)
    assert answers <= {30, 40}
    found = aws.in_service(name)
    assert found["EndpointConfigName"] == second
    sagemaker.delete_endpoint(EndpointName=name)


def test_a_job_is_deleted_when_it_is_over(aws, name):
    sagemaker = aws("sagemaker")
    script = "import time\nprint('on', flush=True)\nwhile True: time.sleep(0.1)\n"
    tags = [{"Key": "team", "Value": "flowers"}]
    request = aws.training(name, script, Tags=tags)
    arn = sagemaker.create_training_job(**request)["TrainingJobArn"]
    text = refused(
        lambda: sagemaker.delete_training_job(TrainingJobName=name), "ValidationException"
    )
    assert "status" in text
    sagemaker.stop_training_job(TrainingJobName=name)
    aws.trained(name)
    sagemaker.delete_training_job(TrainingJobName=name)
    refused(lambda: sagemaker.describe_training_job(TrainingJobName=name), "ValidationException")
    assert sagemaker.list_training_jobs(NameContains=name)["TrainingJobSummaries"] == []
    assert sagemaker.list_tags(ResourceArn=arn)["Tags"] == []
    # The name is free again.
    sagemaker.create_training_job(**aws.training(name, HELLO))
    assert aws.trained(name)["TrainingJobStatus"] == "Completed"
