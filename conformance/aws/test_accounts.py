"""STS and IAM through boto3."""

import json
import re

import boto3
import botocore.exceptions
import pytest

TRUST = {
    "Version": "2012-10-17",
    "Statement": [
        {
            "Effect": "Allow",
            "Principal": {"Service": "sagemaker.amazonaws.com"},
            "Action": "sts:AssumeRole",
        }
    ],
}


def policy(effect, action, resource="*", **more):
    statement = {"Effect": effect, "Action": action, "Resource": resource} | more
    return json.dumps({"Version": "2012-10-17", "Statement": [statement]})


def refused(call, *codes):
    with pytest.raises(botocore.exceptions.ClientError) as raised:
        call()
    code = raised.value.response["Error"]["Code"]
    assert code in codes, raised.value
    return raised.value


def test_caller_identity(client):
    found = client("sts").get_caller_identity()
    assert re.fullmatch(r"\d{12}", found["Account"])
    assert re.fullmatch(
        rf"arn:aws:sts::{found['Account']}:assumed-role/[^/]+/[^/]+", found["Arn"]
    )
    role = found["Arn"].split("/")[1]
    assert client("iam").get_role(RoleName=role)["Role"]["Arn"].endswith(f":role/{role}")


def test_roles_and_policies(client, name):
    iam = client("iam")
    made = iam.create_role(RoleName=name, AssumeRolePolicyDocument=json.dumps(TRUST))["Role"]
    assert made["AssumeRolePolicyDocument"] == TRUST
    assert iam.get_role(RoleName=name)["Role"]["Arn"] == made["Arn"]
    refused(
        lambda: iam.create_role(RoleName=name, AssumeRolePolicyDocument=json.dumps(TRUST)),
        "EntityAlreadyExists",
    )
    iam.put_role_policy(
        RoleName=name, PolicyName="read", PolicyDocument=policy("Allow", "s3:GetObject")
    )
    assert iam.list_role_policies(RoleName=name)["PolicyNames"] == ["read"]
    arn = iam.create_policy(
        PolicyName=name, PolicyDocument=policy("Deny", "s3:GetObject", "arn:aws:s3:::secret/*")
    )["Policy"]["Arn"]
    iam.attach_role_policy(RoleName=name, PolicyArn=arn)
    attached = iam.list_attached_role_policies(RoleName=name)["AttachedPolicies"]
    assert [each["PolicyArn"] for each in attached] == [arn]
    decisions = {}
    for resource in ("arn:aws:s3:::open/k", "arn:aws:s3:::secret/k"):
        results = iam.simulate_principal_policy(
            PolicySourceArn=made["Arn"],
            ActionNames=["s3:GetObject", "s3:PutObject"],
            ResourceArns=[resource],
        )["EvaluationResults"]
        for each in results:
            decisions[each["EvalActionName"], resource] = each["EvalDecision"]
    assert decisions == {
        ("s3:GetObject", "arn:aws:s3:::open/k"): "allowed",
        ("s3:PutObject", "arn:aws:s3:::open/k"): "implicitDeny",
        ("s3:GetObject", "arn:aws:s3:::secret/k"): "explicitDeny",
        ("s3:PutObject", "arn:aws:s3:::secret/k"): "implicitDeny",
    }
    iam.detach_role_policy(RoleName=name, PolicyArn=arn)
    iam.delete_policy(PolicyArn=arn)
    iam.delete_role_policy(RoleName=name, PolicyName="read")
    iam.delete_role(RoleName=name)
    refused(lambda: iam.get_role(RoleName=name), "NoSuchEntity")


def test_an_assumed_role_can_do_what_its_policies_say(client, endpoint, name):
    """Keys of a session are good for what the role's policies allow, and nothing else."""
    iam, sts = client("iam"), client("sts")
    account = sts.get_caller_identity()["Account"]
    trust = json.loads(json.dumps(TRUST))
    trust["Statement"][0]["Principal"] = {"AWS": f"arn:aws:iam::{account}:root"}
    role = iam.create_role(RoleName=name, AssumeRolePolicyDocument=json.dumps(trust))["Role"]
    bucket = f"policies-{name}"
    client("s3").create_bucket(Bucket=bucket)
    client("s3").put_object(Bucket=bucket, Key="open/k", Body=b"open")
    client("s3").put_object(Bucket=bucket, Key="secret/k", Body=b"secret")
    iam.put_role_policy(
        RoleName=name,
        PolicyName="read",
        PolicyDocument=policy("Allow", "s3:GetObject", f"arn:aws:s3:::{bucket}/open/*"),
    )
    keys = sts.assume_role(RoleArn=role["Arn"], RoleSessionName="reader")["Credentials"]
    theirs = {
        "endpoint_url": endpoint,
        "region_name": "us-east-1",
        "aws_access_key_id": keys["AccessKeyId"],
        "aws_secret_access_key": keys["SecretAccessKey"],
        "aws_session_token": keys["SessionToken"],
    }
    arn = boto3.client("sts", **theirs).get_caller_identity()["Arn"]
    assert arn == f"arn:aws:sts::{account}:assumed-role/{name}/reader"
    s3 = boto3.client("s3", **theirs)
    assert s3.get_object(Bucket=bucket, Key="open/k")["Body"].read() == b"open"
    refused(lambda: s3.get_object(Bucket=bucket, Key="secret/k"), "AccessDenied")
    refused(lambda: s3.put_object(Bucket=bucket, Key="open/k", Body=b"x"), "AccessDenied")
    sagemaker = boto3.client("sagemaker", **theirs)
    refused(lambda: sagemaker.list_models(), "AccessDeniedException")
    wrong = theirs | {"aws_session_token": keys["SessionToken"][:-8] + "AAAAAAAA"}
    refused(
        lambda: boto3.client("sts", **wrong).get_caller_identity(),
        "InvalidClientTokenId",
        "ExpiredToken",
    )


def test_users_and_their_keys(client, endpoint, name):
    iam = client("iam")
    iam.create_user(UserName=name)
    key = iam.create_access_key(UserName=name)["AccessKey"]
    theirs = {
        "endpoint_url": endpoint,
        "region_name": "us-east-1",
        "aws_access_key_id": key["AccessKeyId"],
        "aws_secret_access_key": key["SecretAccessKey"],
    }
    arn = boto3.client("sts", **theirs).get_caller_identity()["Arn"]
    assert arn.endswith(f":user/{name}")
    sagemaker = boto3.client("sagemaker", **theirs)
    refused(lambda: sagemaker.list_training_jobs(), "AccessDeniedException")
    iam.put_user_policy(
        UserName=name, PolicyName="all", PolicyDocument=policy("Allow", "sagemaker:*")
    )
    sagemaker.list_models()
    iam.delete_user_policy(UserName=name, PolicyName="all")
    refused(lambda: sagemaker.list_models(), "AccessDeniedException")
    iam.delete_access_key(UserName=name, AccessKeyId=key["AccessKeyId"])
    refused(lambda: sagemaker.list_models(), "UnrecognizedClientException")
    refused(lambda: boto3.client("s3", **theirs).list_buckets(), "InvalidAccessKeyId")
    iam.delete_user(UserName=name)


def test_a_key_that_is_switched_off_opens_nothing_at_once(client, endpoint, name):
    """However lately it was used, and opens everything again when it is switched on."""
    iam = client("iam")
    iam.create_user(UserName=name)
    iam.put_user_policy(UserName=name, PolicyName="all", PolicyDocument=policy("Allow", "*"))
    key = iam.create_access_key(UserName=name)["AccessKey"]
    theirs = {
        "endpoint_url": endpoint,
        "region_name": "us-east-1",
        "aws_access_key_id": key["AccessKeyId"],
        "aws_secret_access_key": key["SecretAccessKey"],
    }
    s3, sagemaker = boto3.client("s3", **theirs), boto3.client("sagemaker", **theirs)
    for _ in range(3):
        s3.list_buckets()
        sagemaker.list_models()
        which = {"UserName": name, "AccessKeyId": key["AccessKeyId"]}
        iam.update_access_key(Status="Inactive", **which)
        refused(lambda: s3.list_buckets(), "InvalidAccessKeyId")
        refused(lambda: sagemaker.list_models(), "UnrecognizedClientException")
        iam.update_access_key(Status="Active", **which)


def test_conditions_know_how_a_request_came_in(client, endpoint, name):
    """From this machine and without TLS, in S3 and elsewhere."""
    iam = client("iam")
    iam.create_user(UserName=name)
    key = iam.create_access_key(UserName=name)["AccessKey"]
    theirs = {
        "endpoint_url": endpoint,
        "region_name": "us-east-1",
        "aws_access_key_id": key["AccessKeyId"],
        "aws_secret_access_key": key["SecretAccessKey"],
    }
    s3, sagemaker = boto3.client("s3", **theirs), boto3.client("sagemaker", **theirs)
    for operator, condition, value, is_so in [
        ("IpAddress", "aws:SourceIp", "127.0.0.0/8", True),
        ("IpAddress", "aws:SourceIp", "10.0.0.0/8", False),
        ("Bool", "aws:SecureTransport", "false", True),
        ("Bool", "aws:SecureTransport", "true", False),
    ]:
        document = policy("Allow", "*", Condition={operator: {condition: value}})
        iam.put_user_policy(UserName=name, PolicyName="if", PolicyDocument=document)
        if is_so:
            s3.list_buckets()
            sagemaker.list_models()
        else:
            refused(lambda: s3.list_buckets(), "AccessDenied")
            refused(lambda: sagemaker.list_models(), "AccessDeniedException")


def test_conditions_variables_and_passing_roles(client, endpoint, name):
    """A user may read under its own name, and hand services no role that it may not pass."""
    iam, s3 = client("iam"), client("s3")
    account = client("sts").get_caller_identity()["Account"]
    iam.create_user(UserName=name, Tags=[{"Key": "team", "Value": "ml"}])
    key = iam.create_access_key(UserName=name)["AccessKey"]
    theirs = {
        "endpoint_url": endpoint,
        "region_name": "us-east-1",
        "aws_access_key_id": key["AccessKeyId"],
        "aws_secret_access_key": key["SecretAccessKey"],
    }
    bucket = f"variables-{name}"
    s3.create_bucket(Bucket=bucket)
    for owner in (name, "somebody"):
        s3.put_object(Bucket=bucket, Key=f"{owner}/k", Body=b"k")
    own = f"arn:aws:s3:::{bucket}/${{aws:username}}/*"
    iam.put_user_policy(
        UserName=name, PolicyName="own", PolicyDocument=policy("Allow", "s3:GetObject", own)
    )
    reader = boto3.client("s3", **theirs)
    assert reader.get_object(Bucket=bucket, Key=f"{name}/k")["Body"].read() == b"k"
    refused(lambda: reader.get_object(Bucket=bucket, Key="somebody/k"), "AccessDenied")
    arn = iam.create_policy(
        PolicyName=name,
        PolicyDocument=policy(
            "Allow", "sagemaker:*", Condition={"StringEquals": {"aws:RequestedRegion": "us-east-1"}}
        ),
    )["Policy"]["Arn"]
    iam.attach_user_policy(UserName=name, PolicyArn=arn)
    refused(lambda: iam.delete_policy(PolicyArn=arn), "DeleteConflict")
    sagemaker = boto3.client("sagemaker", **theirs)
    sagemaker.list_models()
    elsewhere = boto3.client("sagemaker", **(theirs | {"region_name": "eu-west-1"}))
    refused(lambda: elsewhere.list_models(), "AccessDeniedException")
    model = {
        "ModelName": name,
        "ExecutionRoleArn": f"arn:aws:iam::{account}:role/TradewindExecutionRole",
        "PrimaryContainer": {"Image": "i", "ModelDataUrl": "s3://b/k"},
    }
    error = refused(lambda: sagemaker.create_model(**model), "AccessDeniedException")
    assert "iam:PassRole" in str(error)
    iam.detach_user_policy(UserName=name, PolicyArn=arn)
    iam.delete_policy(PolicyArn=arn)
    iam.delete_user_policy(UserName=name, PolicyName="own")
    refused(lambda: iam.delete_user(UserName=name), "DeleteConflict")
    iam.delete_access_key(UserName=name, AccessKeyId=key["AccessKeyId"])
    iam.delete_user(UserName=name)


def test_a_role_is_assumed_only_by_whom_it_trusts(client, endpoint, name):
    iam, sts = client("iam"), client("sts")
    service_only = iam.create_role(RoleName=name, AssumeRolePolicyDocument=json.dumps(TRUST))["Role"]
    assume = lambda: sts.assume_role(RoleArn=service_only["Arn"], RoleSessionName="me")  # noqa: E731
    refused(assume, "AccessDenied")
    refused(
        lambda: sts.assume_role(RoleArn=service_only["Arn"] + "x", RoleSessionName="me"),
        "AccessDenied",
    )
    account = sts.get_caller_identity()["Account"]
    trust = json.loads(json.dumps(TRUST))
    trust["Statement"][0]["Principal"] = {"AWS": account}
    trust["Statement"][0]["Condition"] = {"StringEquals": {"sts:ExternalId": "secret"}}
    iam.update_assume_role_policy(RoleName=name, PolicyDocument=json.dumps(trust))
    refused(assume, "AccessDenied")
    with_id = {"RoleArn": service_only["Arn"], "RoleSessionName": "me", "ExternalId": "secret"}
    sts.assume_role(**with_id)
    refused(lambda: sts.assume_role(**with_id, DurationSeconds=7200), "ValidationError")
    iam.update_role(RoleName=name, MaxSessionDuration=7200, Description="longer")
    sts.assume_role(**with_id, DurationSeconds=7200)
    user = f"u-{name}"
    iam.create_user(UserName=user)
    key = iam.create_access_key(UserName=user)["AccessKey"]
    theirs = boto3.client(
        "sts",
        endpoint_url=endpoint,
        region_name="us-east-1",
        aws_access_key_id=key["AccessKeyId"],
        aws_secret_access_key=key["SecretAccessKey"],
    )
    # The account is trusted, and the user's own policies do not let it.
    refused(lambda: theirs.assume_role(**with_id), "AccessDenied")
    iam.put_user_policy(
        UserName=user,
        PolicyName="assume",
        PolicyDocument=policy("Allow", "sts:AssumeRole", service_only["Arn"]),
    )
    theirs.assume_role(**with_id)
    session = theirs.get_session_token()["Credentials"]
    inside = boto3.client(
        "sts",
        endpoint_url=endpoint,
        region_name="us-east-1",
        aws_access_key_id=session["AccessKeyId"],
        aws_secret_access_key=session["SecretAccessKey"],
        aws_session_token=session["SessionToken"],
    )
    assert inside.get_caller_identity()["Arn"].endswith(f":user/{user}")
    refused(lambda: inside.get_session_token(), "AccessDenied")
    iam.update_access_key(UserName=user, AccessKeyId=key["AccessKeyId"], Status="Inactive")
    refused(lambda: theirs.get_caller_identity(), "InvalidClientTokenId")
    keys = iam.list_access_keys(UserName=user)["AccessKeyMetadata"]
    assert [each["Status"] for each in keys] == ["Inactive"]


def test_policies_have_versions(client, name):
    iam = client("iam")
    first, second = policy("Allow", "s3:GetObject"), policy("Deny", "s3:GetObject")
    arn = iam.create_policy(PolicyName=name, PolicyDocument=first)["Policy"]["Arn"]
    made = iam.create_policy_version(PolicyArn=arn, PolicyDocument=second)["PolicyVersion"]
    assert (made["VersionId"], made["IsDefaultVersion"]) == ("v2", False)
    iam.set_default_policy_version(PolicyArn=arn, VersionId="v2")
    assert iam.get_policy(PolicyArn=arn)["Policy"]["DefaultVersionId"] == "v2"
    listed = iam.list_policy_versions(PolicyArn=arn)["Versions"]
    assert [(each["VersionId"], each["IsDefaultVersion"]) for each in listed] == [
        ("v2", True),
        ("v1", False),
    ]
    shown = iam.get_policy_version(PolicyArn=arn, VersionId="v1")["PolicyVersion"]
    assert shown["Document"] == json.loads(first)
    # The one at work decides.
    role = iam.create_role(RoleName=name, AssumeRolePolicyDocument=json.dumps(TRUST))["Role"]
    iam.attach_role_policy(RoleName=name, PolicyArn=arn)
    decided = iam.simulate_principal_policy(
        PolicySourceArn=role["Arn"], ActionNames=["s3:GetObject"]
    )["EvaluationResults"]
    assert decided[0]["EvalDecision"] == "explicitDeny"
    having = iam.list_entities_for_policy(PolicyArn=arn)
    assert [each["RoleName"] for each in having["PolicyRoles"]] == [name]
    assert having["PolicyUsers"] == having["PolicyGroups"] == []
    assert iam.list_instance_profiles_for_role(RoleName=name)["InstanceProfiles"] == []
    refused(lambda: iam.delete_policy_version(PolicyArn=arn, VersionId="v2"), "DeleteConflict")
    refused(lambda: iam.delete_policy(PolicyArn=arn), "DeleteConflict")
    iam.delete_policy_version(PolicyArn=arn, VersionId="v1")
    refused(lambda: iam.get_policy_version(PolicyArn=arn, VersionId="v1"), "NoSuchEntity")
    iam.detach_role_policy(RoleName=name, PolicyArn=arn)
    iam.delete_policy(PolicyArn=arn)
    iam.delete_role(RoleName=name)
    assert iam.list_account_aliases()["AccountAliases"] == []


def test_a_key_has_the_default_policy(client):
    kms = client("kms")
    key = kms.create_key()["KeyMetadata"]["KeyId"]
    assert kms.list_key_policies(KeyId=key)["PolicyNames"] == ["default"]
    shown = json.loads(kms.get_key_policy(KeyId=key)["Policy"])
    assert shown["Statement"][0]["Principal"]["AWS"].endswith(":root")
