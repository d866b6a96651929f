"""Objects as boto3 writes, reads, lists and copies them, and as its transfers move large ones."""

import hashlib
import io
import os
import urllib.error
import urllib.request

import botocore.config
import botocore.exceptions
import pytest

KEYS = ["a b", "a+b", "ä/日本/🦀", "../../etc/passwd", "/lead//double///", "%2F", "a?b=c&d#e", "'\"<>&"]
CHECKSUMS = ["CRC32", "SHA1", "SHA256"]


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


def test_an_object_comes_back_as_it_was_put(s3, bucket):
    put = s3.put_object(
        Bucket=bucket,
        Key="a",
        Body=b"hello",
        ContentType="text/plain",
        CacheControl="no-store",
        ContentLanguage="de",
        ContentDisposition="attachment",
        Metadata={"colour": "green"},
        Tagging="a=1&b=2",
        StorageClass="STANDARD_IA",
    )
    assert put["ETag"] == f'"{hashlib.md5(b"hello").hexdigest()}"'
    got = s3.get_object(Bucket=bucket, Key="a")
    assert got["Body"].read() == b"hello"
    head = s3.head_object(Bucket=bucket, Key="a")
    for answer in (got, head):
        assert answer["ContentType"] == "text/plain"
        assert answer["CacheControl"] == "no-store"
        assert answer["ContentLanguage"] == "de"
        assert answer["ContentDisposition"] == "attachment"
        assert answer["Metadata"] == {"colour": "green"}
        assert answer["StorageClass"] == "STANDARD_IA"
        assert answer["ETag"] == put["ETag"]
    tags = s3.get_object_tagging(Bucket=bucket, Key="a")["TagSet"]
    assert tags == [{"Key": "a", "Value": "1"}, {"Key": "b", "Value": "2"}]
    s3.delete_object_tagging(Bucket=bucket, Key="a")
    assert s3.get_object_tagging(Bucket=bucket, Key="a")["TagSet"] == []


@pytest.mark.parametrize("key", KEYS)
def test_every_key_is_exact(s3, bucket, key):
    s3.put_object(Bucket=bucket, Key=key, Body=key.encode())
    assert s3.get_object(Bucket=bucket, Key=key)["Body"].read() == key.encode()
    assert [o["Key"] for o in s3.list_objects_v2(Bucket=bucket)["Contents"]] == [key]
    assert [o["Key"] for o in s3.list_objects(Bucket=bucket)["Contents"]] == [key]
    s3.copy_object(Bucket=bucket, Key="copy", CopySource={"Bucket": bucket, "Key": key})
    assert s3.get_object(Bucket=bucket, Key="copy")["Body"].read() == key.encode()
    gone = s3.delete_objects(Bucket=bucket, Delete={"Objects": [{"Key": key}, {"Key": "copy"}]})
    assert {o["Key"] for o in gone["Deleted"]} == {key, "copy"}
    assert s3.list_objects_v2(Bucket=bucket)["KeyCount"] == 0


def test_listings_page(s3, bucket):
    keys = sorted(f"{folder}/{i:02}" for folder in "abc" for i in range(7))
    for key in keys:
        s3.put_object(Bucket=bucket, Key=key, Body=b"")
    for operation in ("list_objects_v2", "list_objects"):
        pages = s3.get_paginator(operation).paginate(
            Bucket=bucket, PaginationConfig={"PageSize": 4}
        )
        assert [o["Key"] for page in pages for o in page.get("Contents", [])] == keys
    folded = s3.list_objects_v2(Bucket=bucket, Delimiter="/", FetchOwner=True)
    assert [p["Prefix"] for p in folded["CommonPrefixes"]] == ["a/", "b/", "c/"]
    inside = s3.list_objects_v2(Bucket=bucket, Prefix="b/", StartAfter="b/03", FetchOwner=True)
    assert [o["Key"] for o in inside["Contents"]] == ["b/04", "b/05", "b/06"]
    assert all(o["Owner"]["ID"] for o in inside["Contents"])


def test_versions(s3, bucket):
    s3.put_bucket_versioning(Bucket=bucket, VersioningConfiguration={"Status": "Enabled"})
    first = s3.put_object(Bucket=bucket, Key="a", Body=b"one")["VersionId"]
    second = s3.put_object(Bucket=bucket, Key="a", Body=b"two")["VersionId"]
    marker = s3.delete_object(Bucket=bucket, Key="a")
    assert marker["DeleteMarker"] is True
    assert refused(s3.get_object, Bucket=bucket, Key="a") == ("NoSuchKey", 404)
    old = s3.get_object(Bucket=bucket, Key="a", VersionId=first)
    assert old["Body"].read() == b"one"
    listed = s3.list_object_versions(Bucket=bucket)
    assert [v["VersionId"] for v in listed["Versions"]] == [second, first]
    assert listed["DeleteMarkers"][0]["VersionId"] == marker["VersionId"]
    s3.delete_object(Bucket=bucket, Key="a", VersionId=marker["VersionId"])
    assert s3.get_object(Bucket=bucket, Key="a")["Body"].read() == b"two"


@pytest.mark.parametrize("algorithm", CHECKSUMS)
def test_checksums(s3, bucket, algorithm):
    put = s3.put_object(Bucket=bucket, Key="a", Body=b"hello", ChecksumAlgorithm=algorithm)
    value = put[f"Checksum{algorithm}"]
    head = s3.head_object(Bucket=bucket, Key="a", ChecksumMode="ENABLED")
    assert head[f"Checksum{algorithm}"] == value
    attributes = s3.get_object_attributes(
        Bucket=bucket, Key="a", ObjectAttributes=["Checksum", "ETag", "ObjectSize", "StorageClass"]
    )
    assert attributes["Checksum"][f"Checksum{algorithm}"] == value
    assert attributes["ObjectSize"] == 5


def test_conditions(s3, bucket):
    etag = s3.put_object(Bucket=bucket, Key="a", Body=b"x", IfNoneMatch="*")["ETag"]
    failed = ("PreconditionFailed", 412)
    assert refused(s3.put_object, Bucket=bucket, Key="a", Body=b"y", IfNoneMatch="*") == failed
    assert refused(s3.get_object, Bucket=bucket, Key="a", IfMatch='"0"') == failed
    assert refused(s3.get_object, Bucket=bucket, Key="a", IfNoneMatch=etag) == ("304", 304)
    s3.put_object(Bucket=bucket, Key="a", Body=b"y", IfMatch=etag)


def test_large_objects_move_in_parts(s3, bucket):
    body = os.urandom(21 << 20)
    s3.upload_fileobj(io.BytesIO(body), bucket, "large", ExtraArgs={"Metadata": {"a": "1"}})
    head = s3.head_object(Bucket=bucket, Key="large")
    assert head["ContentLength"] == len(body) and head["ETag"].endswith('-3"')
    assert head["Metadata"] == {"a": "1"}
    down = io.BytesIO()
    s3.download_fileobj(bucket, "large", down)
    assert down.getvalue() == body
    part = s3.get_object(Bucket=bucket, Key="large", Range="bytes=-7")
    assert part["Body"].read() == body[-7:]
    assert part["ContentRange"] == f"bytes {len(body) - 7}-{len(body) - 1}/{len(body)}"
    second = s3.get_object(Bucket=bucket, Key="large", PartNumber=2)
    assert second["PartsCount"] == 3 and second["Body"].read() == body[8 << 20 : 16 << 20]
    refusal = refused(s3.get_object, Bucket=bucket, Key="large", Range=f"bytes={len(body)}-")
    assert refusal == ("InvalidRange", 416)


def test_parts_by_hand(s3, bucket):
    s3.put_object(Bucket=bucket, Key="source", Body=b"x" * (6 << 20))
    upload = s3.create_multipart_upload(Bucket=bucket, Key="a", ChecksumAlgorithm="SHA256")
    where = {"Bucket": bucket, "Key": "a", "UploadId": upload["UploadId"]}
    listed = s3.list_multipart_uploads(Bucket=bucket)["Uploads"]
    assert [u["UploadId"] for u in listed] == [upload["UploadId"]]
    first = s3.upload_part(
        **where, PartNumber=1, Body=b"y" * (5 << 20), ChecksumAlgorithm="SHA256"
    )
    copied = s3.upload_part_copy(
        **where,
        PartNumber=2,
        CopySource={"Bucket": bucket, "Key": "source"},
        CopySourceRange="bytes=0-9",
    )["CopyPartResult"]
    parts = s3.list_parts(**where)["Parts"]
    assert [p["Size"] for p in parts] == [5 << 20, 10]
    wrong = {"Parts": [{"PartNumber": 1, "ETag": '"0"'}]}
    refusal = refused(s3.complete_multipart_upload, **where, MultipartUpload=wrong)
    assert refusal == ("InvalidPart", 400)
    done = s3.complete_multipart_upload(
        **where,
        MultipartUpload={
            "Parts": [
                {
                    "PartNumber": 1,
                    "ETag": first["ETag"],
                    "ChecksumSHA256": first["ChecksumSHA256"],
                },
                {
                    "PartNumber": 2,
                    "ETag": copied["ETag"],
                    "ChecksumSHA256": copied["ChecksumSHA256"],
                },
            ]
        },
    )
    assert done["ChecksumSHA256"].endswith("-2") and done["ChecksumType"] == "COMPOSITE"
    assert s3.get_object(Bucket=bucket, Key="a")["Body"].read()[-11:] == b"y" + b"x" * 10
    assert refused(s3.abort_multipart_upload, **where) == ("NoSuchUpload", 404)


@pytest.mark.parametrize("version", ["s3", "s3v4"])
def test_presigned_urls(client, s3, bucket, version):
    """Both signature versions; a changed URL is refused."""
    signing = client("s3", config=botocore.config.Config(signature_version=version))
    s3.put_object(Bucket=bucket, Key="a b", Body=b"hello")
    where = {"Bucket": bucket, "Key": "a b"}
    url = signing.generate_presigned_url("get_object", Params=where, ExpiresIn=60)
    assert urllib.request.urlopen(url).read() == b"hello"
    put = signing.generate_presigned_url("put_object", Params=where, ExpiresIn=60)
    request = urllib.request.Request(put, data=b"changed", method="PUT")
    request.add_header("content-type", "")
    assert urllib.request.urlopen(request).status == 200
    assert s3.get_object(**where)["Body"].read() == b"changed"
    with pytest.raises(urllib.error.HTTPError) as caught:
        urllib.request.urlopen(url.replace("a%20b", "a"))
    assert caught.value.code == 403


def test_what_is_not_there(s3, bucket):
    assert refused(s3.get_object, Bucket=bucket, Key="none") == ("NoSuchKey", 404)
    assert refused(s3.head_object, Bucket=bucket, Key="none") == ("404", 404)
    assert refused(s3.get_object, Bucket="none-" + bucket, Key="a") == ("NoSuchBucket", 404)
    assert refused(s3.delete_bucket, Bucket="none-" + bucket) == ("NoSuchBucket", 404)
    s3.put_object(Bucket=bucket, Key="a", Body=b"")
    assert refused(s3.delete_bucket, Bucket=bucket) == ("BucketNotEmpty", 409)
