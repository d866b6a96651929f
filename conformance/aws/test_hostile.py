"""Requests that no SDK would send, and names of what belongs to others: AWS's own errors, and
nothing is done."""

import json

import pytest
from botocore.exceptions import ClientError

from harness.aws import HELLO, TRIPLE
from harness.signing import Signer, send

# Bodies that are no map of members in CBOR (RFC 8949).
BROKEN = {
    "cut short": b"\xa1\x69Namespace",
    "a length that nothing follows": b"\x5b\xff\xff\xff\xff\xff\xff\xff\xff",
    "a list": b"\x80",
    "something behind its end": b"\xa0\xa0",
    "a name that is a number": b"\xa1\x01\x02",
    "a break without a beginning": b"\xff",
    "very deep": b"\x81" * 100_000,
    "text that is no UTF-8": b"\xa1\x69Namespace\x62\xff\xfe",
}


def told(endpoint, cloud, service, target, headers, body):
    """The answer to a signed request of any body."""
    url = endpoint + target
    signed = Signer(cloud, service).headers("POST", url, body, headers)
    status, _, answer = send("POST", url, signed, body)
    return status, answer


@pytest.mark.parametrize("body", BROKEN.values(), ids=BROKEN)
def test_broken_cbor(server, cloud, client, name, body):
    status, answer = told(
        server.address,
        cloud,
        "monitoring",
        "/service/GraniteServiceVersion20100801/operation/PutMetricData",
        {"smithy-protocol": "rpc-v2-cbor", "content-type": "application/cbor"},
        body,
    )
    assert status == 400, answer
    assert b"SerializationException" in answer, answer
    assert client("cloudwatch").list_metrics(Namespace=name)["Metrics"] == []


@pytest.mark.parametrize(
    "body", [b"{", b"[]", b'{"MaxResults": "many"}', b"\xff\xfe", b"[" * 100_000, b'{"a":' * 50_000]
)
def test_broken_json(server, cloud, body):
    headers = {
        "x-amz-target": "SageMaker.ListTrainingJobs",
        "content-type": "application/x-amz-json-1.1",
    }
    status, answer = told(server.address, cloud, "sagemaker", "/", headers, body)
    assert status == 400, answer
    assert json.loads(answer)["__type"].endswith("SerializationException"), answer


def code(call):
    with pytest.raises(ClientError) as raised:
        call()
    return raised.value.response["Error"]["Code"]


def test_names_of_another_account(aws, name):
    """An ARN says whose a thing is: one of the same name here is not meant."""
    sagemaker = aws("sagemaker")
    arn = sagemaker.create_training_job(**aws.training(name, HELLO))["TrainingJobArn"]
    account = arn.split(":")[4]
    theirs = arn.replace(f":{account}:", ":999999999999:")
    tag = {"Key": "k", "Value": "v"}
    for call in (
        lambda: sagemaker.add_tags(ResourceArn=theirs, Tags=[tag]),
        lambda: sagemaker.list_tags(ResourceArn=theirs),
        lambda: sagemaker.delete_tags(ResourceArn=theirs, TagKeys=["k"]),
    ):
        assert code(call) in ("ValidationException", "AccessDeniedException", "ResourceNotFound")
    role = f"arn:aws:iam::999999999999:role/{name}"
    assume = lambda: aws("sts").assume_role(RoleArn=role, RoleSessionName="other")
    assert code(assume) == "AccessDenied"
    key = f"arn:aws:kms:us-east-1:999999999999:key/{name}"
    describe = lambda: aws("kms").describe_key(KeyId=key)
    assert code(describe) in ("NotFoundException", "AccessDeniedException")
    call = lambda: aws("lambda").get_function(
        FunctionName=f"arn:aws:lambda:us-east-1:999999999999:function:{name}"
    )
    assert code(call) in ("ResourceNotFoundException", "AccessDeniedException")
    assert sagemaker.list_tags(ResourceArn=arn)["Tags"] == []


def test_an_endpoint_has_no_such_variant(aws, name):
    job = aws.train(name, HELLO)
    aws.serve(name, job["ModelArtifacts"]["S3ModelArtifacts"], TRIPLE)
    runtime = aws("sagemaker-runtime")
    call = {"EndpointName": name, "ContentType": "application/json", "Body": b"14"}
    assert json.loads(runtime.invoke_endpoint(**call)["Body"].read()) == 42
    assert code(lambda: runtime.invoke_endpoint(**call, TargetVariant="zz")) == "ValidationError"
    long = {"CustomAttributes": "x" * 1_025}
    assert code(lambda: runtime.invoke_endpoint(**call, **long)) == "ValidationError"
    aws.gone(name)


@pytest.mark.parametrize(
    "key", ["../outside", "a/../../outside", "..", "./a", "a//b", "/a", "a/%2e%2e/b", "a\\..\\b"]
)
def test_keys_are_names_and_not_paths(aws, name, key):
    """S3's keys are any text: each is its own object, and none is a place on a disk."""
    s3 = aws("s3")
    key = f"{name}/{key}"
    s3.put_object(Bucket=aws.bucket, Key=key, Body=key.encode())
    listed = s3.list_objects_v2(Bucket=aws.bucket, Prefix=f"{name}/")["Contents"]
    assert [each["Key"] for each in listed] == [key]
    assert s3.get_object(Bucket=aws.bucket, Key=key)["Body"].read() == key.encode()
    outside = [path for path in aws.server.folder.rglob("outside*")]
    assert outside == []
