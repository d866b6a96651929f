"""Jobs on several instances: each a host of its own with its name, its part of the data and its
stream, all of them ended together."""

import io
import json
import socket
import tarfile

import botocore.exceptions
import pytest

from harness.aws import IMAGE, packed

# Each host tells the first what it has; the first leaves it as a part of the model.
GANG = """
import json, os, socket, time
host, hosts = os.environ["SM_CURRENT_HOST"], json.loads(os.environ["SM_HOSTS"])
with open("/opt/ml/input/config/resourceconfig.json") as file:
    config = json.load(file)
assert (config["current_host"], config["hosts"]) == (host, hosts), config
with open("/opt/ml/input/config/inputdataconfig.json") as file:
    assert json.load(file)["train"]["S3DistributionType"] == "ShardedByS3Key"
train, whole = (sorted(os.listdir(os.environ["SM_CHANNEL_" + name])) for name in ("TRAIN", "WHOLE"))
own = {"host": host, "train": train, "whole": whole, "name": socket.gethostname()}
print("this is", host)
print(f"[{hosts[-1]}] said by {host}")
print(f"seen={len(train)};")
port = int(os.environ["SM_HP_PORT"])
if host == hosts[0]:
    server = socket.create_server((host, port))
    told = [own]
    while len(told) < len(hosts):
        with server.accept()[0] as other, other.makefile() as lines:
            told.append(json.loads(lines.readline()))
    with open(os.path.join(os.environ["SM_MODEL_DIR"], "told.json"), "w") as file:
        json.dump(told, file)
else:
    for _ in range(600):
        try:
            with socket.create_connection((hosts[0], port)) as first:
                first.sendall((json.dumps(own) + "\\n").encode())
            break
        except ConnectionRefusedError:
            time.sleep(0.05)
    else:
        raise SystemExit("the first host does not listen")
with open(os.path.join(os.environ["SM_MODEL_DIR"], f"{host}.txt"), "w") as file:
    file.write(host)
os.makedirs(os.environ["SM_OUTPUT_DATA_DIR"], exist_ok=True)
with open(os.path.join(os.environ["SM_OUTPUT_DATA_DIR"], f"{host}.log"), "w") as file:
    file.write(host)
"""

FAILS = """
import os, time
if os.environ["SM_CURRENT_HOST"] == "algo-2":
    raise ValueError("this host cannot")
print("waits", flush=True)
while True: time.sleep(0.1)
"""


def channel(name, uri, distribution="FullyReplicated", kind="S3Prefix"):
    source = {"S3DataType": kind, "S3Uri": uri, "S3DataDistributionType": distribution}
    return {"ChannelName": name, "DataSource": {"S3DataSource": source}}


def cluster(count):
    return {"InstanceType": "ml.m5.large", "InstanceCount": count, "VolumeSizeInGB": 1}


def free_port():
    with socket.create_server(("127.0.0.1", 0)) as server:
        return server.getsockname()[1]


def unpacked(aws, uri):
    bucket, key = uri.removeprefix("s3://").split("/", 1)
    body = aws("s3").get_object(Bucket=bucket, Key=key)["Body"].read()
    with tarfile.open(fileobj=io.BytesIO(body)) as archive:
        files = [entry for entry in archive.getmembers() if entry.isfile()]
        return {entry.name.removeprefix("./"): archive.extractfile(entry).read() for entry in files}


def test_a_gang_trains(aws, name):
    parts = [f"part-{number}" for number in range(7)]
    for part in parts:
        aws.put(f"{name}/data/{part}", part.encode())
    data = f"s3://{aws.bucket}/{name}/data/"
    metric = {"Name": "seen", "Regex": "seen=([0-9]+);"}
    request = aws.training(
        name,
        GANG,
        HyperParameters={"port": str(free_port())},
        InputDataConfig=[channel("train", data, "ShardedByS3Key"), channel("whole", data)],
        ResourceConfig=cluster(3),
    )
    request["AlgorithmSpecification"]["MetricDefinitions"] = [metric]
    aws("sagemaker").create_training_job(**request)
    job = aws.trained(name)
    assert job["TrainingJobStatus"] == "Completed", job
    assert job["ResourceConfig"]["InstanceCount"] == 3
    hosts = ["algo-1", "algo-2", "algo-3"]
    model = unpacked(aws, job["ModelArtifacts"]["S3ModelArtifacts"])
    assert sorted(model) == ["algo-1.txt", "algo-2.txt", "algo-3.txt", "told.json"]
    output = job["ModelArtifacts"]["S3ModelArtifacts"].replace("model.tar.gz", "output.tar.gz")
    assert sorted(unpacked(aws, output)) == [f"{host}.log" for host in hosts]
    told = {each["host"]: each for each in json.loads(model["told.json"])}
    assert sorted(told) == hosts
    assert {each["name"] for each in told.values()} == set(hosts)
    shards = [told[host]["train"] for host in hosts]
    assert [len(shard) for shard in shards] == [3, 2, 2]
    assert sorted(sum(shards, [])) == parts
    assert all(each["whole"] == parts for each in told.values())

    logs, group = aws("logs"), "/aws/sagemaker/TrainingJobs"
    streams = logs.describe_log_streams(logGroupName=group, logStreamNamePrefix=f"{name}/")
    names = [each["logStreamName"] for each in streams["logStreams"]]
    assert [each.split("/")[1].rsplit("-", 1)[0] for each in names] == hosts
    for host, stream in zip(hosts, names):
        found = logs.get_log_events(logGroupName=group, logStreamName=stream, startFromHead=True)
        lines = [event["message"] for event in found["events"]]
        assert [line for line in lines if line.startswith("this is")] == [f"this is {host}"]
        # What a host prints stays its own, whatever it prints.
        assert [line for line in lines if " said by " in line] == [f"[algo-3] said by {host}"]


def test_all_end_when_one_fails(aws, name):
    job = aws.train(name, FAILS, ResourceConfig=cluster(3))
    assert job["TrainingJobStatus"] == "Failed"
    assert "algo-2" in job["FailureReason"]
    assert "this host cannot" in job["FailureReason"]


def test_all_end_when_stopped(aws, name):
    sagemaker = aws("sagemaker")
    script = "import time\nprint('on', flush=True)\nwhile True: time.sleep(0.1)\n"
    sagemaker.create_training_job(**aws.training(name, script, ResourceConfig=cluster(2)))
    aws.server.until(
        "it trains",
        lambda: sagemaker.describe_training_job(TrainingJobName=name)["SecondaryStatus"]
        == "Training",
    )
    sagemaker.stop_training_job(TrainingJobName=name)
    assert aws.trained(name)["TrainingJobStatus"] == "Stopped"


def test_a_gang_processes_its_shards(aws, name):
    for number in range(4):
        aws.put(f"{name}/in/{number}.txt", str(number).encode())
    code = aws.put(
        f"{name}/code/process.py",
        b"""
import os, shutil
host = os.environ["SM_CURRENT_HOST"]
for name in os.listdir("/opt/ml/processing/in"):
    shutil.copy(f"/opt/ml/processing/in/{name}", f"/opt/ml/processing/out/{host}-{name}")
""",
    )

    def entry(title, uri, path, distribution):
        source = {
            "S3Uri": uri,
            "LocalPath": path,
            "S3DataType": "S3Prefix",
            "S3InputMode": "File",
            "S3DataDistributionType": distribution,
        }
        return {"InputName": title, "S3Input": source}

    sagemaker = aws("sagemaker")
    sagemaker.create_processing_job(
        ProcessingJobName=name,
        RoleArn=aws.role,
        AppSpecification={
            "ImageUri": IMAGE,
            "ContainerEntrypoint": ["python3", "/opt/ml/processing/code/process.py"],
        },
        ProcessingInputs=[
            entry("code", code, "/opt/ml/processing/code", "FullyReplicated"),
            entry("in", f"s3://{aws.bucket}/{name}/in/", "/opt/ml/processing/in", "ShardedByS3Key"),
        ],
        ProcessingOutputConfig={
            "Outputs": [
                {
                    "OutputName": "out",
                    "S3Output": {
                        "S3Uri": f"s3://{aws.bucket}/{name}/out",
                        "LocalPath": "/opt/ml/processing/out",
                        "S3UploadMode": "EndOfJob",
                    },
                }
            ]
        },
        ProcessingResources={"ClusterConfig": cluster(2)},
    )

    def over():
        found = sagemaker.describe_processing_job(ProcessingJobName=name)
        return found if found["ProcessingJobStatus"] in ("Completed", "Failed") else None

    found = aws.server.until("it is processed", over, pause=0.2)
    assert found["ProcessingJobStatus"] == "Completed", found
    listed = aws("s3").list_objects_v2(Bucket=aws.bucket, Prefix=f"{name}/out/")
    keys = sorted(each["Key"].rsplit("/", 1)[1] for each in listed["Contents"])
    assert keys == ["algo-1-0.txt", "algo-1-2.txt", "algo-2-1.txt", "algo-2-3.txt"]
    sagemaker.delete_processing_job(ProcessingJobName=name)
    with pytest.raises(botocore.exceptions.ClientError):
        sagemaker.describe_processing_job(ProcessingJobName=name)


def test_more_than_there_can_be(aws, judge, name):
    judge.expects_refusals = True
    request = aws.training(name, "", ResourceConfig=cluster(21))
    with pytest.raises(botocore.exceptions.ClientError) as raised:
        aws("sagemaker").create_training_job(**request)
    assert raised.value.response["Error"]["Code"] == "ResourceLimitExceeded"


SERVES = """
def model_fn(model_dir): return None
def input_fn(body, content_type): return body
def predict_fn(body, model): return body
def output_fn(body, accept): return body.upper(), "text/csv"
"""


def test_a_gang_transforms_its_shards(aws, name):
    sagemaker = aws("sagemaker")
    sagemaker.create_model(
        ModelName=name,
        ExecutionRoleArn=aws.role,
        PrimaryContainer={
            "Image": IMAGE,
            "ModelDataUrl": aws.put(f"{name}/model.tar.gz", packed({"none": ""})),
            "Environment": {
                "SAGEMAKER_PROGRAM": "inference.py",
                "SAGEMAKER_SUBMIT_DIRECTORY": aws.put(
                    f"{name}/sourcedir.tar.gz", packed({"inference.py": SERVES})
                ),
            },
        },
    )
    for letter in "abcde":
        aws.put(f"{name}/in/{letter}.csv", letter.encode())
    source = {"S3DataType": "S3Prefix", "S3Uri": f"s3://{aws.bucket}/{name}/in/"}
    sagemaker.create_transform_job(
        TransformJobName=name,
        ModelName=name,
        TransformInput={"DataSource": {"S3DataSource": source}, "ContentType": "text/csv"},
        TransformOutput={"S3OutputPath": f"s3://{aws.bucket}/{name}/out"},
        TransformResources={"InstanceType": "ml.m5.large", "InstanceCount": 2},
    )

    def over():
        found = sagemaker.describe_transform_job(TransformJobName=name)
        return found if found["TransformJobStatus"] in ("Completed", "Failed") else None

    found = aws.server.until("it is transformed", over, pause=0.2)
    assert found["TransformJobStatus"] == "Completed", found
    s3 = aws("s3")
    for letter in "abcde":
        body = s3.get_object(Bucket=aws.bucket, Key=f"{name}/out/{letter}.csv.out")["Body"].read()
        assert body.decode().strip() == letter.upper()
