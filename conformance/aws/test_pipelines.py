"""Pipelines through boto3: order, conditions, references, cache, retries, stops, callbacks, kills."""

import json

import botocore.exceptions
import pytest

from harness.aws import HELLO, IMAGE, packed
from harness.pipelines import Pipelines


def refused(call, code):
    with pytest.raises(botocore.exceptions.ClientError) as raised:
        call()
    assert raised.value.response["Error"]["Code"] == code, raised.value
    return raised.value.response["Error"]["Message"]


@pytest.fixture
def pipelines(aws, name):
    return Pipelines(aws, name)


def fail(name="Bad", message="on purpose"):
    return {"Name": name, "Type": "Fail", "Arguments": {"ErrorMessage": message}}


REPORT = """
import json, os
os.makedirs("/opt/ml/processing/report", exist_ok=True)
with open("/opt/ml/processing/report/report.json", "w") as file:
    json.dump({"metrics": {"accuracy": {"value": 0.75}}}, file)
"""


def test_a_pipeline_from_report_to_training(pipelines, aws, name):
    report = pipelines.processing(
        "Report", REPORT, "report",
        PropertyFiles=[
            {"PropertyFileName": "R", "OutputName": "report", "FilePath": "report.json"}
        ],
    )
    uri = "Steps.Report.ProcessingOutputConfig.Outputs['report'].S3Output.S3Uri"
    channel = {
        "ChannelName": "report",
        "DataSource": {"S3DataSource": {"S3DataType": "S3Prefix", "S3Uri": {"Get": uri}}},
    }
    train = pipelines.training(
        "Train", HELLO,
        Arguments={
            "InputDataConfig": [channel],
            "HyperParameters": {"depth": {"Get": "Parameters.Depth"}},
        },
    )
    accuracy = {
        "Std:JsonGet": {
            "PropertyFile": {"Get": "Steps.Report.PropertyFiles.R"},
            "Path": "metrics.accuracy.value",
        }
    }
    choose = {
        "Name": "Choose",
        "Type": "Condition",
        "Arguments": {
            "Conditions": [
                {
                    "Type": "GreaterThanOrEqualTo",
                    "LeftValue": accuracy,
                    "RightValue": {"Get": "Parameters.Bar"},
                }
            ],
            "IfSteps": [train],
            "ElseSteps": [
                fail(message={
                    "Std:Join": {"On": " ", "Values": ["below", {"Get": "Parameters.Bar"}]}
                })
            ],
        },
    }
    parameters = [
        {"Name": "Depth", "Type": "Integer", "DefaultValue": 3},
        {"Name": "Bar", "Type": "Float", "DefaultValue": 0.5},
    ]
    arn = pipelines.create([report, choose], parameters, PipelineDescription="flowers")
    text = refused(lambda: pipelines.create([fail()]), "ValidationException")
    assert "already exists" in text
    client = pipelines.client
    described = client.describe_pipeline(PipelineName=name)
    assert described["PipelineArn"] == arn
    assert json.loads(described["PipelineDefinition"])["Steps"] == [report, choose]

    good = pipelines.start(parameters={"Depth": "7"})
    assert pipelines.wait(good)["PipelineExecutionStatus"] == "Succeeded", pipelines.steps(good)
    steps = pipelines.steps(good)
    assert set(steps) == {"Report", "Choose", "Train"}
    assert {step["StepStatus"] for step in steps.values()} == {"Succeeded"}
    assert steps["Choose"]["Metadata"]["Condition"]["Outcome"] == "True"
    trained = steps["Train"]["Metadata"]["TrainingJob"]["Arn"].rpartition("/")[2]
    assert trained.startswith("pipelines-")
    job = client.describe_training_job(TrainingJobName=trained)
    assert job["TrainingJobStatus"] == "Completed"
    assert job["HyperParameters"]["depth"] == "7"
    listed = client.list_training_jobs(NameContains=trained)["TrainingJobSummaries"]
    assert [each["TrainingJobName"] for each in listed] == [trained]
    streams = aws("logs").describe_log_streams(
        logGroupName="/aws/sagemaker/TrainingJobs", logStreamNamePrefix=f"{trained}/"
    )
    assert len(streams["logStreams"]) == 1
    values = client.list_pipeline_parameters_for_execution(PipelineExecutionArn=good)
    assert {v["Name"]: v["Value"] for v in values["PipelineParameters"]} == {
        "Depth": "7", "Bar": "0.5",
    }

    bad = pipelines.start(parameters={"Bar": "0.9"})
    assert pipelines.wait(bad)["PipelineExecutionStatus"] == "Failed"
    steps = pipelines.steps(bad)
    assert steps["Bad"]["Metadata"]["Fail"]["ErrorMessage"] == "below 0.9"
    assert "Train" not in steps
    shown = client.list_pipeline_executions(PipelineName=name, SortOrder="Ascending")
    arns = [each["PipelineExecutionArn"] for each in shown["PipelineExecutionSummaries"]]
    assert arns == [good, bad]
    assert name in [p["PipelineName"] for p in client.list_pipelines(PipelineNamePrefix=name)["PipelineSummaries"]]
    changed = client.update_pipeline(PipelineName=name, PipelineDefinition=pipelines.define([fail()]))
    assert changed["PipelineArn"] == arn
    kept = client.describe_pipeline_definition_for_execution(PipelineExecutionArn=good)
    assert json.loads(kept["PipelineDefinition"])["Steps"] == [report, choose]
    client.delete_pipeline(PipelineName=name, ClientRequestToken="d" * 32)
    refused(lambda: client.describe_pipeline(PipelineName=name), "ResourceNotFound")


def test_definitions_and_parameters_are_checked(pipelines):
    for steps, part in [
        ([], "at least one step"),
        ([{"Name": "L", "Type": "Lambda", "Arguments": {}}], "FunctionArn"),
        ([{"Name": "E", "Type": "EMR", "Arguments": {}}], "there is no EMR here"),
        ([{"Name": "Q", "Type": "QualityCheck", "Arguments": {}}], "not served"),
        ([fail(), fail()], "Duplicate step names"),
        ([fail(message={"Get": "Steps.Z.X"})], "Z"),
    ]:
        assert part in refused(lambda: pipelines.create(steps), "ValidationException")
    pipelines.create([fail()], [{"Name": "N", "Type": "Integer"}])
    for given in ({}, {"N": "x"}, {"N": "1", "M": "2"}):
        refused(lambda: pipelines.start(parameters=given), "ValidationException")


def test_one_token_starts_one_execution(pipelines):
    pipelines.create([fail()])
    first = pipelines.start(ClientRequestToken="a" * 32)
    assert pipelines.start(ClientRequestToken="a" * 32) == first
    assert pipelines.start(ClientRequestToken="b" * 32) != first


def test_cache_retry_and_selection(pipelines, aws):
    """The first step is cached, the second fails until an object is there."""
    count = "print('hello')"
    flag = f"s3://{aws.bucket}/{pipelines.name}/flag"
    channel = {
        "ChannelName": "flag",
        "DataSource": {"S3DataSource": {"S3DataType": "S3Prefix", "S3Uri": flag}},
    }
    cached = pipelines.processing("Cached", count, CacheConfig={"Enabled": True, "ExpireAfter": "P1D"})
    after = pipelines.training(
        "After", HELLO, Arguments={"InputDataConfig": [channel]}, DependsOn=["Cached"],
    )
    pipelines.create([cached, after])
    first = pipelines.start()
    ended = pipelines.wait(first)
    assert ended["PipelineExecutionStatus"] == "Failed"
    assert "After" in ended["FailureReason"]
    assert pipelines.steps(first)["After"]["FailureReason"]

    aws.put(f"{pipelines.name}/flag", b"1")
    pipelines.client.retry_pipeline_execution(
        PipelineExecutionArn=first, ClientRequestToken="r" * 32
    )
    assert pipelines.wait(first)["PipelineExecutionStatus"] == "Succeeded", pipelines.steps(first)
    second = pipelines.start()
    assert pipelines.wait(second)["PipelineExecutionStatus"] == "Succeeded"
    hit = pipelines.steps(second)["Cached"]["CacheHitResult"]
    assert hit == {"SourcePipelineExecutionArn": first}

    selected = {"SourcePipelineExecutionArn": first, "SelectedSteps": [{"StepName": "After"}]}
    third = pipelines.start(SelectiveExecutionConfig=selected)
    described = pipelines.wait(third)
    assert described["PipelineExecutionStatus"] == "Succeeded"
    assert described["SelectiveExecutionConfig"] == selected
    steps = pipelines.steps(third)
    source = steps["Cached"]["SelectiveExecutionResult"]["SourcePipelineExecutionArn"]
    assert source == first
    before = pipelines.steps(first)["After"]["Metadata"]
    assert steps["After"]["Metadata"] != before, "the selected step was done again"


def test_a_stop_ends_the_job(pipelines):
    sleepy = pipelines.training("Sleep", "import time\ntime.sleep(600)\n")
    pipelines.create([sleepy, fail("Never") | {"DependsOn": ["Sleep"]}])
    arn = pipelines.start()

    def begun():
        step = pipelines.steps(arn).get("Sleep", {})
        return step if step.get("StepStatus") == "Executing" else None

    pipelines.aws.server.until("the step executes", begun, pause=0.1)
    pipelines.client.stop_pipeline_execution(PipelineExecutionArn=arn, ClientRequestToken="s" * 32)
    assert pipelines.wait(arn)["PipelineExecutionStatus"] == "Stopped"
    step = pipelines.steps(arn)["Sleep"]
    assert step["StepStatus"] == "Stopped"
    job = step["Metadata"]["TrainingJob"]["Arn"].rpartition("/")[2]
    found = pipelines.client.describe_training_job(TrainingJobName=job)
    assert found["TrainingJobStatus"] == "Stopped"
    assert "Never" not in pipelines.steps(arn)


def test_callbacks_wait_for_their_answers(pipelines):
    ask = {
        "Name": "Ask",
        "Type": "Callback",
        "SqsQueueUrl": "https://sqs.us-east-1.amazonaws.com/123456789012/ask",
        "Arguments": {"question": "good?"},
        "OutputParameters": [{"OutputName": "answer", "OutputType": "String"}],
    }
    answer = {"Get": "Steps.Ask.OutputParameters['answer']"}
    pipelines.create([ask, fail(message={"Std:Join": {"On": ":", "Values": ["it was", answer]}})])

    def token_of(arn):
        def look():
            step = pipelines.steps(arn).get("Ask", {})
            return step.get("Metadata", {}).get("Callback", {}).get("CallbackToken")

        return pipelines.aws.server.until("the token is there", look, pause=0.1)

    arn = pipelines.start()
    token = token_of(arn)
    send = pipelines.client.send_pipeline_execution_step_success
    sent = send(CallbackToken=token, OutputParameters=[{"Name": "answer", "Value": "yes"}])
    assert sent["PipelineExecutionArn"] == arn
    pipelines.wait(arn)
    steps = pipelines.steps(arn)
    assert steps["Ask"]["StepStatus"] == "Succeeded"
    assert steps["Bad"]["Metadata"]["Fail"]["ErrorMessage"] == "it was:yes"
    refused(lambda: send(CallbackToken=token), "ResourceNotFound")

    arn = pipelines.start()
    pipelines.client.send_pipeline_execution_step_failure(
        CallbackToken=token_of(arn), FailureReason="nobody answered"
    )
    pipelines.wait(arn)
    assert pipelines.steps(arn)["Ask"]["FailureReason"] == "nobody answered"


def test_models_are_made_by_steps(pipelines, aws):
    data = aws.put(f"{pipelines.name}/model.tar.gz", packed({"factor.json": "3"}))
    model = {
        "Name": "Model",
        "Type": "Model",
        "Arguments": {
            "ExecutionRoleArn": aws.role,
            "PrimaryContainer": {"Image": IMAGE, "ModelDataUrl": data},
        },
    }
    pipelines.create([model])
    arn = pipelines.start()
    assert pipelines.wait(arn)["PipelineExecutionStatus"] == "Succeeded", pipelines.steps(arn)
    made = pipelines.steps(arn)["Model"]["Metadata"]["Model"]["Arn"].rpartition("/")[2]
    assert pipelines.client.describe_model(ModelName=made)["PrimaryContainer"]["ModelDataUrl"] == data
