"""A server that is killed costs neither a gang of hosts, nor its checkpoints, nor the call of a
function that a pipeline waits for."""

import socket
import subprocess
import sys

import pytest

from aws.test_instances import cluster, unpacked
from aws.test_lambda import packed
from aws.test_pipeline_functions import step
from harness.aws import of
from harness.pipelines import Pipelines
from harness.server import PATIENCE, Server, binary


@pytest.fixture
def own(name):
    """A server of this test's own, and short ways to it."""
    with Server() as server:
        yield of(server, name)
        assert not server.panics()


def test_a_gang_goes_on(own, name):
    server = own.server
    release = server.folder / "release"
    script = (
        "import os, time\n"
        "host = os.environ['SM_CURRENT_HOST']\n"
        "open(f'/opt/ml/checkpoints/{host}', 'w').write(host)\n"
        "print('begun', flush=True)\n"
        f"while not os.path.exists({str(release)!r}):\n"
        "    time.sleep(0.05)\n"
        "open(f'/opt/ml/model/{host}', 'w').write(host)\n"
    )
    uri = f"s3://{own.bucket}/kept"
    request = own.training(
        name, script, ResourceConfig=cluster(2), CheckpointConfig={"S3Uri": uri}
    )
    own("sagemaker").create_training_job(**request)
    logs = {"logGroupName": "/aws/sagemaker/TrainingJobs", "logStreamNamePrefix": f"{name}/"}

    def begun():
        events = own("logs").filter_log_events(**logs, filterPattern="begun")["events"]
        return len(events) == 2

    server.until("both hosts have begun", begun)
    server.kill()
    server.start()
    server.kill()
    release.touch()
    server.start()
    job = own.trained(name)
    assert job["TrainingJobStatus"] == "Completed", job
    model = unpacked(own, job["ModelArtifacts"]["S3ModelArtifacts"])
    assert sorted(model) == ["algo-1", "algo-2"]
    kept = own("s3").list_objects_v2(Bucket=own.bucket, Prefix="kept/")["Contents"]
    assert [each["Key"] for each in kept] == ["kept/algo-1", "kept/algo-2"]
    events = own("logs").filter_log_events(**logs, filterPattern="begun")["events"]
    assert len(events) == 2, "each host began once"


def test_a_function_is_called_again(own, name):
    server = own.server
    # A function that takes long enough to be killed in its midst.
    handler = (
        "import time\n"
        "def handler(event, context):\n"
        "    time.sleep(event['seconds'])\n"
        "    return {'done': 'yes'}\n"
    )
    client = own("lambda")
    arn = client.create_function(
        FunctionName=name,
        Runtime="python3.11",
        Role="arn:aws:iam::123456789012:role/lambda",
        Handler="app.handler",
        Code={"ZipFile": packed(app=handler)},
        Timeout=60,
    )["FunctionArn"]
    client.get_waiter("function_active_v2").wait(FunctionName=name)
    pipelines = Pipelines(own, name)
    pipelines.create([step("Call", arn, {"seconds": 5}, [("done", "String")])])
    execution = pipelines.start()
    server.until(
        "the function is called",
        lambda: pipelines.steps(execution).get("Call", {}).get("StepStatus") == "Executing",
    )
    server.kill()
    server.start()
    ended = pipelines.wait(execution)
    assert ended["PipelineExecutionStatus"] == "Succeeded", pipelines.steps(execution)
    (found,) = pipelines.steps(execution)["Call"]["Metadata"]["Lambda"]["OutputParameters"]
    assert found == {"Name": "done", "Value": "yes"}


ASK = """
import boto3, sys
client = boto3.client("sts")
client.get_caller_identity()
print("ready", flush=True)
sys.stdin.readline()
print(client.get_caller_identity()["Account"])
"""


def test_a_call_outlasts_the_absence_of_the_server(own):
    """The program asks while nobody answers at the address, and again until the server is back."""
    server = own.server
    program = subprocess.Popen(
        [binary(), "exec", "--", sys.executable, "-c", ASK],
        env=server.environment(),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    with program:
        assert program.stdout.readline() == "ready\n"
        server.kill()
        # In the server's place: whoever asks is turned away, three times.
        with socket.create_server(("127.0.0.1", server.port)) as absent:
            program.stdin.write("\n")
            program.stdin.flush()
            for _ in range(3):
                absent.accept()[0].close()
        server.start()
        said, _ = program.communicate(timeout=PATIENCE)
    assert (program.returncode, said) == (0, "123456789012\n")
