"""What a policy says of one resource holds by whatever name a request calls it; and what a key
encrypts needs the key."""

import json

import boto3
import pytest

from aws.test_accounts import refused

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
