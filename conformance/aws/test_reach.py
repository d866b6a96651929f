"""What a job, a model or a function brings about in S3 and elsewhere: no more than its role may, or
than whoever asked for it."""

import json

import boto3
import pytest

from aws.test_accounts import TRUST, policy, refused
from harness.aws import HELLO, IMAGE
from harness.aws import packed as archive
from harness.functions import invoke, packed

# Gives away by what keys it signs.
KEYS = """
import os
def handler(event, context):
    return {name: os.environ[name] for name in os.environ if name.startswith("AWS_")}
"""


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
        "Code": {"ZipFile": packed(app=KEYS)},
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
    aws("lambda").get_waiter("function_active_v2").wait(FunctionName=name)
    _, found = invoke(aws("lambda"), name, {})
    aws("lambda").delete_function(FunctionName=name)
    # It acts as whoever deployed it, and neither changes people's rights nor reads bills.
    keys = clients(aws, found)
    assert found["AWS_ACCESS_KEY_ID"] != aws.cloud["AWS_ACCESS_KEY_ID"]
    assert keys("sts").get_caller_identity()["Arn"].endswith(f":user/{name}")
    document = allow(aws, aws.bucket)
    iam.put_user_policy(UserName=name, PolicyName="data", PolicyDocument=document)
    keys("s3").put_object(Bucket=aws.bucket, Key=f"{name}/own", Body=b"x")
    there = {"Bucket": closed, "Key": "private/salaries.csv"}
    refused(lambda: keys("s3").get_object(**there), "AccessDenied")
    refused(lambda: keys("s3").put_object(**there, Body=b"x"), "AccessDenied")
    never(keys, name)


def clients(aws, variables):
    """Clients that sign by the keys of such variables."""
    return lambda service: boto3.client(
        service,
        endpoint_url=aws.server.address,
        region_name="us-east-1",
        aws_access_key_id=variables["AWS_ACCESS_KEY_ID"],
        aws_secret_access_key=variables["AWS_SECRET_ACCESS_KEY"],
        aws_session_token=variables["AWS_SESSION_TOKEN"],
    )


def never(keys, name):
    """What no code may do by the keys that it was given."""
    iam = keys("iam")
    refused(lambda: iam.create_user(UserName=f"{name}-evil"), "AccessDenied")
    refused(lambda: iam.create_access_key(UserName=name), "AccessDenied")
    period = {"Start": "2026-01-01", "End": "2026-02-01"}
    bills = lambda: keys("ce").get_cost_and_usage(
        TimePeriod=period, Granularity="MONTHLY", Metrics=["UnblendedCost"]
    )
    refused(bills, "AccessDeniedException")


def called(aws, name, role, handler=KEYS):
    """A function of a role, by what keys it signs."""
    aws("lambda").create_function(
        FunctionName=name,
        Runtime="python3.11",
        Role=role,
        Handler="app.handler",
        Code={"ZipFile": packed(app=handler)},
    )
    aws("lambda").get_waiter("function_active_v2").wait(FunctionName=name)
    return invoke(aws("lambda"), name, {})[1]


def test_a_function_has_what_its_role_may(aws, closed, name):
    iam, function = aws("iam"), aws("lambda")
    roles = {}
    for service in ["sagemaker", "lambda"]:
        trust = json.loads(json.dumps(TRUST))
        trust["Statement"][0]["Principal"] = {"Service": f"{service}.amazonaws.com"}
        role = f"{name}-{service}"[:60]
        made = iam.create_role(RoleName=role, AssumeRolePolicyDocument=json.dumps(trust))
        roles[service] = made["Role"]["Arn"]
        iam.put_role_policy(
            RoleName=role, PolicyName="own", PolicyDocument=allow(aws, aws.bucket)
        )
    error = refused(
        lambda: called(aws, name, roles["sagemaker"]), "InvalidParameterValueException"
    )
    assert "cannot be assumed by Lambda" in str(error)

    keys = clients(aws, called(aws, name, roles["lambda"]))
    arn = keys("sts").get_caller_identity()["Arn"]
    assert arn.endswith(f"assumed-role/{roles['lambda'].split('/')[-1]}/{name}")
    keys("s3").put_object(Bucket=aws.bucket, Key=f"{name}/own", Body=b"x")
    refused(
        lambda: keys("s3").get_object(Bucket=closed, Key="private/salaries.csv"), "AccessDenied"
    )
    never(keys, name)

    # Another role is that of the calls after it.
    function.update_function_configuration(
        FunctionName=name, Role="arn:aws:iam::111122223333:role/elsewhere"
    )
    function.get_waiter("function_updated_v2").wait(FunctionName=name)
    keys = clients(aws, invoke(function, name, {})[1])
    arn = keys("sts").get_caller_identity()["Arn"]
    assert "TradewindExecutionRole" in arn
    keys("s3").get_object(Bucket=closed, Key="private/salaries.csv")
    never(keys, name)
    function.delete_function(FunctionName=name)


def test_what_is_kept_and_read_beside_jobs_is_asked_about(aws, user, closed, name):
    """Captured data, offline stores, packages and definitions of pipelines."""
    theirs = user("sagemaker")
    role = "arn:aws:iam::111122223333:role/elsewhere"
    there = f"s3://{closed}/private/"
    data = aws.put(f"{name}/model.tar.gz", archive({"model": ""}))
    theirs.create_model(
        ModelName=name,
        ExecutionRoleArn=role,
        PrimaryContainer={"Image": IMAGE, "ModelDataUrl": data},
    )
    capture = {
        "InitialSamplingPercentage": 100,
        "DestinationS3Uri": there,
        "CaptureOptions": [{"CaptureMode": "Input"}],
    }
    variant = {
        "VariantName": "one",
        "ModelName": name,
        "InitialInstanceCount": 1,
        "InstanceType": "ml.m5.large",
    }
    group = {
        "FeatureGroupName": f"{name}-group"[:60],
        "RecordIdentifierFeatureName": "id",
        "EventTimeFeatureName": "at",
        "FeatureDefinitions": [
            {"FeatureName": "id", "FeatureType": "String"},
            {"FeatureName": "at", "FeatureType": "String"},
        ],
        "RoleArn": role,
        "OfflineStoreConfig": {"S3StorageConfig": {"S3Uri": there}},
    }
    specification = {
        "Containers": [{"Image": IMAGE, "ModelDataUrl": f"{there}salaries.csv"}],
        "SupportedContentTypes": ["text/csv"],
        "SupportedResponseMIMETypes": ["text/csv"],
    }
    requests = [
        lambda: theirs.create_endpoint_config(
            EndpointConfigName=name, ProductionVariants=[variant], DataCaptureConfig=capture
        ),
        lambda: theirs.create_feature_group(**group),
        lambda: theirs.create_model_package(
            ModelPackageName=f"{name}-p"[:60], InferenceSpecification=specification
        ),
        lambda: theirs.create_pipeline(
            PipelineName=name,
            RoleArn=role,
            ClientRequestToken="t" * 32,
            PipelineDefinitionS3Location={"Bucket": closed, "ObjectKey": "private/salaries.csv"},
        ),
    ]
    for request in requests:
        error = refused(request, "ValidationException")
        assert "not authorized to perform: s3:" in str(error), error


def test_an_allowed_folder_does_not_open_its_neighbour(aws, user, name):
    """A prefix without its slash has other folders too."""
    iam = aws("iam")
    statement = {
        "Effect": "Allow",
        "Action": ["s3:GetObject", "s3:PutObject"],
        "Resource": [f"arn:aws:s3:::{aws.bucket}/{name}/{part}" for part in ["in/*", "out*"]],
    }
    rest = {"Effect": "Allow", "Action": ["sagemaker:*", "iam:PassRole"], "Resource": "*"}
    theirs = user("sagemaker")
    aws.put(f"{name}/in/x", b"x")
    aws.put(f"{name}/inner/secret", b"x")
    request = aws.training(name, HELLO) | {
        "RoleArn": "arn:aws:iam::111122223333:role/elsewhere",
        "InputDataConfig": channel(f"s3://{aws.bucket}/{name}/in"),
        "OutputDataConfig": {"S3OutputPath": f"s3://{aws.bucket}/{name}/out"},
    }
    code = json.loads(request["HyperParameters"]["sagemaker_submit_directory"])
    statement["Resource"].append(code.replace("s3://", "arn:aws:s3:::"))
    document = json.dumps({"Version": "2012-10-17", "Statement": [statement, rest]})
    iam.put_user_policy(UserName=name, PolicyName="own", PolicyDocument=document)
    error = refused(lambda: theirs.create_training_job(**request), "ValidationException")
    assert "inner/secret" in str(error)
    request["InputDataConfig"] = channel(f"s3://{aws.bucket}/{name}/in/")
    theirs.create_training_job(**request)
    assert aws.trained(name)["TrainingJobStatus"] == "Completed"


def test_what_comes_of_calls_goes_where_the_role_may_write(aws, user, closed, name):
    document = policy("Allow", ["lambda:*", "iam:PassRole"])
    aws("iam").put_user_policy(UserName=name, PolicyName="lambda", PolicyDocument=document)
    theirs = user("lambda")
    theirs.create_function(
        FunctionName=name,
        Runtime="python3.11",
        Role="arn:aws:iam::111122223333:role/elsewhere",
        Handler="app.handler",
        Code={"ZipFile": packed(app=KEYS)},
    )
    theirs.get_waiter("function_active_v2").wait(FunctionName=name)

    def send(bucket):
        to = {"OnSuccess": {"Destination": f"arn:aws:s3:::{bucket}"}}
        theirs.put_function_event_invoke_config(FunctionName=name, DestinationConfig=to)

    error = refused(lambda: send(closed), "InvalidParameterValueException")
    assert "permissions to call PutObject" in str(error)
    send(aws.bucket)
    theirs.delete_function(FunctionName=name)


def test_a_layer_is_had_only_by_who_may_read_it(aws, user, name):
    layer = aws("lambda").publish_layer_version(
        LayerName=name[:60], Content={"ZipFile": packed(python__secret="WORD = 1")}
    )["LayerVersionArn"]
    document = policy("Allow", ["lambda:CreateFunction", "iam:PassRole"])
    aws("iam").put_user_policy(UserName=name, PolicyName="lambda", PolicyDocument=document)
    make = lambda: user("lambda").create_function(
        FunctionName=name,
        Runtime="python3.11",
        Role="arn:aws:iam::111122223333:role/elsewhere",
        Handler="app.handler",
        Code={"ZipFile": packed(app=KEYS)},
        Layers=[layer],
    )
    error = refused(make, "AccessDeniedException")
    assert "lambda:GetLayerVersion" in str(error)
