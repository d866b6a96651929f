"""Pipelines of small scripts, made quickly through boto3."""

import json

from harness.aws import IMAGE

VERSION = "2020-12-01"
OVER = ("Succeeded", "Failed", "Stopped")


class Pipelines:
    """Pipelines of small scripts."""

    def __init__(self, aws, name):
        self.aws = aws
        self.name = name
        self.client = aws("sagemaker")

    def define(self, steps, parameters=()):
        return json.dumps(
            {"Version": VERSION, "Metadata": {}, "Parameters": list(parameters), "Steps": steps}
        )

    def create(self, steps, parameters=(), **more):
        return self.client.create_pipeline(
            PipelineName=self.name,
            PipelineDefinition=self.define(steps, parameters),
            ClientRequestToken="t" * 32,
            RoleArn=self.aws.role,
            **more,
        )["PipelineArn"]

    def processing(self, name, code, output=None, **more):
        """A step of one script."""
        script = self.aws.put(f"{self.name}/{name}/code.py", code)
        arguments = {
            "ProcessingResources": {
                "ClusterConfig": {
                    "InstanceType": "ml.m5.large", "InstanceCount": 1, "VolumeSizeInGB": 1,
                }
            },
            "AppSpecification": {
                "ImageUri": IMAGE,
                "ContainerEntrypoint": ["python3", "/opt/ml/processing/input/code/code.py"],
            },
            "RoleArn": self.aws.role,
            "ProcessingInputs": [
                {
                    "InputName": "code",
                    "S3Input": {
                        "S3Uri": script,
                        "LocalPath": "/opt/ml/processing/input/code",
                        "S3DataType": "S3Prefix",
                        "S3InputMode": "File",
                    },
                }
            ],
            **more.pop("Arguments", {}),
        }
        if output:
            uri = {
                "Std:Join": {
                    "On": "/",
                    "Values": [
                        f"s3://{self.aws.bucket}",
                        {"Get": "Execution.PipelineName"},
                        {"Get": "Execution.PipelineExecutionId"},
                        name,
                        output,
                    ],
                }
            }
            arguments["ProcessingOutputConfig"] = {
                "Outputs": [
                    {
                        "OutputName": output,
                        "S3Output": {
                            "S3Uri": uri,
                            "LocalPath": f"/opt/ml/processing/{output}",
                            "S3UploadMode": "EndOfJob",
                        },
                    }
                ]
            }
        return {"Name": name, "Type": "Processing", "Arguments": arguments, **more}

    def training(self, name, script, **more):
        request = self.aws.training(f"{self.name}-{name}", script, **more.pop("Arguments", {}))
        del request["TrainingJobName"]
        return {"Name": name, "Type": "Training", "Arguments": request, **more}

    def start(self, **more):
        given = more.pop("parameters", {})
        return self.client.start_pipeline_execution(
            PipelineName=self.name,
            PipelineParameters=[{"Name": n, "Value": v} for n, v in given.items()],
            **more,
        )["PipelineExecutionArn"]

    def look(self, arn):
        return self.client.describe_pipeline_execution(PipelineExecutionArn=arn)

    def wait(self, arn):
        def over():
            found = self.look(arn)
            return found if found["PipelineExecutionStatus"] in OVER else None

        return self.aws.server.until(f"{arn} is over", over, pause=0.2)

    def steps(self, arn):
        found = self.client.list_pipeline_execution_steps(PipelineExecutionArn=arn)
        return {step["StepName"]: step for step in found["PipelineExecutionSteps"]}
