"""Archives that would write where they must not: refused, with the reason, and nothing is written."""

import io
import tarfile

import pytest

from harness.aws import packed

SCRIPT = "import os; open(os.path.join(os.environ['SM_MODEL_DIR'], 'm'), 'w').write('m')\n"


def slipping(files, kind, target):
    """A `.tar.gz` of good files and one entry that leads outside."""
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w:gz") as archive:
        for name, text in files.items():
            entry = tarfile.TarInfo(name)
            entry.size = len(text)
            archive.addfile(entry, io.BytesIO(text.encode()))
        bad = tarfile.TarInfo(target)
        if kind == "link":
            link = tarfile.TarInfo("out")
            link.type, link.linkname = tarfile.SYMTYPE, target.rpartition("/")[0]
            archive.addfile(link)
            bad.name = "out/slipped"
        bad.size = 4
        archive.addfile(bad, io.BytesIO(b"evil"))
    return buffer.getvalue()


@pytest.fixture
def outside(server, name):
    """A path that only a slip could write."""
    folder = server.folder / f"outside-{name}"
    folder.mkdir()
    return folder / "slipped"


KINDS = ["parents", "absolute", "link"]


def target(kind, outside):
    return "../" * 40 + str(outside).lstrip("/") if kind == "parents" else str(outside)


@pytest.mark.parametrize("kind", KINDS)
def test_sourcedir(aws, name, kind, outside):
    body = slipping({"train.py": SCRIPT}, kind, target(kind, outside))
    code = aws.put("bad/sourcedir.tar.gz", body)
    job = aws.train(name, code)
    assert not outside.exists()
    assert job["TrainingJobStatus"] == "Failed", job
    assert job["FailureReason"]


@pytest.mark.parametrize("kind", KINDS)
def test_model(aws, name, kind, outside):
    url = aws.put("bad/model.tar.gz", slipping({"m": "m"}, kind, target(kind, outside)))
    script = "def model_fn(d): return d\ndef predict_fn(x, m): return x\n"
    code = aws.put("sourcedir.tar.gz", packed({"inference.py": script}))
    sagemaker = aws("sagemaker")
    sagemaker.create_model(
        ModelName=name,
        ExecutionRoleArn=aws.role,
        PrimaryContainer={
            "Image": aws.training(name, code)["AlgorithmSpecification"]["TrainingImage"],
            "ModelDataUrl": url,
            "Environment": {
                "SAGEMAKER_PROGRAM": "inference.py",
                "SAGEMAKER_SUBMIT_DIRECTORY": code,
            },
        },
    )
    sagemaker.create_endpoint_config(
        EndpointConfigName=name,
        ProductionVariants=[
            {
                "VariantName": "AllTraffic",
                "ModelName": name,
                "InitialInstanceCount": 1,
                "InstanceType": "ml.m5.large",
            }
        ],
    )
    sagemaker.create_endpoint(EndpointName=name, EndpointConfigName=name)

    def look():
        found = sagemaker.describe_endpoint(EndpointName=name)
        return found if found["EndpointStatus"] not in ("Creating", "Updating") else None

    found = aws.server.until("the endpoint is settled", look, pause=0.2)
    assert not outside.exists()
    assert found["EndpointStatus"] == "Failed", found
    assert found["FailureReason"]


def test_an_archive_that_is_none(aws, name):
    code = aws.put("bad/sourcedir.tar.gz", b"\x1f\x8b not gzip at all")
    job = aws.train(name, code)
    assert job["TrainingJobStatus"] == "Failed"
    assert job["FailureReason"]

