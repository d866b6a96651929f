"""What buckets can be told: honoured, or refused; never an empty success."""

import json

import botocore.exceptions
import pytest


def refused(call, **arguments):
    """The code and status of a call that must fail."""
    with pytest.raises(botocore.exceptions.ClientError) as caught:
        call(**arguments)
    answer = caught.value.response
    return answer["Error"]["Code"], answer["ResponseMetadata"]["HTTPStatusCode"]


@pytest.fixture
def s3(client):
    return client("s3")


@pytest.fixture
def bucket(s3, name):
    s3.create_bucket(Bucket=name)
    return name


def test_places_and_owners(s3, name, cloud):
    s3.create_bucket(Bucket=name)
    s3.create_bucket(Bucket=name)
    assert s3.get_bucket_location(Bucket=name)["LocationConstraint"] is None
    west = f"{name}-west"
    where = {"LocationConstraint": "eu-west-1"}
    s3.create_bucket(Bucket=west, CreateBucketConfiguration=where)
    again = refused(s3.create_bucket, Bucket=west, CreateBucketConfiguration=where)
    assert again == ("BucketAlreadyOwnedByYou", 409)
    assert s3.get_bucket_location(Bucket=west)["LocationConstraint"] == "eu-west-1"
    assert s3.head_bucket(Bucket=west)["BucketRegion"] == "eu-west-1"
    assert refused(s3.head_bucket, Bucket=west, ExpectedBucketOwner="9" * 12) == ("403", 403)
    assert {name, west} <= {b["Name"] for b in s3.list_buckets()["Buckets"]}
    assert refused(s3.create_bucket, Bucket="a_b") == ("InvalidBucketName", 400)


def test_settings_come_back(s3, bucket):
    tags = [{"Key": "team", "Value": "red"}]
    assert refused(s3.get_bucket_tagging, Bucket=bucket) == ("NoSuchTagSet", 404)
    s3.put_bucket_tagging(Bucket=bucket, Tagging={"TagSet": tags})
    assert s3.get_bucket_tagging(Bucket=bucket)["TagSet"] == tags
    rule = {
        "ID": "old",
        "Status": "Enabled",
        "Filter": {"Prefix": "logs/"},
        "Expiration": {"Days": 30},
        "NoncurrentVersionExpiration": {"NoncurrentDays": 7},
        "AbortIncompleteMultipartUpload": {"DaysAfterInitiation": 3},
    }
    s3.put_bucket_lifecycle_configuration(
        Bucket=bucket, LifecycleConfiguration={"Rules": [rule]}
    )
    assert s3.get_bucket_lifecycle_configuration(Bucket=bucket)["Rules"] == [rule]
    s3.delete_bucket_lifecycle(Bucket=bucket)
    missing = refused(s3.get_bucket_lifecycle_configuration, Bucket=bucket)
    assert missing == ("NoSuchLifecycleConfiguration", 404)
    cors = [{"AllowedMethods": ["GET"], "AllowedOrigins": ["https://a.example"]}]
    s3.put_bucket_cors(Bucket=bucket, CORSConfiguration={"CORSRules": cors})
    assert s3.get_bucket_cors(Bucket=bucket)["CORSRules"] == cors
    block = {
        "BlockPublicAcls": True,
        "IgnorePublicAcls": True,
        "BlockPublicPolicy": False,
        "RestrictPublicBuckets": False,
    }
    s3.put_public_access_block(Bucket=bucket, PublicAccessBlockConfiguration=block)
    held = s3.get_public_access_block(Bucket=bucket)["PublicAccessBlockConfiguration"]
    assert held == block
    grants = s3.get_bucket_acl(Bucket=bucket)["Grants"]
    assert [grant["Permission"] for grant in grants] == ["FULL_CONTROL"]
    owned = s3.get_bucket_ownership_controls(Bucket=bucket)["OwnershipControls"]["Rules"]
    assert owned == [{"ObjectOwnership": "BucketOwnerEnforced"}]


def test_encryption(s3, bucket):
    missing = refused(s3.get_bucket_encryption, Bucket=bucket)
    assert missing == ("ServerSideEncryptionConfigurationNotFoundError", 404)
    default = {"ApplyServerSideEncryptionByDefault": {"SSEAlgorithm": "aws:kms"}}
    s3.put_bucket_encryption(
        Bucket=bucket, ServerSideEncryptionConfiguration={"Rules": [default]}
    )
    put = s3.put_object(Bucket=bucket, Key="a", Body=b"secret")
    assert put["ServerSideEncryption"] == "aws:kms"
    got = s3.get_object(Bucket=bucket, Key="a")
    assert got["Body"].read() == b"secret"
    assert got["SSEKMSKeyId"] == put["SSEKMSKeyId"]
    named = s3.put_object(
        Bucket=bucket,
        Key="b",
        Body=b"x",
        ServerSideEncryption="aws:kms",
        SSEKMSKeyId=put["SSEKMSKeyId"],
    )
    assert named["SSEKMSKeyId"] == put["SSEKMSKeyId"]
    unknown = refused(
        s3.put_object,
        Bucket=bucket,
        Key="c",
        Body=b"x",
        ServerSideEncryption="aws:kms",
        SSEKMSKeyId="00000000-0000-0000-0000-000000000000",
    )
    assert unknown == ("KMS.NotFoundException", 400)
    s3.delete_bucket_encryption(Bucket=bucket)
    plain = s3.put_object(Bucket=bucket, Key="d", Body=b"x")
    assert "ServerSideEncryption" not in plain


def test_policies_act(s3, bucket):
    s3.put_object(Bucket=bucket, Key="a", Body=b"x")
    assert refused(s3.get_bucket_policy, Bucket=bucket) == ("NoSuchBucketPolicy", 404)
    statement = {
        "Effect": "Deny",
        "Principal": "*",
        "Action": "s3:DeleteObject",
        "Resource": f"arn:aws:s3:::{bucket}/*",
    }
    policy = json.dumps({"Version": "2012-10-17", "Statement": [statement]})
    s3.put_bucket_policy(Bucket=bucket, Policy=policy)
    assert s3.get_bucket_policy(Bucket=bucket)["Policy"] == policy
    assert refused(s3.delete_object, Bucket=bucket, Key="a") == ("AccessDenied", 403)
    statement["Condition"] = {"StringEquals": {"s3:ExistingObjectTag/a": "b"}}
    unsupported = json.dumps({"Version": "2012-10-17", "Statement": [statement]})
    refusal = refused(s3.put_bucket_policy, Bucket=bucket, Policy=unsupported)
    assert refusal == ("MalformedPolicy", 400)
    s3.delete_bucket_policy(Bucket=bucket)
    s3.delete_object(Bucket=bucket, Key="a")


def test_what_cannot_be_honoured_is_refused(s3, bucket):
    s3.put_object(Bucket=bucket, Key="a", Body=b"x")
    unserved = ("NotImplemented", 501)
    logging = {"LoggingEnabled": {"TargetBucket": bucket, "TargetPrefix": "x"}}
    assert refused(s3.put_bucket_logging, Bucket=bucket, BucketLoggingStatus=logging) == unserved
    website = {"IndexDocument": {"Suffix": "index.html"}}
    assert refused(s3.put_bucket_website, Bucket=bucket, WebsiteConfiguration=website) == unserved
    queue = {"EventBridgeConfiguration": {}}
    refusal = refused(
        s3.put_bucket_notification_configuration,
        Bucket=bucket,
        NotificationConfiguration=queue,
    )
    assert refusal == unserved
    hold = {"Status": "ON"}
    missing = refused(s3.put_object_legal_hold, Bucket=bucket, Key="a", LegalHold=hold)
    assert missing == ("InvalidRequest", 400)
    public = refused(s3.put_object, Bucket=bucket, Key="b", Body=b"", ACL="public-read")
    assert public == ("AccessControlListNotSupported", 400)
    cold = refused(s3.put_object, Bucket=bucket, Key="b", Body=b"", StorageClass="DEEP_ARCHIVE")
    assert cold == unserved


def test_versions_are_locked(s3, name):
    locked = f"{name}-locked"
    s3.create_bucket(Bucket=locked, ObjectLockEnabledForBucket=True)
    assert s3.get_bucket_versioning(Bucket=locked)["Status"] == "Enabled"
    usual = {"DefaultRetention": {"Mode": "GOVERNANCE", "Days": 1}}
    config = {"ObjectLockEnabled": "Enabled", "Rule": usual}
    s3.put_object_lock_configuration(Bucket=locked, ObjectLockConfiguration=config)
    shown = s3.get_object_lock_configuration(Bucket=locked)["ObjectLockConfiguration"]
    assert shown == config
    version = {"VersionId": s3.put_object(Bucket=locked, Key="a", Body=b"x")["VersionId"]}
    head = s3.head_object(Bucket=locked, Key="a")
    assert head["ObjectLockMode"] == "GOVERNANCE" and head["ObjectLockRetainUntilDate"]
    denied = ("AccessDenied", 403)
    assert refused(s3.delete_object, Bucket=locked, Key="a", **version) == denied
    s3.put_object_legal_hold(Bucket=locked, Key="a", LegalHold={"Status": "ON"})
    held = s3.get_object_legal_hold(Bucket=locked, Key="a")["LegalHold"]
    assert held == {"Status": "ON"}
    bypass = {"BypassGovernanceRetention": True}
    assert refused(s3.delete_object, Bucket=locked, Key="a", **version, **bypass) == denied
    s3.put_object_legal_hold(Bucket=locked, Key="a", LegalHold={"Status": "OFF"})
    s3.put_object_retention(Bucket=locked, Key="a", Retention={}, **bypass)
    s3.delete_object(Bucket=locked, Key="a", **version)
    s3.delete_bucket(Bucket=locked)
