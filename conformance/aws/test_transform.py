"""Batch transform through boto3: splitting, batching, filters, joining, assembling, failures."""

import json

import botocore.exceptions
import pytest

from harness.aws import IMAGE, packed

OVER = ("Completed", "Failed", "Stopped")

# Answers the sum of each row of CSV times the model's factor, one line a row; counts its calls.
SUMS = """
import json, os
def model_fn(model_dir):
    with open(os.path.join(model_dir, "factor.json")) as file:
        return json.load(file)
def input_fn(body, content_type):
    print("asked with", len(body), "characters")
    return [[float(cell) for cell in line.split(",")] for line in body.splitlines()]
def predict_fn(rows, factor):
    return [sum(row) * factor for row in rows]
def output_fn(values, accept):
    return "".join("%g\\n" % value for value in values), "text/csv"
"""


def refused(call, code):
    with pytest.raises(botocore.exceptions.ClientError) as raised:
        call()
    assert raised.value.response["Error"]["Code"] == code, raised.value


class Transform:
    def __init__(self, aws, name):
        self.aws = aws
        self.name = name
        self.client = aws("sagemaker")
        data = aws.put(f"{name}/model.tar.gz", packed({"factor.json": "2"}))
        code = aws.put(f"{name}/sourcedir.tar.gz", packed({"inference.py": SUMS}))
        self.client.create_model(
            ModelName=name,
            ExecutionRoleArn=aws.role,
            PrimaryContainer={
                "Image": IMAGE,
                "ModelDataUrl": data,
                "Environment": {
                    "SAGEMAKER_PROGRAM": "inference.py", "SAGEMAKER_SUBMIT_DIRECTORY": code,
                },
            },
        )

    def request(self, job, source, content_type="text/csv", split="Line", assemble="Line", **more):
        return {
            "TransformJobName": job,
            "ModelName": self.name,
            "TransformInput": {
                "DataSource": {"S3DataSource": {"S3DataType": "S3Prefix", "S3Uri": source}},
                "ContentType": content_type,
                "SplitType": split,
            },
            "TransformOutput": {
                "S3OutputPath": f"s3://{self.aws.bucket}/{job}/out",
                "Accept": "text/csv",
                "AssembleWith": assemble,
            },
            "TransformResources": {"InstanceType": "ml.m5.large", "InstanceCount": 1},
            **more,
        }

    def run(self, job, source, **more):
        self.client.create_transform_job(**self.request(job, source, **more))

        def over():
            found = self.client.describe_transform_job(TransformJobName=job)
            return found if found["TransformJobStatus"] in OVER else None

        return self.aws.server.until(f"{job} is over", over, pause=0.2)

    def answers(self, job):
        """The objects that a job left, by their keys below its output."""
        s3, prefix = self.aws("s3"), f"{job}/out/"
        found = s3.list_objects_v2(Bucket=self.aws.bucket, Prefix=prefix).get("Contents", [])
        return {
            each["Key"].removeprefix(prefix): s3.get_object(
                Bucket=self.aws.bucket, Key=each["Key"]
            )["Body"].read().decode()
            for each in found
        }

    def lines(self, job):
        logs = self.aws("logs")
        group = "/aws/sagemaker/TransformJobs"
        streams = logs.describe_log_streams(logGroupName=group, logStreamNamePrefix=f"{job}/")
        (stream,) = [each["logStreamName"] for each in streams["logStreams"]]
        found = logs.get_log_events(logGroupName=group, logStreamName=stream, startFromHead=True)
        return [event["message"] for event in found["events"]]


@pytest.fixture
def transform(aws, name):
    return Transform(aws, name)


def test_every_object_gets_its_answers(transform, aws, name):
    aws.put(f"{name}/rows/a.csv", b"1,2\n3,4\n")
    aws.put(f"{name}/rows/more/b.csv", b"5,5\n")
    job = f"{name}-many"
    described = transform.run(job, f"s3://{aws.bucket}/{name}/rows/")
    assert described["TransformJobStatus"] == "Completed", described.get("FailureReason")
    assert described["ModelName"] == name
    assert described["TransformStartTime"] <= described["TransformEndTime"]
    assert transform.answers(job) == {"a.csv.out": "6\n14\n", "more/b.csv.out": "20\n"}
    asked = [line for line in transform.lines(job) if line.startswith("asked with")]
    assert len(asked) == 2, "the rows of a file went together"
    listed = transform.client.list_transform_jobs(NameContains=job)["TransformJobSummaries"]
    assert [each["TransformJobName"] for each in listed] == [job]

    single = f"{name}-single"
    transform.run(single, f"s3://{aws.bucket}/{name}/rows/a.csv", BatchStrategy="SingleRecord")
    assert transform.answers(single) == {"a.csv.out": "6\n14\n"}
    asked = [line for line in transform.lines(single) if line.startswith("asked with")]
    assert len(asked) == 2, "each row went alone"

    whole = f"{name}-whole"
    transform.run(whole, f"s3://{aws.bucket}/{name}/rows/a.csv", split="None", assemble="None")
    assert transform.answers(whole) == {"a.csv.out": "6\n14\n"}


def test_filters_and_joins(transform, aws, name):
    source = aws.put(f"{name}/rows.csv", b"id1,1,2\nid2,3,4\n")
    job = f"{name}-join"
    processing = {"InputFilter": "$[1:]", "JoinSource": "Input", "OutputFilter": "$[0,-1]"}
    described = transform.run(job, source, DataProcessing=processing)
    assert described["TransformJobStatus"] == "Completed", described.get("FailureReason")
    assert described["DataProcessing"] == processing
    assert transform.answers(job) == {"rows.csv.out": "id1,6\nid2,14\n"}
    wild = transform.request(f"{name}-wild", source, DataProcessing={"InputFilter": "$..x"})
    refused(lambda: transform.client.create_transform_job(**wild), "ValidationException")


def test_failures_are_told(transform, aws, name):
    source = aws.put(f"{name}/bad.csv", b"1,x\n")
    described = transform.run(f"{name}-bad", source)
    assert described["TransformJobStatus"] == "Failed"
    assert "could not convert string to float" in described["FailureReason"]
    assert transform.answers(f"{name}-bad") == {}
    nothing = transform.run(f"{name}-none", f"s3://{aws.bucket}/{name}/nothing/")
    assert nothing["TransformJobStatus"] == "Failed"
    again = transform.request(f"{name}-bad", source)
    refused(lambda: transform.client.create_transform_job(**again), "ResourceInUse")
    missing = transform.request(f"{name}-m", source) | {"ModelName": f"{name}-x"}
    refused(lambda: transform.client.create_transform_job(**missing), "ValidationException")


def test_a_pipeline_transforms(transform, aws, name):
    source = aws.put(f"{name}/rows.csv", b"1,2\n")
    request = transform.request("x", source)
    del request["TransformJobName"]
    step = {"Name": "Batch", "Type": "Transform", "Arguments": request}
    definition = {"Version": "2020-12-01", "Steps": [step]}
    sagemaker = transform.client
    sagemaker.create_pipeline(
        PipelineName=name, PipelineDefinition=json.dumps(definition),
        ClientRequestToken="t" * 32, RoleArn=aws.role,
    )
    arn = sagemaker.start_pipeline_execution(PipelineName=name)["PipelineExecutionArn"]

    def over():
        found = sagemaker.describe_pipeline_execution(PipelineExecutionArn=arn)
        return found if found["PipelineExecutionStatus"] in OVER + ("Succeeded",) else None

    assert aws.server.until("it is over", over)["PipelineExecutionStatus"] == "Succeeded"
    assert transform.answers("x") == {"rows.csv.out": "6\n"}
