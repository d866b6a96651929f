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


@pytest.mark.parametrize(
    ("kind", "mode", "code"),
    [
        ("AugmentedManifestFile", "File", "ValidationException"),
        ("S3Prefix", "Pipe", "UnsupportedOperationException"),
        ("ManifestFile", "Pipe", "UnsupportedOperationException"),
    ],
)
def test_what_is_no_file_is_refused(aws, judge, name, kind, mode, code):
    judge.expects_refusals = True
    uri = aws.put(f"{name}/list.manifest", b"[]")
    data = channel("train", uri, kind=kind) | {"InputMode": mode}
    if kind == "AugmentedManifestFile":
        data["DataSource"]["S3DataSource"]["AttributeNames"] = ["source-ref"]
    with pytest.raises(botocore.exceptions.ClientError) as raised:
        aws("sagemaker").create_training_job(**aws.training(name, LISTS, InputDataConfig=[data]))
    assert raised.value.response["Error"]["Code"] == code, raised.value
    assert "Pipe" in raised.value.response["Error"]["Message"]
