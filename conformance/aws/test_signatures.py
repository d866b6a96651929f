"""Requests whose signature is false: AWS's own errors, and nothing is done."""

import datetime
import json
import urllib.parse
import xml.etree.ElementTree as ElementTree

import boto3
import botocore.config
import botocore.exceptions
import pytest

from harness.signing import Signer, send, sha256

TARGET = {"x-amz-target": "SageMaker.ListModels", "content-type": "application/x-amz-json-1.1"}


def listing(endpoint, signer, **change):
    headers = signer.headers("POST", endpoint + "/", b"{}", TARGET) | change
    status, _, body = send("POST", endpoint + "/", headers, b"{}")
    return status, json.loads(body)


def code(answer):
    assert answer[0] in (400, 403), answer
    return answer[1]["__type"].rpartition("#")[2]


@pytest.fixture
def signer(cloud):
    return Signer(cloud, "sagemaker")


def test_a_true_signature_is_taken(endpoint, signer):
    status, body = listing(endpoint, signer)
    assert status == 200
    assert isinstance(body["Models"], list)


def test_a_wrong_secret(endpoint, signer):
    signer.secret = "x" * 40
    answer = listing(endpoint, signer)
    assert code(answer) == "InvalidSignatureException"
    assert signer.secret not in str(answer)


def test_a_forged_signature(endpoint, signer):
    headers = signer.headers("POST", endpoint + "/", b"{}", TARGET)
    forged = headers["authorization"][:-4] + "0000"
    answer = listing(endpoint, signer, authorization=forged)
    assert code(answer) == "InvalidSignatureException"


def test_an_unknown_key(endpoint, signer):
    signer.key = "AKIAIOSFODNN7EXAMPLE"
    answer = listing(endpoint, signer)
    assert code(answer) == "UnrecognizedClientException"


@pytest.mark.parametrize("minutes", [20, -20, 60 * 24 * 400])
def test_a_clock_that_is_wrong(endpoint, signer, minutes):
    signer.age = datetime.timedelta(minutes=minutes)
    answer = listing(endpoint, signer)
    assert code(answer) == "InvalidSignatureException"
    assert "ignature" in answer[1]["message"]


def test_no_signature(endpoint):
    status, _, body = send("POST", endpoint + "/", {"host": "localhost"} | TARGET, b"{}")
    assert status in (400, 403)
    assert json.loads(body)["__type"].endswith("MissingAuthenticationTokenException")


def test_a_signature_is_good_for_its_own_request_only(endpoint, signer, client):
    """Replayed with another body, another operation, for another service or region."""
    body = json.dumps({"ModelPackageGroupName": "replayed"}).encode()
    create = TARGET | {"x-amz-target": "SageMaker.CreateModelPackageGroup"}
    headers = signer.headers("POST", endpoint + "/", body, create)
    other = body.replace(b"replayed", b"changed-")
    second = datetime.datetime.strptime(headers["x-amz-date"], "%Y%m%dT%H%M%SZ")
    earlier = (second - datetime.timedelta(seconds=1)).strftime("%Y%m%dT%H%M%SZ")
    attempts = [
        (headers, other),
        # The body's digest is changed to fit, the signature cannot be.
        (headers | {"x-amz-content-sha256": sha256(other)}, other),
        (headers | {"x-amz-target": "SageMaker.DeleteModelPackageGroup"}, body),
        (headers | {"x-amz-date": earlier}, body),
        (_swapped(headers, "/sagemaker/", "/iam/"), body),
        (_swapped(headers, "/us-east-1/", "/eu-west-1/"), body),
    ]
    for changed, sent in attempts:
        status, _, answer = send("POST", endpoint + "/", changed, sent)
        assert status in (400, 403), answer
    for made in ("replayed", "changed-"):
        found = client("sagemaker").list_model_package_groups(NameContains=made)
        assert found["ModelPackageGroupSummaryList"] == []


def _swapped(headers, old, new):
    return headers | {"authorization": headers["authorization"].replace(old, new)}


def test_a_header_that_was_not_signed_does_not_count_as_signed(endpoint, signer):
    """The target is what is asked for: it must be among the signed headers."""
    headers = signer.headers("POST", endpoint + "/", b"{}", {"content-type": TARGET["content-type"]})
    unsigned = {"x-amz-target": TARGET["x-amz-target"]}
    status, _, _ = send("POST", endpoint + "/", headers | unsigned, b"{}")
    assert status in (400, 403)


# --- S3 -------------------------------------------------------------------------------------------


def s3_code(body):
    return ElementTree.fromstring(body).findtext("Code")


@pytest.fixture
def bucket(client, name):
    client("s3").create_bucket(Bucket=name)
    client("s3").put_object(Bucket=name, Key="k", Body=b"secret")
    return name


def test_s3_refuses_false_signatures(endpoint, cloud, bucket):
    url = f"{endpoint}/{bucket}/k"
    signer = Signer(cloud, "s3")
    status, _, body = send("GET", url, signer.headers("GET", url))
    assert (status, body) == (200, b"secret")

    headers = signer.headers("GET", url)
    for changed, wanted in [
        (headers | {"authorization": headers["authorization"][:-4] + "0000"}, "SignatureDoesNotMatch"),
        (_swapped(headers, signer.key, "AKIAIOSFODNN7EXAMPLE"), "InvalidAccessKeyId"),
    ]:
        status, _, body = send("GET", url, changed)
        assert (status, s3_code(body)) == (403, wanted)
    signer.age = datetime.timedelta(minutes=20)
    status, _, body = send("GET", url, signer.headers("GET", url))
    assert (status, s3_code(body)) == (403, "RequestTimeTooSkewed")
    # Without a signature only the name of the host says that S3 is meant.
    status, _, body = send("GET", url, {"host": "s3.us-east-1.amazonaws.com"})
    assert (status, s3_code(body)) == (403, "AccessDenied")


@pytest.mark.parametrize("version", ["s3", "s3v4"])
def test_presigned(client, endpoint, bucket, version):
    """Each form of a presigned URL opens its object, and no other, and not after its time."""
    s3 = client("s3", config=botocore.config.Config(signature_version=version))
    url = s3.generate_presigned_url("get_object", Params={"Bucket": bucket, "Key": "k"})
    assert _get(url)[0] == 200
    assert _get(url.replace("/k?", "/other?"))[0] == 403
    late = s3.generate_presigned_url(
        "get_object", Params={"Bucket": bucket, "Key": "k"}, ExpiresIn=-10
    ) if version == "s3" else url.replace("X-Amz-Expires=3600", "X-Amz-Expires=36000")
    status, body = _get(late)
    assert status == 403, body


@pytest.mark.parametrize(
    "old, new",
    [
        ("X-Amz-Expires=3600", "X-Amz-Expires=soon"),
        ("X-Amz-Expires=3600", "X-Amz-Expires=999999"),
        ("X-Amz-Expires=3600", ""),
        ("X-Amz-Date=", "X-Amz-Date=yesterday"),
        ("%2Faws4_request", "%2Faws5_request"),
        ("X-Amz-SignedHeaders=host", ""),
    ],
)
def test_a_presigned_url_that_is_not_in_its_form(client, bucket, old, new):
    """S3 says in its own words what is wrong with the form, whatever else the URL is."""
    s3 = client("s3", config=botocore.config.Config(signature_version="s3v4"))
    url = s3.generate_presigned_url("get_object", Params={"Bucket": bucket, "Key": "k"})
    assert old in url
    status, body = _get(url.replace(old, new))
    assert (status, s3_code(body)) == (400, "AuthorizationQueryParametersError")


def _get(url):
    split = urllib.parse.urlsplit(url)
    status, _, body = send("GET", url, {"host": split.netloc})
    return status, body


# --- query services -------------------------------------------------------------------------------


def test_query_services_have_their_own_codes(session, endpoint):
    for key, secret, wanted in [
        (session.get_credentials().access_key, "x" * 40, "SignatureDoesNotMatch"),
        ("AKIAIOSFODNN7EXAMPLE", "x" * 40, "InvalidClientTokenId"),
    ]:
        sts = boto3.client(
            "sts",
            endpoint_url=endpoint,
            region_name="us-east-1",
            aws_access_key_id=key,
            aws_secret_access_key=secret,
        )
        with pytest.raises(botocore.exceptions.ClientError) as raised:
            sts.get_caller_identity()
        assert raised.value.response["Error"]["Code"] == wanted
        assert raised.value.response["ResponseMetadata"]["HTTPStatusCode"] == 403
