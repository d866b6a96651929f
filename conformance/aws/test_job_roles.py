"""What a job may do: the permissions of its role, and no network when it is isolated."""

import json

import boto3
import botocore.exceptions
import pytest

from aws.test_accounts import TRUST, policy
from harness.aws import packed

# Tries what its arguments say through boto3, and tells how it went.
TRIES = """
import json, os
import boto3, botocore.exceptions
def attempt(call):
    try:
        call()
        return "yes"
    except botocore.exceptions.ClientError as error:
        return error.response["Error"]["Code"]
s3, bucket, name = boto3.client("s3"), os.environ["SM_HP_BUCKET"], os.environ["SM_HP_NAME"]
told = {
    "arn": boto3.client("sts").get_caller_identity()["Arn"],
    "open": attempt(lambda: s3.get_object(Bucket=bucket, Key=f"{name}/open/x")),
    "closed": attempt(lambda: s3.get_object(Bucket=bucket, Key=f"{name}/closed/x")),
    "list": attempt(lambda: boto3.client("sagemaker").list_training_jobs()),
}
print("told", json.dumps(told))
"""

ISOLATED = """
import json, os, socket, urllib.request
told = {"keys": sorted(name for name in os.environ if name.startswith("AWS_") and "KEY" in name)}
server = socket.create_server(("127.0.0.1", 0))
with socket.create_connection(server.getsockname()):
    told["loopback"] = True
try:
    urllib.request.urlopen(os.environ["TRADEWIND_SERVER"], timeout=5)
    told["server"] = "reached"
except urllib.error.HTTPError:
    told["server"] = "reached"
except OSError as error:
    told["server"] = "not reached"
print("told", json.dumps(told))
"""


def told(aws, name):
    events = aws("logs").filter_log_events(
        logGroupName="/aws/sagemaker/TrainingJobs",
        logStreamNamePrefix=f"{name}/",
        filterPattern="told",
    )["events"]
    return json.loads(events[0]["message"].removeprefix("told "))


def tries(aws, name):
    code = aws.put(
        f"{name}/sourcedir.tar.gz",
        packed({"train.py": TRIES, "requirements.txt": f"boto3=={boto3.__version__}\n"}),
    )
    return aws.training(name, code, HyperParameters={"bucket": aws.bucket, "name": aws.name})


def test_a_job_has_what_its_role_may(aws, name):
    for key in ("open", "closed"):
        aws.put(f"{name}/{key}/x", b"x")
    iam = aws("iam")
    role = iam.create_role(RoleName=name, AssumeRolePolicyDocument=json.dumps(TRUST))["Role"]
    allowed = policy("Allow", "s3:GetObject", f"arn:aws:s3:::{aws.bucket}/{name}/open/*")
    iam.put_role_policy(RoleName=name, PolicyName="open", PolicyDocument=allowed)
    code = f"arn:aws:s3:::{aws.bucket}/{name}/sourcedir.tar.gz"
    for word, action, where in [
        ("code", "s3:GetObject", code),
        ("output", "s3:PutObject", f"arn:aws:s3:::{aws.bucket}/{name}/*"),
    ]:
        document = policy("Allow", action, where)
        iam.put_role_policy(RoleName=name, PolicyName=word, PolicyDocument=document)
    request = tries(aws, name) | {"RoleArn": role["Arn"]}
    aws("sagemaker").create_training_job(**request)
    job = aws.trained(name)
    assert job["TrainingJobStatus"] == "Completed", job
    account = role["Arn"].split(":")[4]
    assert told(aws, name) == {
        "arn": f"arn:aws:sts::{account}:assumed-role/{name}/SageMaker",
        "open": "yes",
        "closed": "AccessDenied",
        "list": "AccessDeniedException",
    }


def test_a_role_must_trust_sagemaker(aws, name):
    iam = aws("iam")
    other = json.loads(json.dumps(TRUST).replace("sagemaker.", "lambda."))
    role = iam.create_role(RoleName=name, AssumeRolePolicyDocument=json.dumps(other))["Role"]
    request = aws.training(name, "") | {"RoleArn": role["Arn"]}
    with pytest.raises(botocore.exceptions.ClientError) as raised:
        aws("sagemaker").create_training_job(**request)
    assert raised.value.response["Error"]["Code"] == "ValidationException"
    assert "Could not assume role" in raised.value.response["Error"]["Message"]


def test_a_role_of_elsewhere_gives_no_more_than_who_asked(aws, name):
    """A program with a role of its own account runs; its job is whoever submitted it."""
    for key in ("open", "closed"):
        aws.put(f"{name}/{key}/x", b"x")
    request = tries(aws, name) | {"RoleArn": "arn:aws:iam::111122223333:role/elsewhere"}
    aws("sagemaker").create_training_job(**request)
    job = aws.trained(name)
    assert job["TrainingJobStatus"] == "Completed", job
    found = told(aws, name)
    assert found["arn"] == aws("sts").get_caller_identity()["Arn"]
    assert (found["open"], found["closed"]) == ("yes", "yes")


def test_an_isolated_job_reaches_nothing(aws, name):
    request = aws.training(name, ISOLATED) | {"EnableNetworkIsolation": True}
    aws("sagemaker").create_training_job(**request)
    job = aws.trained(name)
    if job["TrainingJobStatus"] == "Failed":
        # A machine that cannot keep a job from the network does not run it.
        assert "may not reach the network" in job["FailureReason"]
        return
    assert job["EnableNetworkIsolation"] is True
    assert told(aws, name) == {"keys": [], "loopback": True, "server": "not reached"}


def test_an_isolated_gang_reaches_nothing(aws, name):
    request = aws.training(name, ISOLATED) | {"EnableNetworkIsolation": True}
    request["ResourceConfig"]["InstanceCount"] = 2
    aws("sagemaker").create_training_job(**request)
    job = aws.trained(name)
    if job["TrainingJobStatus"] == "Failed":
        assert "may not reach the network" in job["FailureReason"]
        return
    assert job["EnableNetworkIsolation"] is True
    assert told(aws, name) == {"keys": [], "loopback": True, "server": "not reached"}
