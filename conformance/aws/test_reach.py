"""What a job, a model or a function brings about in S3 and elsewhere: no more than its role may, or
than whoever asked for it."""

import json

import boto3
import pytest

from aws.test_accounts import TRUST, policy, refused
from harness.aws import HELLO, IMAGE
from harness.functions import HANDLER, packed

@pytest.fixture
def closed(aws, name):
    """A bucket that nobody but the installation itself is allowed to see."""
    bucket = f"closed-{name}"[:60].rstrip("-")
    aws("s3").create_bucket(Bucket=bucket)
    aws("s3").put_object(Bucket=bucket, Key="private/salaries.csv", Body=b"ann,1000000")
    yield bucket
    body = aws("s3").get_object(Bucket=bucket, Key="private/salaries.csv")["Body"].read()
    assert body == b"ann,1000000"
    listed = aws("s3").list_objects_v2(Bucket=bucket)["Contents"]
    assert [each["Key"] for each in listed] == ["private/salaries.csv"]


def allow(aws, bucket):
    """A policy for everything in a bucket, and for SageMaker with its roles."""
    statements = [
        {"Effect": "Allow", "Action": "s3:*", "Resource": f"arn:aws:s3:::{bucket}*"},
        {"Effect": "Allow", "Action": ["sagemaker:*", "iam:PassRole"], "Resource": "*"},
    ]
    return json.dumps({"Version": "2012-10-17", "Statement": statements})


@pytest.fixture
def user(aws, endpoint, name):
    """Clients of a user who may do everything with SageMaker and with one bucket."""
    iam = aws("iam")
    iam.create_user(UserName=name)
    iam.put_user_policy(UserName=name, PolicyName="own", PolicyDocument=allow(aws, aws.bucket))
    key = iam.create_access_key(UserName=name)["AccessKey"]
    return lambda service: boto3.client(
        service,
        endpoint_url=endpoint,
        region_name="us-east-1",
        aws_access_key_id=key["AccessKeyId"],
        aws_secret_access_key=key["SecretAccessKey"],
    )


def channel(uri):
    source = {"S3DataType": "S3Prefix", "S3Uri": uri, "S3DataDistributionType": "FullyReplicated"}
    return [{"ChannelName": "train", "DataSource": {"S3DataSource": source}}]


def reaching(aws, name, closed, role):
    """Requests for a training job each of which would reach the closed bucket."""
    there = f"s3://{closed}/private/"
    request = aws.training(name, HELLO) | {"RoleArn": role}
    return [
        request | {"InputDataConfig": channel(there)},
        request | {"InputDataConfig": channel(f"s3://{closed}")},
        request | {"OutputDataConfig": {"S3OutputPath": there}},
        request | {"CheckpointConfig": {"S3Uri": there}},
    ]


def test_a_job_of_an_unknown_role_reaches_what_its_user_may(aws, user, closed, name):
    theirs = user("sagemaker")
    role = "arn:aws:iam::111122223333:role/elsewhere"
    for request in reaching(aws, name, closed, role):
        error = refused(lambda: theirs.create_training_job(**request), "ValidationException")
        assert closed in str(error)
    aws.put(f"{name}/in/x", b"x")
    request = aws.training(name, HELLO) | {
        "RoleArn": role,
        "InputDataConfig": channel(f"s3://{aws.bucket}/{name}/in"),
    }
    theirs.create_training_job(**request)
    assert aws.trained(name)["TrainingJobStatus"] == "Completed"


def test_a_job_reaches_what_its_role_may(aws, closed, name):
    """A role is had whole and alone: who passes it on does not add to it."""
    iam = aws("iam")
    role = iam.create_role(RoleName=name, AssumeRolePolicyDocument=json.dumps(TRUST))["Role"]["Arn"]
    iam.put_role_policy(RoleName=name, PolicyName="own", PolicyDocument=allow(aws, aws.bucket))
    sagemaker = aws("sagemaker")
    for request in reaching(aws, name, closed, role):
        refused(lambda: sagemaker.create_training_job(**request), "ValidationException")
    # A denial of one object below a prefix wins over what allows the prefix.
    aws.put(f"{name}/in/open", b"x")
    aws.put(f"{name}/in/secret", b"x")
    document = policy("Deny", "s3:GetObject", f"arn:aws:s3:::{aws.bucket}/{name}/in/secret")
    iam.put_role_policy(RoleName=name, PolicyName="but", PolicyDocument=document)
    request = aws.training(name, HELLO) | {
        "RoleArn": role,
        "InputDataConfig": channel(f"s3://{aws.bucket}/{name}/in/"),
    }
    refused(lambda: sagemaker.create_training_job(**request), "ValidationException")
    iam.delete_role_policy(RoleName=name, PolicyName="but")
    sagemaker.create_training_job(**request)
    assert aws.trained(name)["TrainingJobStatus"] == "Completed"


def test_a_bucket_may_let_a_role_in(aws, closed, name):
    iam = aws("iam")
    role = iam.create_role(RoleName=name, AssumeRolePolicyDocument=json.dumps(TRUST))["Role"]["Arn"]
    iam.put_role_policy(RoleName=name, PolicyName="own", PolicyDocument=allow(aws, aws.bucket))
    request = reaching(aws, name, closed, role)[0]
    refused(lambda: aws("sagemaker").create_training_job(**request), "ValidationException")
    statement = {
        "Effect": "Allow",
        "Principal": {"AWS": role},
        "Action": "s3:GetObject",
        "Resource": f"arn:aws:s3:::{closed}/*",
    }
    document = json.dumps({"Version": "2012-10-17", "Statement": [statement]})
    aws("s3").put_bucket_policy(Bucket=closed, Policy=document)
    aws("sagemaker").create_training_job(**request)
    assert aws.trained(name)["TrainingJobStatus"] == "Completed"


def test_a_model_is_had_only_by_who_may_read_it(user, closed, name):
    refused(
        lambda: user("sagemaker").create_model(
            ModelName=name,
            ExecutionRoleArn="arn:aws:iam::111122223333:role/elsewhere",
            PrimaryContainer={
                "Image": IMAGE,
                "ModelDataUrl": f"s3://{closed}/private/salaries.csv",
            },
        ),
        "ValidationException",
    )


def test_a_function_is_no_way_to_more(aws, user, closed, name):
    iam, theirs = aws("iam"), user("lambda")
    request = {
        "FunctionName": name,
        "Runtime": "python3.11",
        "Role": "arn:aws:iam::123456789012:role/nobody",
        "Handler": "app.handler",
        "Code": {"ZipFile": packed(app=HANDLER)},
    }
    document = policy("Allow", "lambda:*")
    iam.put_user_policy(UserName=name, PolicyName="own", PolicyDocument=document)
    error = refused(lambda: theirs.create_function(**request), "AccessDeniedException")
    assert "iam:PassRole" in str(error)
    document = policy("Allow", ["lambda:*", "iam:PassRole"])
    iam.put_user_policy(UserName=name, PolicyName="own", PolicyDocument=document)
    code = {"S3Bucket": closed, "S3Key": "private/salaries.csv"}
    read = lambda: theirs.create_function(**request | {"Code": code})
    refused(read, "AccessDeniedException")
    theirs.create_function(**request)
    theirs.delete_function(FunctionName=name)
