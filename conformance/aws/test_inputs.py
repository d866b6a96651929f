"""Inputs that a manifest lists, and the manifests that cannot be."""

import json

import botocore.exceptions
import pytest

from aws.test_instances import channel

LISTS = """
import json, os
folder = os.environ["SM_CHANNEL_TRAIN"]
found = {}
for here, _, names in os.walk(folder):
    for name in names:
        path = os.path.join(here, name)
        with open(path) as file:
            found[os.path.relpath(path, folder)] = file.read()
with open(os.path.join(os.environ["SM_MODEL_DIR"], "found.json"), "w") as file:
    json.dump(found, file)
print("found", json.dumps(found))
"""


def trained(aws, name, manifest, **more):
    uri = aws.put(f"{name}/list.manifest", manifest)
    data = channel("train", uri, kind="ManifestFile", **more)
    return aws.train(name, LISTS, InputDataConfig=[data])


def test_a_manifest_lists_the_files(aws, name):
    for key in ("one.csv", "deep/two.csv", "not-listed.csv"):
        aws.put(f"{name}/data/{key}", key.encode())
    prefix = f"s3://{aws.bucket}/{name}/data/"
    manifest = json.dumps([{"prefix": prefix}, "one.csv", "deep/two.csv"]).encode()
    job = trained(aws, name, manifest)
    assert job["TrainingJobStatus"] == "Completed", job
    source = job["InputDataConfig"][0]["DataSource"]["S3DataSource"]
    assert source["S3DataType"] == "ManifestFile"
    events = aws("logs").filter_log_events(
        logGroupName="/aws/sagemaker/TrainingJobs",
        logStreamNamePrefix=f"{name}/",
        filterPattern="found",
    )["events"]
    found = json.loads(events[0]["message"].removeprefix("found "))
    assert found == {"one.csv": "one.csv", "deep/two.csv": "deep/two.csv"}


@pytest.mark.parametrize(
    "manifest",
    [
        "no JSON",
        "[]",
        '[{"prefix": "s3://BUCKET/"}]',
        '[{"prefix": "s3://BUCKET/"}, "is-not-there"]',
        '[{"prefix": "s3://BUCKET/NAME/"}, "../../../../etc/passwd"]',
        '[{"prefix": "s3://BUCKET/"}, "/etc/passwd"]',
        '[{"prefix": "file:///etc/"}, "passwd"]',
        '[{"prefix": "/etc/"}, "passwd"]',
        '[{"prefix": "s3://somebody-elses-bucket/"}, "secret"]',
        '["s3://BUCKET/one.csv"]',
    ],
)
def test_a_bad_manifest_fails_the_job_and_says_why(aws, name, manifest):
    text = manifest.replace("BUCKET", aws.bucket).replace("NAME", name)
    job = trained(aws, name, text.encode())
    assert job["TrainingJobStatus"] == "Failed"
    assert job["FailureReason"].startswith("ClientError")
    assert "train" in job["FailureReason"]


# Reads two epochs of a stream, and what the container is told of it.
STREAMS = """
import json, os
config = json.load(open("/opt/ml/input/config/inputdataconfig.json"))["train"]
assert config["TrainingInputMode"] == "Pipe", config
epochs = [open(f"/opt/ml/input/data/train_{number}", "rb").read() for number in range(2)]
print("found", json.dumps([config["RecordWrapperType"], *(epoch.hex() for epoch in epochs)]))
"""


def streamed(aws, name, data, **more):
    """What user code read: how records are wrapped, and the bytes of both epochs."""
    job = aws.train(name, STREAMS, InputDataConfig=[data | {"InputMode": "Pipe"} | more])
    assert job["TrainingJobStatus"] == "Completed", job
    events = aws("logs").filter_log_events(
        logGroupName="/aws/sagemaker/TrainingJobs",
        logStreamNamePrefix=f"{name}/",
        filterPattern="found",
    )["events"]
    wrapped, *epochs = json.loads(events[0]["message"].removeprefix("found "))
    return wrapped, [bytes.fromhex(epoch) for epoch in epochs]


def record(text):
    """A record of RecordIO."""
    head = (0xCED7230A).to_bytes(4, "little") + len(text).to_bytes(4, "little")
    return head + text + bytes(-len(text) % 4)


def test_a_pipe_streams_the_files(aws, name):
    for key in ("one", "two", "three"):
        aws.put(f"{name}/data/{key}.csv", f"{key}\n".encode())
    data = channel("train", f"s3://{aws.bucket}/{name}/data/")
    assert streamed(aws, name, data) == ("None", [b"one\nthree\ntwo\n"] * 2)


def test_a_pipe_of_records(aws, name):
    one, two = (aws.put(f"{name}/{key}.img", key.encode()) for key in ("first", "second"))
    lines = [{"source-ref": one, "label": 1, "other": "x"}, {"source-ref": two, "label": "b"}]
    manifest = aws.put(
        f"{name}/list.manifest", "\n".join(json.dumps(line) for line in lines).encode()
    )
    data = channel("train", manifest, kind="AugmentedManifestFile")
    data["DataSource"]["S3DataSource"]["AttributeNames"] = ["source-ref", "label"]
    wrapped, epochs = streamed(aws, name, data, RecordWrapperType="RecordIO")
    assert wrapped == "RecordIO"
    assert epochs == [b"".join(map(record, (b"first", b"1", b"second", b"b")))] * 2


@pytest.mark.parametrize(
    ("kind", "mode", "more"),
    [
        ("AugmentedManifestFile", "File", {}),
        ("S3Prefix", "File", {"RecordWrapperType": "RecordIO"}),
    ],
)
def test_what_is_no_file_is_refused(aws, name, kind, mode, more):
    uri = aws.put(f"{name}/list.manifest", b"[]")
    data = channel("train", uri, kind=kind) | {"InputMode": mode} | more
    if kind == "AugmentedManifestFile":
        data["DataSource"]["S3DataSource"]["AttributeNames"] = ["source-ref"]
    with pytest.raises(botocore.exceptions.ClientError) as raised:
        aws("sagemaker").create_training_job(**aws.training(name, LISTS, InputDataConfig=[data]))
    assert raised.value.response["Error"]["Code"] == "ValidationException", raised.value
    assert "Pipe" in raised.value.response["Error"]["Message"]
