"""Groups, permissions boundaries and session policies: all that there are must allow, and a denial
in any of them wins."""

import json

import boto3
import pytest

from aws.test_accounts import policy, refused


def trust(account):
    statement = {
        "Effect": "Allow",
        "Principal": {"AWS": f"arn:aws:iam::{account}:root"},
        "Action": "sts:AssumeRole",
    }
    return json.dumps({"Version": "2012-10-17", "Statement": [statement]})


@pytest.fixture
def act(endpoint):
    """Clients that sign with keys of somebody's own."""

    def made(service, key):
        return boto3.client(
            service,
            endpoint_url=endpoint,
            region_name="us-east-1",
            aws_access_key_id=key["AccessKeyId"],
            aws_secret_access_key=key["SecretAccessKey"],
            aws_session_token=key.get("SessionToken"),
        )

    return made


@pytest.fixture
def user(client, name):
    """A user with a key."""
    iam = client("iam")
    iam.create_user(UserName=name)
    return iam.create_access_key(UserName=name)["AccessKey"]


def managed(iam, name, document):
    return iam.create_policy(PolicyName=name, PolicyDocument=document)["Policy"]["Arn"]


def test_a_group_gives_its_members_what_it_may(client, act, user, name):
    iam = client("iam")
    group = f"{name}-group"
    made = iam.create_group(GroupName=group)["Group"]
    assert made["Arn"].endswith(f":group/{group}")
    refused(lambda: iam.create_group(GroupName=group), "EntityAlreadyExists")
    assert group in [each["GroupName"] for each in iam.list_groups()["Groups"]]
    theirs = act("sagemaker", user)
    refused(lambda: theirs.list_models(), "AccessDeniedException")
    allowed = policy("Allow", "sagemaker:List*")
    iam.put_group_policy(GroupName=group, PolicyName="lists", PolicyDocument=allowed)
    assert iam.list_group_policies(GroupName=group)["PolicyNames"] == ["lists"]
    found = iam.get_group_policy(GroupName=group, PolicyName="lists")["PolicyDocument"]
    assert found == json.loads(allowed)
    iam.add_user_to_group(GroupName=group, UserName=name)
    assert [each["UserName"] for each in iam.get_group(GroupName=group)["Users"]] == [name]
    (one,) = iam.list_groups_for_user(UserName=name)["Groups"]
    assert one["GroupName"] == group
    theirs.list_models()
    refused(lambda: theirs.describe_model(ModelName="none"), "AccessDeniedException")
    denial = managed(iam, name, policy("Deny", "sagemaker:ListModels"))
    iam.attach_group_policy(GroupName=group, PolicyArn=denial)
    attached = iam.list_attached_group_policies(GroupName=group)["AttachedPolicies"]
    assert [each["PolicyArn"] for each in attached] == [denial]
    raised = refused(lambda: theirs.list_models(), "AccessDeniedException")
    assert "explicit deny in an identity-based policy" in str(raised)
    theirs.list_endpoints()
    refused(lambda: iam.delete_policy(PolicyArn=denial), "DeleteConflict")
    refused(lambda: iam.delete_group(GroupName=group), "DeleteConflict")
    iam.detach_group_policy(GroupName=group, PolicyArn=denial)
    theirs.list_models()
    iam.remove_user_from_group(GroupName=group, UserName=name)
    refused(lambda: theirs.list_models(), "AccessDeniedException")
    refused(lambda: iam.remove_user_from_group(GroupName=group, UserName=name), "NoSuchEntity")
    refused(lambda: iam.delete_group(GroupName=group), "DeleteConflict")
    iam.delete_group_policy(GroupName=group, PolicyName="lists")
    iam.delete_group(GroupName=group)
    refused(lambda: iam.get_group(GroupName=group), "NoSuchEntity")


def test_a_boundary_is_the_most_there_is(client, act, user, name):
    iam = client("iam")
    boundary = managed(iam, name, policy("Allow", ["sagemaker:List*", "iam:GetUser"]))
    iam.put_user_policy(UserName=name, PolicyName="all", PolicyDocument=policy("Allow", "*"))
    theirs = act("sagemaker", user)
    refused(lambda: theirs.describe_model(ModelName="none"), "ValidationException")
    iam.put_user_permissions_boundary(UserName=name, PermissionsBoundary=boundary)
    found = iam.get_user(UserName=name)["User"]["PermissionsBoundary"]
    assert found["PermissionsBoundaryArn"] == boundary
    theirs.list_models()
    raised = refused(lambda: theirs.describe_model(ModelName="none"), "AccessDeniedException")
    assert "no permissions boundary allows the sagemaker:DescribeModel action" in str(raised)
    results = iam.simulate_principal_policy(
        PolicySourceArn=iam.get_user(UserName=name)["User"]["Arn"],
        ActionNames=["sagemaker:ListModels", "sagemaker:DescribeModel"],
    )["EvaluationResults"]
    assert [
        (each["EvalDecision"], each["PermissionsBoundaryDecisionDetail"])
        for each in results
    ] == [
        ("allowed", {"AllowedByPermissionsBoundary": True}),
        ("implicitDeny", {"AllowedByPermissionsBoundary": False}),
    ]
    # It gives nothing by itself, and is in use.
    iam.delete_user_policy(UserName=name, PolicyName="all")
    refused(lambda: theirs.list_models(), "AccessDeniedException")
    refused(lambda: iam.delete_policy(PolicyArn=boundary), "DeleteConflict")
    iam.delete_user_permissions_boundary(UserName=name)
    refused(lambda: iam.delete_user_permissions_boundary(UserName=name), "NoSuchEntity")
    iam.delete_policy(PolicyArn=boundary)


def test_a_role_is_made_with_its_boundary(client, act, name):
    iam, sts = client("iam"), client("sts")
    account = sts.get_caller_identity()["Account"]
    boundary = managed(iam, name, policy("Allow", "sagemaker:ListModels"))
    role = iam.create_role(
        RoleName=name, AssumeRolePolicyDocument=trust(account), PermissionsBoundary=boundary
    )["Role"]
    assert role["PermissionsBoundary"]["PermissionsBoundaryArn"] == boundary
    iam.attach_role_policy(
        RoleName=name, PolicyArn="arn:aws:iam::aws:policy/AmazonSageMakerFullAccess"
    )
    keys = sts.assume_role(RoleArn=role["Arn"], RoleSessionName="bound")["Credentials"]
    theirs = act("sagemaker", keys)
    theirs.list_models()
    refused(lambda: theirs.list_endpoints(), "AccessDeniedException")
    refused(
        lambda: iam.put_role_permissions_boundary(
            RoleName=name, PermissionsBoundary=boundary + "-none"
        ),
        "NoSuchEntity",
    )
    iam.delete_role_permissions_boundary(RoleName=name)
    theirs.list_endpoints()


def test_a_session_has_no_more_than_its_policies(client, act, name):
    iam, sts, s3 = client("iam"), client("sts"), client("s3")
    account = sts.get_caller_identity()["Account"]
    role = iam.create_role(RoleName=name, AssumeRolePolicyDocument=trust(account))["Role"]
    iam.put_role_policy(
        RoleName=name, PolicyName="all", PolicyDocument=policy("Allow", ["s3:*", "sagemaker:*"])
    )
    bucket = f"session-{name}"[:60].rstrip("-")
    s3.create_bucket(Bucket=bucket)
    for key in ("open/k", "secret/k"):
        s3.put_object(Bucket=bucket, Key=key, Body=b"k")
    narrow = policy("Allow", "s3:GetObject", f"arn:aws:s3:::{bucket}/open/*")
    lists = managed(iam, name, policy("Allow", "sagemaker:List*"))
    keys = sts.assume_role(
        RoleArn=role["Arn"],
        RoleSessionName="narrow",
        Policy=narrow,
        PolicyArns=[{"arn": lists}],
    )["Credentials"]
    theirs, sagemaker = act("s3", keys), act("sagemaker", keys)
    assert theirs.get_object(Bucket=bucket, Key="open/k")["Body"].read() == b"k"
    refused(lambda: theirs.get_object(Bucket=bucket, Key="secret/k"), "AccessDenied")
    refused(lambda: theirs.put_object(Bucket=bucket, Key="open/k", Body=b""), "AccessDenied")
    sagemaker.list_models()
    raised = refused(lambda: sagemaker.describe_model(ModelName="none"), "AccessDeniedException")
    assert "no session policy allows the sagemaker:DescribeModel action" in str(raised)
    # What the bucket's own policy gives the role does not widen the session.
    s3.put_bucket_policy(
        Bucket=bucket,
        Policy=json.dumps(
            {
                "Version": "2012-10-17",
                "Statement": [
                    {
                        "Effect": "Allow",
                        "Principal": {"AWS": role["Arn"]},
                        "Action": "s3:GetObject",
                        "Resource": f"arn:aws:s3:::{bucket}/*",
                    }
                ],
            }
        ),
    )
    refused(lambda: theirs.get_object(Bucket=bucket, Key="secret/k"), "AccessDenied")
    whole = sts.assume_role(RoleArn=role["Arn"], RoleSessionName="whole")["Credentials"]
    assert act("s3", whole).get_object(Bucket=bucket, Key="secret/k")["Body"].read() == b"k"


def test_policies_of_sessions_that_cannot_be(client, name):
    iam, sts = client("iam"), client("sts")
    account = sts.get_caller_identity()["Account"]
    role = iam.create_role(RoleName=name, AssumeRolePolicyDocument=trust(account))["Role"]
    assume = {"RoleArn": role["Arn"], "RoleSessionName": "narrow"}
    refused(lambda: sts.assume_role(**assume, Policy="{}"), "MalformedPolicyDocument")
    none = f"arn:aws:iam::{account}:policy/none-of-these"
    refused(lambda: sts.assume_role(**assume, PolicyArns=[{"arn": none}]), "ValidationError")
