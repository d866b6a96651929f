"""What an endpoint's DataCaptureConfig keeps, in the places and the form of SageMaker's own."""

import json

import pytest
from botocore.exceptions import ClientError

from harness.aws import HELLO, TRIPLE


def config(aws, **more):
    return {
        "EnableCapture": True,
        "InitialSamplingPercentage": 100,
        "DestinationS3Uri": f"s3://{aws.bucket}/kept",
        "CaptureOptions": [{"CaptureMode": "Input"}, {"CaptureMode": "Output"}],
        **more,
    }


def test_requests_and_answers_are_kept(aws, name):
    aws.train(name, HELLO)
    data = f"s3://{aws.bucket}/{name}/{name}/output/model.tar.gz"
    aws.serve(name, data, TRIPLE, DataCaptureConfig=config(aws))
    described = aws("sagemaker").describe_endpoint(EndpointName=name)["DataCaptureConfig"]
    assert (described["CaptureStatus"], described["CurrentSamplingPercentage"]) == ("Started", 100)
    aws("sagemaker-runtime").invoke_endpoint(EndpointName=name, Body=b"14", ContentType="application/json")

    def kept():
        found = aws("s3").list_objects_v2(Bucket=aws.bucket, Prefix=f"kept/{name}/AllTraffic/")
        return found.get("Contents")

    [object] = aws.server.until("records are in the bucket", kept, pause=0.2)
    assert object["Key"].endswith(".jsonl")
    body = aws("s3").get_object(Bucket=aws.bucket, Key=object["Key"])["Body"].read()
    [line] = body.decode().splitlines()
    record = json.loads(line)
    assert record["captureData"]["endpointInput"]["data"] == "14"
    assert json.loads(record["captureData"]["endpointOutput"]["data"]) == 42
    assert record["eventMetadata"]["eventId"] and record["eventVersion"] == "0"
    aws.gone(name)


def test_what_is_not_served_is_refused(aws, judge, name):
    judge.expects_refusals = True
    aws.train(name, HELLO)
    with pytest.raises(ClientError, match="KmsKeyId"):
        aws.serve(
            name,
            f"s3://{aws.bucket}/{name}/{name}/output/model.tar.gz",
            TRIPLE,
            DataCaptureConfig=config(aws, KmsKeyId="alias/mine"),
        )
    aws("sagemaker").delete_model(ModelName=name)
