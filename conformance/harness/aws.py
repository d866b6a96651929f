"""Resources of the AWS dialect, made quickly through boto3."""

import io
import json
import tarfile

IMAGE = "683313688378.dkr.ecr.us-east-1.amazonaws.com/sagemaker-scikit-learn:1.2-1-cpu-py3"

# Keeps one processor busy until it is stopped.
BUSY = """
import time
end = time.monotonic() + 300
while time.monotonic() < end:
    sum(range(10_000))
"""

# A script that leaves a number as its model, and one that multiplies by it.
HELLO = """
import json, os, sys
print("hello from", os.environ["SM_CURRENT_HOST"])
print("to the other stream", file=sys.stderr)
print("accuracy=0.75;")
with open(os.path.join(os.environ["SM_MODEL_DIR"], "factor.json"), "w") as file:
    json.dump(3, file)
"""

TRIPLE = """
import json, os
def model_fn(model_dir):
    with open(os.path.join(model_dir, "factor.json")) as file:
        return json.load(file)
def input_fn(body, content_type):
    return json.loads(body)
def predict_fn(value, factor):
    print("asked for", value)
    if value == "fail":
        raise ValueError("no number")
    return value * factor
def output_fn(value, accept):
    return json.dumps(value), "application/json"
"""

# How boto3's waiters are told to ask often.
OFTEN = {"Delay": 1, "MaxAttempts": 170}


def packed(files):
    """A `.tar.gz` of names and texts."""
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w:gz") as archive:
        for name, text in files.items():
            entry = tarfile.TarInfo(name)
            entry.size = len(text)
            archive.addfile(entry, io.BytesIO(text.encode()))
    return buffer.getvalue()


def of(server, name):
    """Short ways to a server of a test's own."""
    import boto3

    cloud = server.cloud()
    session = boto3.Session(
        aws_access_key_id=cloud["AWS_ACCESS_KEY_ID"],
        aws_secret_access_key=cloud["AWS_SECRET_ACCESS_KEY"],
        region_name=cloud["AWS_DEFAULT_REGION"],
    )
    clients = lambda service: session.client(service, endpoint_url=server.address)
    return Aws(clients, cloud, name, server)


class Aws:
    """Clients of the plain endpoint and a bucket, with short ways to common resources."""

    def __init__(self, client, cloud, name, server):
        self.make_client = client
        self.cloud = cloud
        self.name = name
        self.server = server
        self.clients = {}
        self.bucket = f"conformance-{name}"[:60]
        self("s3").create_bucket(Bucket=self.bucket)

    def __call__(self, service):
        if service not in self.clients:
            self.clients[service] = self.make_client(service)
        return self.clients[service]

    @property
    def role(self):
        account = self("sts").get_caller_identity()["Account"]
        return f"arn:aws:iam::{account}:role/SageMakerRole"

    def put(self, key, body):
        """An object; its URL."""
        self("s3").put_object(Bucket=self.bucket, Key=key, Body=body)
        return f"s3://{self.bucket}/{key}"

    def training(self, name, script, **more):
        """The request for a training job of one script, without input."""
        code = script if isinstance(script, str) and script.startswith("s3://") else self.put(
            f"{name}/sourcedir.tar.gz", packed({"train.py": script})
        )
        hyperparameters = {
            "sagemaker_program": json.dumps("train.py"),
            "sagemaker_submit_directory": json.dumps(code),
        }
        return {
            "TrainingJobName": name,
            "AlgorithmSpecification": {"TrainingImage": IMAGE, "TrainingInputMode": "File"},
            "RoleArn": self.role,
            "HyperParameters": hyperparameters | more.pop("HyperParameters", {}),
            "OutputDataConfig": {"S3OutputPath": f"s3://{self.bucket}/{name}"},
            "ResourceConfig": {
                "InstanceType": "ml.m5.large",
                "InstanceCount": 1,
                "VolumeSizeInGB": 1,
            },
            "StoppingCondition": {"MaxRuntimeInSeconds": 600},
        } | more

    def train(self, name, script, **more):
        """Runs a training job to its end, whichever it is; its description."""
        self("sagemaker").create_training_job(**self.training(name, script, **more))
        return self.trained(name)

    def trained(self, name):
        """The description of a job that is over."""
        over = ("Completed", "Failed", "Stopped")

        def look():
            found = self("sagemaker").describe_training_job(TrainingJobName=name)
            return found if found["TrainingJobStatus"] in over else None

        return self.server.until(f"training job {name} is over", look, pause=0.2)

    def serve(self, name, model_data, script, **more):
        """A model, a configuration and an endpoint of that name, in service."""
        code = self.put(f"{name}/serving/sourcedir.tar.gz", packed({"inference.py": script}))
        sagemaker = self("sagemaker")
        sagemaker.create_model(
            ModelName=name,
            ExecutionRoleArn=self.role,
            PrimaryContainer={
                "Image": IMAGE,
                "ModelDataUrl": model_data,
                "Environment": {
                    "SAGEMAKER_PROGRAM": "inference.py",
                    "SAGEMAKER_SUBMIT_DIRECTORY": code,
                },
            },
        )
        self.endpoint(name, name, **more)

    def endpoint(self, name, model, **more):
        """A configuration and an endpoint of one variant of a model, in service."""
        sagemaker = self("sagemaker")
        variant = {
            "VariantName": "AllTraffic",
            "ModelName": model,
            "InitialInstanceCount": 1,
            "InstanceType": "ml.m5.large",
        }
        sagemaker.create_endpoint_config(
            EndpointConfigName=name, ProductionVariants=[variant], **more
        )
        sagemaker.create_endpoint(EndpointName=name, EndpointConfigName=name)
        self.in_service(name)

    def in_service(self, name):
        def look():
            found = self("sagemaker").describe_endpoint(EndpointName=name)
            assert found["EndpointStatus"] != "Failed", found
            return found if found["EndpointStatus"] == "InService" else None

        return self.server.until(f"endpoint {name} is in service", look, pause=0.2)

    def gone(self, name):
        """Deletes an endpoint with its configuration and model, and waits until it is away."""
        sagemaker = self("sagemaker")
        sagemaker.delete_endpoint(EndpointName=name)
        sagemaker.get_waiter("endpoint_deleted").wait(EndpointName=name, WaiterConfig=OFTEN)
        sagemaker.delete_endpoint_config(EndpointConfigName=name)
        sagemaker.delete_model(ModelName=name)
