"""A pipeline goes on where it stood when the server is killed."""

import boto3

from harness.aws import HELLO, Aws
from harness.pipelines import Pipelines
from harness.server import Server


def test_a_killed_server_starts_no_step_twice(name):
    with Server() as own:
        cloud = own.cloud()
        session = boto3.Session(
            aws_access_key_id=cloud["AWS_ACCESS_KEY_ID"],
            aws_secret_access_key=cloud["AWS_SECRET_ACCESS_KEY"],
            region_name=cloud["AWS_DEFAULT_REGION"],
        )
        aws = Aws(lambda service: session.client(service, endpoint_url=own.address), cloud, name, own)
        pipelines = Pipelines(aws, name)
        begun, release = own.folder / "begun", own.folder / "release"
        waiting = (
            "import os, time\n"
            f"open({str(begun)!r}, 'a').write('x')\n"
            f"while not os.path.exists({str(release)!r}):\n"
            "    time.sleep(0.05)\n"
        )
        steps = [
            pipelines.training("One", waiting),
            pipelines.training("Two", HELLO, DependsOn=["One"]),
        ]
        pipelines.create(steps)
        arn = pipelines.start()
        own.kill()
        own.start()
        own.until("the first step runs", begun.exists)
        own.kill()
        own.start()
        own.kill()
        release.touch()
        own.start()
        ended = pipelines.wait(arn)
        assert ended["PipelineExecutionStatus"] == "Succeeded", pipelines.steps(arn)
        assert begun.read_text() == "x", "the first step was done once"
        jobs = aws("sagemaker").list_training_jobs()["TrainingJobSummaries"]
        assert len(jobs) == 2, jobs
        assert not own.panics()
