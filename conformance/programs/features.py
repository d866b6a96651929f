"""A feature group: made, filled from a data frame, read, and taken away."""

import sys
import time

import boto3
import pandas as pd
from common import result
from sagemaker import Session, get_execution_role
from sagemaker.feature_store.feature_group import FeatureGroup

name = sys.argv[1]
session = Session()
client = session.sagemaker_client
frame = pd.DataFrame(
    {
        "id": [1, 2, 3],
        "colour": ["red", "blue", "violet"],
        "height": [1.5, 2.25, 3.0],
        "ts": [1764220000.0, 1764220001.0, 1764220002.0],
    }
)
frame["colour"] = frame["colour"].astype("string")
group = FeatureGroup(name=name, sagemaker_session=session)
group.load_feature_definitions(data_frame=frame)
group.create(
    s3_uri=f"s3://{session.default_bucket()}/{name}",
    record_identifier_name="id",
    event_time_feature_name="ts",
    role_arn=get_execution_role(),
    enable_online_store=True,
)


def status():
    return group.describe().get("FeatureGroupStatus")


end = time.monotonic() + 100
while (now := status()) == "Creating" and time.monotonic() < end:
    time.sleep(0.5)
described = group.describe()
group.ingest(data_frame=frame, max_workers=2, wait=True)

runtime = boto3.client("sagemaker-featurestore-runtime")
one = group.get_record(record_identifier_value_as_string="2")
some = runtime.get_record(
    FeatureGroupName=name, RecordIdentifierValueAsString="3", FeatureNames=["colour", "height"]
)
several = runtime.batch_get_record(
    Identifiers=[
        {"FeatureGroupName": name, "RecordIdentifiersValueAsString": ["1", "3", "9"]},
    ]
)
runtime.delete_record(
    FeatureGroupName=name, RecordIdentifierValueAsString="2", EventTime="1764220009"
)
gone = runtime.get_record(FeatureGroupName=name, RecordIdentifierValueAsString="2")
group.delete()
result(
    described=described,
    one=one,
    some=some.get("Record"),
    several=[r["RecordIdentifierValueAsString"] for r in several["Records"]],
    gone=gone.get("Record"),
)
