"""The feature store's control and data planes, and what is written to the bucket."""

import json
import subprocess

import pytest
from botocore.exceptions import ClientError

import prepare

READ = """
import json, sys
import pyarrow.parquet
rows = [row for file in sys.argv[1:] for row in pyarrow.parquet.ParquetFile(file).read().to_pylist()]
print(json.dumps(rows, default=str))
"""


def refused(call, **arguments):
    with pytest.raises(ClientError) as raised:
        call(**arguments)
    return raised.value.response["Error"]


def record(**values):
    return [{"FeatureName": name, "ValueAsString": value} for name, value in values.items()]


def texts(answer):
    return {value["FeatureName"]: value["ValueAsString"] for value in answer.get("Record", [])}


@pytest.fixture
def group(aws, name):
    aws("sagemaker").create_feature_group(
        FeatureGroupName=name,
        RecordIdentifierFeatureName="id",
        EventTimeFeatureName="ts",
        FeatureDefinitions=[
            {"FeatureName": "id", "FeatureType": "Integral"},
            {"FeatureName": "ts", "FeatureType": "String"},
            {"FeatureName": "height", "FeatureType": "Fractional"},
            {"FeatureName": "colour", "FeatureType": "String"},
        ],
        OnlineStoreConfig={"EnableOnlineStore": True},
        OfflineStoreConfig={"S3StorageConfig": {"S3Uri": f"s3://{aws.bucket}/store"}},
        RoleArn=aws.role,
        Tags=[{"Key": "test", "Value": name}],
    )
    return aws("sagemaker").describe_feature_group(FeatureGroupName=name)


def test_online(aws, name, group):
    runtime = aws("sagemaker-featurestore-runtime")
    assert group["FeatureGroupStatus"] == "Created"
    assert group["OfflineStoreStatus"] == {"Status": "Active"}

    def put(number, hour, **values):
        values = record(id=number, ts=f"2026-11-26T{hour:02}:00:00Z", **values)
        runtime.put_record(FeatureGroupName=name, Record=values)

    put("1", 12, height="1.5", colour="red")
    put("1", 14, height="2.5")
    put("1", 13, height="9.5")
    found = runtime.get_record(FeatureGroupName=name, RecordIdentifierValueAsString="1")
    assert texts(found) == {"id": "1", "ts": "2026-11-26T14:00:00Z", "height": "2.5"}
    some = runtime.get_record(
        FeatureGroupName=name, RecordIdentifierValueAsString="1", FeatureNames=["height"]
    )
    assert texts(some) == {"height": "2.5"}
    put("2", 12)
    batch = runtime.batch_get_record(
        Identifiers=[
            {"FeatureGroupName": name, "RecordIdentifiersValueAsString": ["1", "2", "3"]},
            {"FeatureGroupName": f"{name}x", "RecordIdentifiersValueAsString": ["1"]},
        ]
    )
    assert [r["RecordIdentifierValueAsString"] for r in batch["Records"]] == ["1", "2"]
    assert [e["ErrorCode"] for e in batch["Errors"]] == ["ResourceNotFound"]

    runtime.delete_record(
        FeatureGroupName=name, RecordIdentifierValueAsString="1", EventTime="2026-11-26T13:30:00Z"
    )
    kept = runtime.get_record(FeatureGroupName=name, RecordIdentifierValueAsString="1")
    assert texts(kept)["height"] == "2.5", "an older deletion changes nothing"
    runtime.delete_record(
        FeatureGroupName=name, RecordIdentifierValueAsString="1", EventTime="2026-11-26T15:00:00Z"
    )
    gone = runtime.get_record(FeatureGroupName=name, RecordIdentifierValueAsString="1")
    assert not gone.get("Record")
    put("1", 14, height="3.5")
    gone = runtime.get_record(FeatureGroupName=name, RecordIdentifierValueAsString="1")
    assert not gone.get("Record"), "a record of before its deletion stays away"
    runtime.put_record(
        FeatureGroupName=name,
        Record=record(id="3", ts="2020-01-01T00:00:00Z"),
        TtlDuration={"Unit": "Days", "Value": 1},
    )
    late = runtime.get_record(FeatureGroupName=name, RecordIdentifierValueAsString="3")
    assert not late.get("Record"), "its life was over before it came"

    for wrong in (
        record(id="x", ts="2026-11-26T12:00:00Z"),
        record(id="1", ts="yesterday"),
        record(id="1"),
        record(id="1", ts="2026-11-26T12:00:00Z", size="1"),
    ):
        error = refused(runtime.put_record, FeatureGroupName=name, Record=wrong)
        assert error["Code"] == "ValidationError", wrong
    missing = refused(
        runtime.get_record, FeatureGroupName=f"{name}x", RecordIdentifierValueAsString="1"
    )
    assert missing["Code"] == "ResourceNotFound"


def test_offline(aws, name, group, tmp_path):
    runtime = aws("sagemaker-featurestore-runtime")
    for number, hour in (("1", 10), ("2", 10), ("3", 11)):
        runtime.put_record(
            FeatureGroupName=name,
            Record=record(id=number, ts=f"2026-11-26T{hour}:30:00Z", height=f"{number}.5"),
        )
    runtime.delete_record(
        FeatureGroupName=name, RecordIdentifierValueAsString="1", EventTime="2026-11-26T11:45:00Z"
    )
    place = group["OfflineStoreConfig"]["S3StorageConfig"]["ResolvedOutputS3Uri"]
    prefix = place.removeprefix(f"s3://{aws.bucket}/")
    assert f"/sagemaker/us-east-1/offline-store/{name}-" in place and place.endswith("/data")

    def rows():
        listed = aws("s3").list_objects_v2(Bucket=aws.bucket, Prefix=f"{prefix}/")
        files = []
        for number, entry in enumerate(listed.get("Contents", [])):
            file = tmp_path / f"{number}.parquet"
            body = aws("s3").get_object(Bucket=aws.bucket, Key=entry["Key"])["Body"].read()
            file.write_bytes(body)
            files.append(str(file))
        if not files:
            return None
        command = [str(prepare.python("files")), "-c", READ, *files]
        done = subprocess.run(command, capture_output=True, check=True, text=True)
        found = json.loads(done.stdout)
        keys = {entry["Key"].removeprefix(prefix).rpartition("/")[0] for entry in listed["Contents"]}
        return (found, keys) if len(found) == 4 else None

    found, keys = aws.server.until("the offline store has four rows", rows, pause=0.5)
    day = "/year=2026/month=11/day=26"
    assert keys == {f"{day}/hour=10", f"{day}/hour=11"}
    kept = {row["id"]: row for row in found if not row["is_deleted"]}
    assert {number: row["height"] for number, row in kept.items()} == {1: 1.5, 2: 2.5, 3: 3.5}
    assert kept[1]["colour"] is None and kept[1]["ts"] == "2026-11-26T10:30:00Z"
    assert all(row["write_time"] and row["api_invocation_time"] for row in found)
    (deleted,) = [row for row in found if row["is_deleted"]]
    assert (deleted["id"], deleted["height"]) == (1, None)


def test_nothing_is_lost_when_the_server_is_killed(aws, name, group, tmp_path):
    runtime = aws("sagemaker-featurestore-runtime")
    for number in range(20):
        runtime.put_record(
            FeatureGroupName=name, Record=record(id=str(number), ts="2026-11-26T10:30:00Z")
        )
        if number in (5, 12):
            aws.server.kill()
            aws.server.start()
    place = group["OfflineStoreConfig"]["S3StorageConfig"]["ResolvedOutputS3Uri"]
    prefix = place.removeprefix(f"s3://{aws.bucket}/")

    def numbers():
        listed = aws("s3").list_objects_v2(Bucket=aws.bucket, Prefix=f"{prefix}/")
        files = []
        for index, entry in enumerate(listed.get("Contents", [])):
            file = tmp_path / f"{index}.parquet"
            body = aws("s3").get_object(Bucket=aws.bucket, Key=entry["Key"])["Body"].read()
            file.write_bytes(body)
            files.append(str(file))
        if not files:
            return None
        command = [str(prepare.python("files")), "-c", READ, *files]
        done = subprocess.run(command, capture_output=True, check=True, text=True)
        found = sorted(row["id"] for row in json.loads(done.stdout))
        return found if len(found) >= 20 else None

    assert aws.server.until("all rows are written", numbers, pause=0.5) == list(range(20))


def test_groups(aws, name, group):
    sagemaker = aws("sagemaker")
    again = {
        "FeatureGroupName": name,
        "RecordIdentifierFeatureName": "id",
        "EventTimeFeatureName": "ts",
        "FeatureDefinitions": group["FeatureDefinitions"],
        "OnlineStoreConfig": {"EnableOnlineStore": True},
    }
    assert refused(sagemaker.create_feature_group, **again)["Code"] == "ResourceInUse"
    wrong = again | {"FeatureGroupName": f"{name}2", "EventTimeFeatureName": "id"}
    assert refused(sagemaker.create_feature_group, **wrong)["Code"] == "ValidationException"
    sagemaker.update_feature_group(
        FeatureGroupName=name,
        FeatureAdditions=[{"FeatureName": "size", "FeatureType": "Integral"}],
    )
    described = sagemaker.describe_feature_group(FeatureGroupName=name)
    assert described["FeatureDefinitions"][-1]["FeatureName"] == "size"
    assert described["OfflineStoreConfig"] == group["OfflineStoreConfig"]
    sagemaker.update_feature_metadata(
        FeatureGroupName=name,
        FeatureName="size",
        Description="in cm",
        ParameterAdditions=[{"Key": "unit", "Value": "cm"}],
    )
    feature = sagemaker.describe_feature_metadata(FeatureGroupName=name, FeatureName="size")
    assert (feature["Description"], feature["FeatureType"]) == ("in cm", "Integral")
    assert feature["Parameters"] == [{"Key": "unit", "Value": "cm"}]
    listed = sagemaker.list_feature_groups(NameContains=name)["FeatureGroupSummaries"]
    assert [one["FeatureGroupName"] for one in listed] == [name]
    (found,) = sagemaker.search(
        Resource="FeatureGroup",
        SearchExpression={"Filters": [{"Name": "Tags.test", "Operator": "Equals", "Value": name}]},
    )["Results"]
    assert found["FeatureGroup"]["FeatureGroupName"] == name
    sagemaker.delete_feature_group(FeatureGroupName=name)
    gone = refused(sagemaker.describe_feature_group, FeatureGroupName=name)
    assert gone["Code"] == "ResourceNotFound"
