"""The AWS command line client, as PyPI has it, under `tradewind exec`."""

import json

import pytest

import prepare


@pytest.fixture
def cli(server):
    """Runs `aws …`; what it printed, as JSON when it is."""

    def run(*words, fails=False):
        python = prepare.python("harness")
        done = server.tradewind("exec", "--", python, "-m", "awscli", *words, check=False)
        shown = f"{words}: {done.stdout}\n{done.stderr}"
        assert (done.returncode != 0) == fails, shown
        if fails:
            return done.stderr
        try:
            return json.loads(done.stdout)
        except ValueError:
            return done.stdout

    return run


def test_objects(cli, server, name):
    """Folders up and down, a large file in parts, a presigned URL, and all of it away again."""
    cli("s3", "mb", f"s3://{name}")
    folder = server.folder / f"up-{name}"
    (folder / "a").mkdir(parents=True)
    (folder / "a" / "small.txt").write_text("small")
    (folder / "large.bin").write_bytes(bytes(range(256)) * (80 << 10))
    cli("s3", "cp", "--recursive", "--quiet", folder, f"s3://{name}/up")
    listed = cli("s3", "ls", "--recursive", f"s3://{name}/")
    assert [line.split()[2:] for line in listed.splitlines()] == [
        ["5", "up/a/small.txt"],
        [str(20 << 20), "up/large.bin"],
    ]
    down = server.folder / f"down-{name}"
    cli("s3", "sync", "--quiet", f"s3://{name}/up", down)
    assert (down / "large.bin").read_bytes() == (folder / "large.bin").read_bytes()
    assert (down / "a" / "small.txt").read_text() == "small"
    assert cli("s3", "cp", f"s3://{name}/up/a/small.txt", "-") == "small"
    cli("s3", "mv", f"s3://{name}/up/a/small.txt", f"s3://{name}/moved.txt")
    cli("s3", "rb", "--force", f"s3://{name}")
    assert "NoSuchBucket" in cli("s3", "ls", f"s3://{name}", fails=True)


def test_services(cli):
    identity = cli("sts", "get-caller-identity")
    assert ":assumed-role/" in identity["Arn"]
    assert cli("sagemaker", "list-endpoints")["Endpoints"] is not None
    refused = cli("sagemaker", "describe-training-job", "--training-job-name", "none", fails=True)
    assert "ValidationException" in refused
