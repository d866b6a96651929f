"""What a policy says of one resource holds by whatever name a request calls it; and what a key
encrypts needs the key."""

import json

import boto3
import pytest

from aws.test_accounts import TRUST, refused
from harness.aws import HELLO

PLACE = "us-east-1:123456789012"


def statement(effect, resource, action="*"):
    return {"Effect": effect, "Action": action, "Resource": resource}


@pytest.fixture
def become(client, endpoint, name):
    """Clients of a new user who may do what some statements say."""
    made = []

    def clients(*statements):
        user = f"{name}-{len(made)}"
        made.append(user)
        document = json.dumps({"Version": "2012-10-17", "Statement": statements})
        iam = client("iam")
        iam.create_user(UserName=user)
        iam.put_user_policy(UserName=user, PolicyName="own", PolicyDocument=document)
        key = iam.create_access_key(UserName=user)["AccessKey"]
        return lambda service: boto3.client(
            service,
            endpoint_url=endpoint,
            region_name="us-east-1",
            aws_access_key_id=key["AccessKeyId"],
            aws_secret_access_key=key["SecretAccessKey"],
        )

    return clients


def uses(kms, key, alias, blob):
    """Requests about a key, by all of its names."""
    return [
        lambda: kms.describe_key(KeyId=key["KeyId"]),
        lambda: kms.describe_key(KeyId=key["Arn"]),
        lambda: kms.describe_key(KeyId=alias),
        lambda: kms.encrypt(KeyId=alias, Plaintext=b"x"),
        lambda: kms.decrypt(CiphertextBlob=blob),
        lambda: kms.decrypt(CiphertextBlob=blob, KeyId=key["KeyId"]),
        lambda: kms.re_encrypt(CiphertextBlob=blob, DestinationKeyId=key["KeyId"]),
        lambda: kms.generate_data_key(KeyId=key["KeyId"], KeySpec="AES_256"),
        lambda: kms.disable_key(KeyId=key["KeyId"]),
        lambda: kms.enable_key(KeyId=key["KeyId"]),
    ]


def test_a_key_is_one_resource_by_all_of_its_names(client, become, name):
    kms = client("kms")
    key, other = (kms.create_key()["KeyMetadata"] for _ in range(2))
    alias = f"alias/{name}"
    kms.create_alias(AliasName=alias, TargetKeyId=key["KeyId"])
    blob = kms.encrypt(KeyId=key["KeyId"], Plaintext=b"hi")["CiphertextBlob"]
    theirs = become(statement("Allow", "*"), statement("Deny", key["Arn"]))("kms")
    for use in uses(theirs, key, alias, blob):
        assert "explicit deny" in str(refused(use, "AccessDeniedException"))
    # A key of one's own, named beside, does not stand in for the one of the ciphertext.
    for use in (
        lambda: theirs.decrypt(CiphertextBlob=blob, KeyId=other["KeyId"]),
        lambda: theirs.re_encrypt(CiphertextBlob=blob, DestinationKeyId=other["KeyId"]),
        lambda: theirs.update_alias(AliasName=alias, TargetKeyId=other["KeyId"]),
        lambda: theirs.delete_alias(AliasName=alias),
    ):
        refused(use, "AccessDeniedException")
    theirs.encrypt(KeyId=other["KeyId"], Plaintext=b"x")
    theirs.list_keys()
    only = become(statement("Allow", key["Arn"], "kms:*"))("kms")
    for use in uses(only, key, alias, blob):
        use()
    refused(lambda: only.describe_key(KeyId=other["KeyId"]), "AccessDeniedException")
    refused(
        lambda: only.re_encrypt(CiphertextBlob=blob, DestinationKeyId=other["KeyId"]),
        "AccessDeniedException",
    )


def test_resources_are_those_that_a_request_names(client, become, name):
    logs, cloudwatch = client("logs"), client("cloudwatch")
    group = f"/own/{name}"
    logs.create_log_group(logGroupName=group)
    cloudwatch.put_metric_alarm(
        AlarmName=name, Namespace="A/b", MetricName="m", Statistic="Sum", Period=60,
        EvaluationPeriods=1, Threshold=1, ComparisonOperator="GreaterThanThreshold",
    )
    arn = f"arn:aws:logs:{PLACE}:log-group:{group}"
    denied = [
        f"arn:aws:sagemaker:{PLACE}:pipeline/*",
        f"arn:aws:sagemaker:{PLACE}:endpoint/*",
        f"arn:aws:sagemaker:{PLACE}:feature-group/*",
        f"arn:aws:sagemaker:{PLACE}:experiment-trial/*",
        f"arn:aws:ec2:{PLACE}:instance/*",
        f"arn:aws:cloudwatch:{PLACE}:alarm:{name}",
        arn,
    ]
    theirs = become(statement("Allow", "*"), statement("Deny", denied))
    sagemaker = theirs("sagemaker")
    execution = f"arn:aws:sagemaker:{PLACE}:pipeline/p/execution/abcdefghijkl"
    for call in (
        lambda: sagemaker.start_pipeline_execution(PipelineName="p", ClientRequestToken="q" * 32),
        lambda: sagemaker.list_pipeline_executions(PipelineName="p"),
        lambda: sagemaker.list_pipeline_execution_steps(PipelineExecutionArn=execution),
        lambda: sagemaker.describe_pipeline_definition_for_execution(
            PipelineExecutionArn=execution
        ),
        lambda: sagemaker.update_endpoint_weights_and_capacities(
            EndpointName="e",
            DesiredWeightsAndCapacities=[{"VariantName": "v", "DesiredWeight": 1}],
        ),
        lambda: sagemaker.describe_feature_metadata(FeatureGroupName="f", FeatureName="a"),
        lambda: sagemaker.describe_trial(TrialName="t"),
        lambda: theirs("logs").filter_log_events(logGroupIdentifier=arn),
        lambda: theirs("logs").list_tags_for_resource(resourceArn=arn),
    ):
        assert "explicit deny" in str(refused(call, "AccessDeniedException"))
    refused(lambda: theirs("cloudwatch").delete_alarms(AlarmNames=[name]), "AccessDenied",
            "AccessDeniedException")
    stop = theirs("ec2").stop_instances
    refused(lambda: stop(InstanceIds=["i-0123456789abcdef0"]), "UnauthorizedOperation",
            "AccessDenied", "AccessDeniedException")
    assert cloudwatch.describe_alarms(AlarmNames=[name])["MetricAlarms"]
    cloudwatch.delete_alarms(AlarmNames=[name])
    logs.delete_log_group(logGroupName=group)


@pytest.fixture
def sealed(client, name):
    """A bucket, and a key of KMS that encrypts its object `sealed`."""
    key = client("kms").create_key()["KeyMetadata"]
    bucket = f"sealed-{name}"[:60].rstrip("-")
    s3 = client("s3")
    s3.create_bucket(Bucket=bucket)
    s3.put_object(Bucket=bucket, Key="sealed", Body=b"top", **by(key))
    return bucket, key


def by(key):
    return {"ServerSideEncryption": "aws:kms", "SSEKMSKeyId": key["KeyId"]}


def test_what_a_key_encrypts_needs_the_key(client, become, sealed):
    bucket, key = sealed
    all_of_s3 = statement("Allow", "*", "s3:*")
    for s3 in (
        become(all_of_s3)("s3"),
        become(statement("Allow", "*"), statement("Deny", key["Arn"], "kms:*"))("s3"),
    ):
        source = {"Bucket": bucket, "Key": "sealed"}
        for call in (
            lambda: s3.get_object(Bucket=bucket, Key="sealed"),
            lambda: s3.copy_object(Bucket=bucket, Key="copy", CopySource=source),
            lambda: s3.put_object(Bucket=bucket, Key="mine", Body=b"x", **by(key)),
            lambda: s3.create_multipart_upload(Bucket=bucket, Key="mine", **by(key)),
        ):
            assert "kms:" in str(refused(call, "AccessDenied"))
        s3.put_object(Bucket=bucket, Key="plain", Body=b"x")
        s3.put_object(Bucket=bucket, Key="usual", Body=b"x", ServerSideEncryption="aws:kms")
        assert s3.get_object(Bucket=bucket, Key="usual")["Body"].read() == b"x"
    decrypts = statement("Allow", key["Arn"], "kms:Decrypt")
    reader = become(all_of_s3, decrypts)("s3")
    assert reader.get_object(Bucket=bucket, Key="sealed")["Body"].read() == b"top"
    refused(lambda: reader.put_object(Bucket=bucket, Key="x", Body=b"", **by(key)), "AccessDenied")
    both = become(all_of_s3, decrypts, statement("Allow", key["Arn"], "kms:GenerateDataKey"))("s3")
    both.put_object(Bucket=bucket, Key="theirs", Body=b"x", **by(key))


def test_the_key_that_a_bucket_encrypts_by_is_asked_for_too(client, become, sealed):
    bucket, key = sealed
    rule = {
        "ApplyServerSideEncryptionByDefault": {
            "SSEAlgorithm": "aws:kms", "KMSMasterKeyID": key["Arn"],
        }
    }
    client("s3").put_bucket_encryption(
        Bucket=bucket, ServerSideEncryptionConfiguration={"Rules": [rule]}
    )
    s3 = become(statement("Allow", "*", "s3:*"))("s3")
    refused(lambda: s3.put_object(Bucket=bucket, Key="x", Body=b"x"), "AccessDenied")
    s3.put_object(Bucket=bucket, Key="x", Body=b"x", ServerSideEncryption="AES256")
    assert s3.get_object(Bucket=bucket, Key="x")["Body"].read() == b"x"


def test_a_job_uses_a_key_as_its_role_may(aws, sealed, name):
    bucket, key = sealed
    iam, sagemaker = aws("iam"), aws("sagemaker")
    role = iam.create_role(RoleName=name, AssumeRolePolicyDocument=json.dumps(TRUST))["Role"]["Arn"]

    def may(*more):
        statements = [statement("Allow", "*", "s3:*"), *more]
        document = json.dumps({"Version": "2012-10-17", "Statement": statements})
        iam.put_role_policy(RoleName=name, PolicyName="own", PolicyDocument=document)

    request = aws.training(name, HELLO) | {"RoleArn": role}
    output = request["OutputDataConfig"] | {"KmsKeyId": key["KeyId"]}
    source = {"S3DataType": "S3Prefix", "S3Uri": f"s3://{bucket}/sealed"}
    channel = {"ChannelName": "train", "DataSource": {"S3DataSource": source}}
    reads, writes = {"InputDataConfig": [channel]}, {"OutputDataConfig": output}
    may()
    for change, action in ((reads, "kms:Decrypt"), (writes, "kms:GenerateDataKey")):
        call = lambda: sagemaker.create_training_job(**request | change)  # noqa: B023, E731
        assert action in str(refused(call, "ValidationException"))
    may(statement("Allow", key["Arn"], "kms:*"))
    sagemaker.create_training_job(**request | reads | writes)
    assert aws.trained(name)["TrainingJobStatus"] == "Completed"
