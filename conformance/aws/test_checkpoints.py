"""Checkpoints: in their bucket while the job runs, kept however it ends, there when it goes on."""

import json
import os
import signal

import botocore.exceptions
import pytest

# Goes on from the last epoch that it finds, one epoch at a time; does what it is told at the end.
EPOCHS = """
import os, sys, time
folder, end = "/opt/ml/checkpoints", os.environ["SM_HP_END"]
done = sorted(int(name.split("-")[1]) for name in os.listdir(folder))
print("begins after", done, flush=True)
first = done[-1] + 1 if done else 1
for epoch in range(first, first + 3):
    with open(f"{folder}/.part", "w") as file:
        file.write(f"state of {epoch}")
    os.rename(f"{folder}/.part", f"{folder}/epoch-{epoch}")
if end == "wait":
    while True: time.sleep(0.1)
if end == "fail":
    raise ValueError("out of luck")
"""


def request(aws, name, end, **more):
    config = {"CheckpointConfig": {"S3Uri": f"s3://{aws.bucket}/{aws.name}/checkpoints"}}
    return aws.training(name, EPOCHS, HyperParameters={"end": end}, **config, **more)


def kept(aws):
    listed = aws("s3").list_objects_v2(Bucket=aws.bucket, Prefix=f"{aws.name}/checkpoints/")
    keys = [each["Key"].rsplit("/", 1)[1] for each in listed.get("Contents", [])]
    return sorted(keys)


def epochs(last):
    return [f"epoch-{number}" for number in range(1, last + 1)]


def test_checkpoints_are_kept_while_it_runs_and_however_it_ends(aws, name):
    sagemaker = aws("sagemaker")
    spot = {
        "EnableManagedSpotTraining": True,
        "StoppingCondition": {"MaxRuntimeInSeconds": 600, "MaxWaitTimeInSeconds": 1200},
    }
    sagemaker.create_training_job(**request(aws, f"{name}-1", "wait", **spot))
    aws.server.until("checkpoints are there while it runs", lambda: kept(aws) == epochs(3))
    running = sagemaker.describe_training_job(TrainingJobName=f"{name}-1")
    assert running["TrainingJobStatus"] == "InProgress"
    assert running["EnableManagedSpotTraining"] is True
    assert running["StoppingCondition"]["MaxWaitTimeInSeconds"] == 1200
    sagemaker.stop_training_job(TrainingJobName=f"{name}-1")
    assert aws.trained(f"{name}-1")["TrainingJobStatus"] == "Stopped"
    assert kept(aws) == epochs(3)

    sagemaker.create_training_job(**request(aws, f"{name}-2", "fail"))
    assert aws.trained(f"{name}-2")["TrainingJobStatus"] == "Failed"
    assert kept(aws) == epochs(6)

    sagemaker.create_training_job(**request(aws, f"{name}-3", "well"))
    assert aws.trained(f"{name}-3")["TrainingJobStatus"] == "Completed"
    assert kept(aws) == epochs(9)
    body = aws("s3").get_object(Bucket=aws.bucket, Key=f"{aws.name}/checkpoints/epoch-8")["Body"]
    assert body.read() == b"state of 8"
    events = aws("logs").filter_log_events(
        logGroupName="/aws/sagemaker/TrainingJobs",
        logStreamNamePrefix=f"{name}-3/",
        filterPattern="begins",
    )["events"]
    assert events[0]["message"] == "begins after [1, 2, 3, 4, 5, 6]"


@pytest.mark.parametrize(
    ("more", "found"),
    [
        ({"EnableManagedSpotTraining": True}, "MaxWaitTimeInSeconds"),
        (
            {
                "EnableManagedSpotTraining": True,
                "StoppingCondition": {"MaxRuntimeInSeconds": 600, "MaxWaitTimeInSeconds": 60},
            },
            "MaxRuntimeInSeconds",
        ),
        (
            {"StoppingCondition": {"MaxRuntimeInSeconds": 60, "MaxWaitTimeInSeconds": 600}},
            "EnableManagedSpotTraining",
        ),
    ],
)
def test_times_of_spot_training_are_checked(aws, judge, name, more, found):
    judge.expects_refusals = True
    with pytest.raises(botocore.exceptions.ClientError) as raised:
        aws("sagemaker").create_training_job(**request(aws, name, "well", **more))
    assert raised.value.response["Error"]["Code"] == "ValidationException"
    assert found in raised.value.response["Error"]["Message"]

# Waits to be taken away the first time, and goes on from what it finds the second.
INTERRUPTED = """
import os, time
folder = "/opt/ml/checkpoints"
found = sorted(os.listdir(folder))
print("begins with", found, flush=True)
if not found:
    with open(f"{folder}/epoch-1", "w") as file:
        file.write("state of 1")
    while True: time.sleep(0.1)
"""


def test_an_attempt_that_is_lost_goes_on_from_its_checkpoint(aws, name):
    config = {"CheckpointConfig": {"S3Uri": f"s3://{aws.bucket}/{aws.name}/checkpoints"}}
    aws("sagemaker").create_training_job(**aws.training(name, INTERRUPTED, **config))
    aws.server.until("its checkpoint is kept", lambda: kept(aws) == ["epoch-1"])
    (ticket,) = (aws.server.data / "tickets").glob(f"*.{name}.a1")
    status = json.loads((ticket / "status.json").read_text())
    os.kill(status["supervisor"]["pid"], signal.SIGKILL)
    job = aws.trained(name)
    assert job["TrainingJobStatus"] == "Completed", job
    events = aws("logs").filter_log_events(
        logGroupName="/aws/sagemaker/TrainingJobs",
        logStreamNamePrefix=f"{name}/",
        filterPattern="begins",
    )["events"]
    assert [event["message"] for event in events] == [
        "begins with []", "begins with ['epoch-1']",
    ]
