"""The servers that are measured: started, filled, and asked under one interface."""

import concurrent.futures
import json
import pathlib
import socket
import subprocess
import tempfile
import time

import prepare
from harness.aws import HELLO, IMAGE, packed
from harness.server import Server
from harness.signing import Signer, send

REGION = "us-east-1"
BUCKET = "measured"
ENDPOINT = "measured"
# An endpoint whose model the server evaluates by itself.
NATIVE = "measured-native"

# A handler that multiplies a number by what its model holds.
TRIPLE = """
import json, os
def model_fn(model_dir):
    with open(os.path.join(model_dir, "factor.json")) as file:
        return json.load(file)
def input_fn(body, content_type):
    return json.loads(body)
def predict_fn(value, factor):
    return value * factor
def output_fn(value, accept):
    return json.dumps(value), "application/json"
"""

# An older scikit-learn's models are evaluated by Python.
NEWER = IMAGE.replace(":1.2-1-", ":1.4-2-")
# A model without code of its own.
TREE = """
import os, joblib
from sklearn.datasets import load_iris
from sklearn.tree import DecisionTreeClassifier
model = DecisionTreeClassifier(max_depth=4).fit(*load_iris(return_X_y=True))
joblib.dump(model, os.path.join(os.environ["SM_MODEL_DIR"], "model.joblib"))
"""


class Target:
    """A server with an address and keys that sign for it."""

    notes = ()
    # Whether a request of a measurement may fail, which is then told and not counted.
    may_refuse = False
    # Whether it evaluates models by itself.
    is_native = False

    def call(self, operation, body):
        """An operation of SageMaker; its answer."""
        url, headers, text = self.request(operation, body)
        status, _, answer = send("POST", url, headers, text)
        if status != 200:
            raise RuntimeError(f"{self.name}: {operation}: {status} {answer.decode()}")
        return json.loads(answer or b"{}")

    def request(self, operation, body):
        """The URL, headers and text of a signed request."""
        url = self.address + "/"
        text = json.dumps(body).encode()
        headers = {
            "x-amz-target": f"SageMaker.{operation}",
            "content-type": "application/x-amz-json-1.1",
        }
        return url, Signer(self.keys, "sagemaker").headers("POST", url, text, headers), text

    def object(self, method, key, body=b""):
        """The URL and headers of a signed request for an object."""
        url = f"{self.address}/{BUCKET}/{key}" if key else f"{self.address}/{BUCKET}"
        return url, Signer(self.keys, "s3").headers(method, url, body)

    def put(self, key, body):
        url, headers = self.object("PUT", key, body)
        status, _, answer = send("PUT", url, headers, body)
        if status != 200:
            raise RuntimeError(f"{self.name}: {key}: {status} {answer.decode()}")

    def training(self, name, script=f"s3://{BUCKET}/train.tar.gz", image=IMAGE):
        """The request for a training job."""
        return {
            "TrainingJobName": name,
            "AlgorithmSpecification": {"TrainingImage": image, "TrainingInputMode": "File"},
            "RoleArn": "arn:aws:iam::123456789012:role/SageMakerRole",
            "HyperParameters": {
                "sagemaker_program": json.dumps("train.py"),
                "sagemaker_submit_directory": json.dumps(script),
            },
            "OutputDataConfig": {"S3OutputPath": f"s3://{BUCKET}/output"},
            "ResourceConfig": {
                "InstanceType": "ml.m5.large",
                "InstanceCount": 1,
                "VolumeSizeInGB": 1,
            },
            "StoppingCondition": {"MaxRuntimeInSeconds": 3600},
        }

    def over(self, name):
        """Waits for a job's end."""
        while True:
            job = self.call("DescribeTrainingJob", {"TrainingJobName": name})
            if job["TrainingJobStatus"] not in ("InProgress", "Stopping"):
                return job
            time.sleep(0.05)

    def each(self, work, names):
        """Does something for each name, over a few connections."""
        with concurrent.futures.ThreadPoolExecutor(8) as threads:
            list(threads.map(work, names))


class Tradewind(Target):
    """The binary, with one job at a time so that the others can be stopped before they start."""

    name = "tradewind"
    is_native = True

    def __enter__(self):
        self.server = Server("--live-jobs", "1")
        self.server.__enter__()
        self.address = self.server.address
        self.process = self.server.process
        self.folder = self.server.folder
        self.keys = self.server.cloud()
        return self

    def __exit__(self, *_):
        self.server.__exit__()

    def fill(self, count):
        self.put("", b"")
        self.put("train.tar.gz", packed({"train.py": HELLO}))
        self.put("serve.tar.gz", packed({"inference.py": TRIPLE}))
        self.call("CreateTrainingJob", self.training("first"))
        job = self.over("first")
        environment = {
            "SAGEMAKER_PROGRAM": "inference.py",
            "SAGEMAKER_SUBMIT_DIRECTORY": f"s3://{BUCKET}/serve.tar.gz",
        }
        self._serve(ENDPOINT, job["ModelArtifacts"]["S3ModelArtifacts"], environment)
        self.put("tree.tar.gz", packed({"train.py": TREE}))
        script = f"s3://{BUCKET}/tree.tar.gz"
        self.call("CreateTrainingJob", self.training("tree", script, NEWER))
        job = self.over("tree")
        self._serve(NATIVE, job["ModelArtifacts"]["S3ModelArtifacts"], {}, NEWER)
        self._is_evaluated_natively()
        # One job holds the only place; all others wait, and are stopped before they ever start.
        release = self.folder / "release"
        waiting = f"import os, time\nwhile not os.path.exists({str(release)!r}): time.sleep(0.2)\n"
        self.put("wait.tar.gz", packed({"train.py": waiting}))
        self.call("CreateTrainingJob", self.training("holds", f"s3://{BUCKET}/wait.tar.gz"))
        holds = {"TrainingJobName": "holds"}
        while self.call("DescribeTrainingJob", holds)["SecondaryStatus"] != "Training":
            time.sleep(0.05)
        names = [f"job-{number:05}" for number in range(count - 3)]
        self.each(lambda name: self.call("CreateTrainingJob", self.training(name)), names)
        self.each(lambda name: self.call("StopTrainingJob", {"TrainingJobName": name}), names)
        for name in names[-50:]:
            self.over(name)
        release.touch()
        self.over("holds")

    def _is_evaluated_natively(self):
        """Ends the bench when a Python worker answers what is measured as native."""
        url = f"{self.address}/api/v1/endpoints/{NATIVE}/status"
        _, _, answer = send("GET", url, {"authorization": f"Bearer {self.server.key}"}, b"")
        for deployment in json.loads(answer)["deployments"]:
            if deployment["engine"] != "native":
                raise RuntimeError(f"{NATIVE} is not native: {deployment['engine_detail']}")

    def _serve(self, name, model, environment, image=IMAGE):
        container = {"Image": image, "ModelDataUrl": model, "Environment": environment}
        role = "arn:aws:iam::123456789012:role/SageMakerRole"
        self.call(
            "CreateModel",
            {"ModelName": name, "ExecutionRoleArn": role, "PrimaryContainer": container},
        )
        variant = {
            "VariantName": "AllTraffic",
            "ModelName": name,
            "InitialInstanceCount": 1,
            "InstanceType": "ml.m5.large",
        }
        config = {"EndpointConfigName": name, "ProductionVariants": [variant]}
        self.call("CreateEndpointConfig", config)
        self.call("CreateEndpoint", {"EndpointName": name, "EndpointConfigName": name})
        while (state := self._state(name)) != "InService":
            if state == "Failed":
                raise RuntimeError("the endpoint failed")
            time.sleep(0.1)

    def _state(self, name):
        return self.call("DescribeEndpoint", {"EndpointName": name})["EndpointStatus"]


class Moto(Target):
    """moto's own server, which keeps everything in memory and runs nothing."""

    name = "moto"
    may_refuse = True
    keys = {
        "AWS_ACCESS_KEY_ID": "AKIAIOSFODNN7EXAMPLE",
        "AWS_SECRET_ACCESS_KEY": "secret",
        "AWS_DEFAULT_REGION": REGION,
    }

    def __enter__(self):
        self.temporary = tempfile.TemporaryDirectory(prefix="tradewind-bench-moto-")
        self.folder = pathlib.Path(self.temporary.name)
        with socket.create_server(("127.0.0.1", 0)) as free:
            port = free.getsockname()[1]
        self.address = f"http://127.0.0.1:{port}"
        program = prepare.folder("moto") / "bin/moto_server"
        self.process = subprocess.Popen(
            [program, "-H", "127.0.0.1", "-p", str(port)],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        end = time.monotonic() + 60
        while True:
            try:
                send("GET", self.address + "/moto-api/", {"host": "localhost"})
                return self
            except OSError:
                if time.monotonic() > end or self.process.poll() is not None:
                    raise
                time.sleep(0.05)

    def __exit__(self, *_):
        self.process.terminate()
        self.process.wait(20)
        self.temporary.cleanup()

    def fill(self, count):
        self.put("", b"")
        names = ["first", *(f"job-{number:05}" for number in range(count - 1))]
        self.each(lambda name: self.call("CreateTrainingJob", self.training(name)), names)
        url = f"{self.address}/endpoints/{ENDPOINT}/invocations"
        signed = Signer(self.keys, "sagemaker").headers("POST", url, b"14")
        status, _, body = send("POST", url, signed, b"14")
        self.notes = [
            f"moto answers InvokeEndpoint with {status} and {body[:120]!r}: it runs no model and "
            "makes the answer up; so its figure for InvokeEndpoint is of another thing."
        ]
