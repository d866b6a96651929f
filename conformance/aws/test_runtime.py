"""Predictions that are streamed, and those that are answered later."""

import json

import pytest
from botocore.exceptions import ClientError

from harness.aws import HELLO, TRIPLE


@pytest.fixture
def endpoint_name(aws, name):
    aws.train(name, HELLO)
    aws.serve(
        name,
        f"s3://{aws.bucket}/{name}/{name}/output/model.tar.gz",
        TRIPLE,
        AsyncInferenceConfig={
            "OutputConfig": {
                "S3OutputPath": f"s3://{aws.bucket}/answers",
                "S3FailurePath": f"s3://{aws.bucket}/failures",
            }
        },
    )
    yield name
    aws.gone(name)


def test_response_stream(aws, endpoint_name):
    answer = aws("sagemaker-runtime").invoke_endpoint_with_response_stream(
        EndpointName=endpoint_name, Body=b'"ab"', ContentType="application/json"
    )
    assert answer["ContentType"] == "application/json"
    assert answer["InvokedProductionVariant"] == "AllTraffic"
    parts = [event["PayloadPart"]["Bytes"] for event in answer["Body"]]
    assert json.loads(b"".join(parts)) == "ababab"


def test_async(aws, endpoint_name):
    runtime = aws("sagemaker-runtime")

    def ask(body):
        return runtime.invoke_endpoint_async(
            EndpointName=endpoint_name,
            InputLocation=aws.put(f"questions/{body}.json", body.encode()),
            ContentType="application/json",
        )

    def read(location):
        key = location.removeprefix(f"s3://{aws.bucket}/")
        try:
            return aws("s3").get_object(Bucket=aws.bucket, Key=key)["Body"].read()
        except ClientError as error:
            assert error.response["Error"]["Code"] == "NoSuchKey"
            return None

    answers = [ask(str(number)) for number in range(5)]
    assert all(answer["InferenceId"] for answer in answers)
    for number, answer in enumerate(answers):
        got = aws.server.until("an answer", lambda a=answer: read(a["OutputLocation"]), pause=0.2)
        assert json.loads(got) == number * 3
    wrong = ask('"fail"')
    text = aws.server.until("a failure", lambda: read(wrong["FailureLocation"]), pause=0.2)
    assert b"no number" in text
    assert read(wrong["OutputLocation"]) is None


OWN_STATUS = """
class Answer:
    def __init__(self, status):
        self.status_code = status
        self.headers = {"Content-Type": "text/plain", "X-Amzn-SageMaker-Custom-Attributes": "t=1"}
    def get_data(self):
        return b"short and stout"
def model_fn(model_dir):
    return None
def input_fn(body, content_type):
    return int(body)
def predict_fn(data, model):
    return data
def output_fn(status, accept):
    return Answer(int(status))
"""


def test_a_containers_own_status(aws, name):
    """Success is an answer; any other status is a ModelError that tells the original."""
    aws.train(name, HELLO)
    aws.serve(name, f"s3://{aws.bucket}/{name}/{name}/output/model.tar.gz", OWN_STATUS)
    runtime = aws("sagemaker-runtime")

    def ask(status):
        return runtime.invoke_endpoint(
            EndpointName=name, Body=str(status), ContentType="application/json"
        )

    answer = ask(200)
    assert answer["Body"].read() == b"short and stout"
    assert answer["CustomAttributes"] == "t=1"
    for status, whose in ((418, "client"), (503, "server")):
        with pytest.raises(runtime.exceptions.ModelError) as raised:
            ask(status)
        response = raised.value.response
        assert response["ResponseMetadata"]["HTTPStatusCode"] == 424
        assert response["OriginalStatusCode"] == status
        assert response["OriginalMessage"] == "short and stout"
        assert f"Received {whose} error ({status}) from primary" in response["Error"]["Message"]
    aws.gone(name)


def test_repositories(aws):
    ecr = aws("ecr")
    found = ecr.describe_repositories(repositoryNames=["sagemaker-scikit-learn"])["repositories"]
    assert found[0]["repositoryUri"].endswith("/sagemaker-scikit-learn")
    with pytest.raises(ecr.exceptions.RepositoryNotFoundException):
        ecr.describe_repositories(repositoryNames=["nobody"])
