"""Lambda steps of pipelines, and versions of pipelines."""

import pytest

from aws.test_lambda import packed
from aws.test_pipelines import fail, refused
from harness.pipelines import Pipelines

HANDLER = """
def handler(event, context):
    print("called with", event)
    if event.get("fail"):
        raise ValueError("told to")
    return {"verdict": "good", "count": event["count"] * 2, "ratio": 0.5, "other": [1]}
"""


@pytest.fixture
def pipelines(aws, name):
    return Pipelines(aws, name)


@pytest.fixture
def function(aws, name):
    client = aws("lambda")
    arn = client.create_function(
        FunctionName=name,
        Runtime="python3.11",
        Role="arn:aws:iam::123456789012:role/lambda",
        Handler="app.handler",
        Code={"ZipFile": packed(app=HANDLER)},
        Timeout=20,
    )["FunctionArn"]
    client.get_waiter("function_active_v2").wait(FunctionName=name)
    yield arn
    client.delete_function(FunctionName=name)


def step(name, arn, arguments, outputs=(), **more):
    return {
        "Name": name,
        "Type": "Lambda",
        "FunctionArn": arn,
        "Arguments": arguments,
        "OutputParameters": [
            {"OutputName": output, "OutputType": kind} for output, kind in outputs
        ],
        **more,
    }


def equals(left, right):
    return {"Type": "Equals", "LeftValue": left, "RightValue": right}


def test_a_function_decides(pipelines, function):
    outputs = [("verdict", "String"), ("count", "Integer"), ("ratio", "Float")]
    call = step("Call", function, {"count": {"Get": "Parameters.Count"}}, outputs)
    again = step(
        "Again", {"Get": "Parameters.Function"},
        {"count": {"Get": "Steps.Call.OutputParameters['count']"}}, [("count", "Integer")],
    )
    choose = {
        "Name": "Choose",
        "Type": "Condition",
        "Arguments": {
            "Conditions": [
                equals({"Get": "Steps.Call.OutputParameters['verdict']"}, "good"),
                equals({"Get": "Steps.Call.OutputParameters['count']"}, 6),
            ],
            "IfSteps": [again],
            "ElseSteps": [fail()],
        },
    }
    parameters = [
        {"Name": "Count", "Type": "Integer", "DefaultValue": 3},
        {"Name": "Function", "Type": "String", "DefaultValue": function},
    ]
    pipelines.create([call, choose], parameters)
    arn = pipelines.start()
    assert pipelines.wait(arn)["PipelineExecutionStatus"] == "Succeeded", pipelines.steps(arn)
    steps = pipelines.steps(arn)
    found = steps["Call"]["Metadata"]["Lambda"]
    assert found["Arn"] == function
    assert {each["Name"]: each["Value"] for each in found["OutputParameters"]} == {
        "verdict": "good", "count": "6", "ratio": "0.5",
    }
    (twice,) = steps["Again"]["Metadata"]["Lambda"]["OutputParameters"]
    assert twice == {"Name": "count", "Value": "12"}


def test_a_function_that_fails_fails_its_step(pipelines, function):
    pipelines.create([step("Call", function, {"fail": True})])
    arn = pipelines.start()
    assert pipelines.wait(arn)["PipelineExecutionStatus"] == "Failed"
    assert "told to" in pipelines.steps(arn)["Call"]["FailureReason"]


def test_what_a_function_does_not_answer(pipelines, function, name):
    missing = step("Missing", function, {"count": 1}, [("nothing", "String")])
    nobody = step("Nobody", function + "-none", {}, DependsOn=[])
    pipelines.create([missing, nobody])
    arn = pipelines.start()
    assert pipelines.wait(arn)["PipelineExecutionStatus"] == "Failed"
    reasons = [
        step.get("FailureReason", "") for step in pipelines.steps(arn).values()
    ]
    assert any("`nothing`" in reason or "not found" in reason for reason in reasons), reasons


def test_each_update_is_a_version(pipelines, name):
    client = pipelines.client
    arn = pipelines.create([fail(message="first")])
    updated = client.update_pipeline(
        PipelineName=name, PipelineDefinition=pipelines.define([fail(message="second")])
    )
    assert updated["PipelineVersionId"] == 2
    listed = client.list_pipeline_versions(PipelineName=name)["PipelineVersionSummaries"]
    assert [each["PipelineVersionId"] for each in listed] == [2, 1]
    assert "first" in client.describe_pipeline(PipelineName=name, PipelineVersionId=1)[
        "PipelineDefinition"
    ]
    assert "second" in client.describe_pipeline(PipelineName=name)["PipelineDefinition"]
    client.update_pipeline_version(
        PipelineArn=arn, PipelineVersionId=1, PipelineVersionDisplayName="the-first",
        PipelineVersionDescription="how it began",
    )
    found = client.describe_pipeline(PipelineName=name, PipelineVersionId=1)
    assert found["PipelineVersionDisplayName"] == "the-first"
    for more, number, message in (({"PipelineVersionId": 1}, 1, "first"), ({}, 2, "second")):
        execution = pipelines.start(**more)
        ended = pipelines.wait(execution)
        assert ended["PipelineVersionId"] == number
        assert message in ended["FailureReason"]
    refused(lambda: pipelines.start(PipelineVersionId=7), "ResourceNotFound")
    refused(
        lambda: client.describe_pipeline(PipelineName=name, PipelineVersionId=7),
        "ResourceNotFound",
    )
    client.delete_pipeline(PipelineName=name, ClientRequestToken="t" * 32)
    pipelines.create([fail(message="anew")])
    listed = client.list_pipeline_versions(PipelineName=name)["PipelineVersionSummaries"]
    assert [each["PipelineVersionId"] for each in listed] == [1]
