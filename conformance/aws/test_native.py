"""What one API makes is there in the other: both are views of the same jobs, models, endpoints."""

import json

import pytest

from harness.aws import HELLO, IMAGE, TRIPLE, packed

WORKLOAD = """
name: {name}
steps:
  train:
    script: train.py
  register:
    register:
      model: {name}
      from: ${{steps.train.model}}
      handler: inference.py
      approve: true
"""


def shown(server, *words):
    return json.loads(server.tradewind("--json", *words).stdout)


@pytest.fixture
def trained(aws, name):
    """A model registered through SageMaker's API; its package."""
    job = aws.train(f"{name}-t", HELLO)
    code = aws.put("serving/sourcedir.tar.gz", packed({"inference.py": TRIPLE}))
    sagemaker = aws("sagemaker")
    sagemaker.create_model_package_group(ModelPackageGroupName=name)
    return sagemaker.create_model_package(
        ModelPackageGroupName=name,
        ModelApprovalStatus="Approved",
        InferenceSpecification={
            "Containers": [
                {
                    "Image": IMAGE,
                    "ModelDataUrl": job["ModelArtifacts"]["S3ModelArtifacts"],
                    "Environment": {
                        "SAGEMAKER_PROGRAM": "inference.py",
                        "SAGEMAKER_SUBMIT_DIRECTORY": code,
                    },
                }
            ],
            "SupportedContentTypes": ["application/json"],
            "SupportedResponseMIMETypes": ["application/json"],
        },
    )["ModelPackageArn"]


def test_made_by_sagemaker_seen_and_served_natively(aws, server, name, trained):
    assert trained.endswith(f"{name}/1")
    assert f"{name}-t" in server.tradewind("--json", "jobs").stdout
    assert f"{name}" in json.dumps(shown(server, "models", name))
    server.tradewind("deploy", name, f"{name}:1")
    payload = server.folder / f"{name}.json"
    payload.write_text("14")
    assert "42" in server.tradewind("predict", name, payload).stdout
    # And the native endpoint is one of SageMaker's.
    sagemaker, runtime = aws("sagemaker"), aws("sagemaker-runtime")
    assert sagemaker.describe_endpoint(EndpointName=name)["EndpointStatus"] == "InService"
    answer = runtime.invoke_endpoint(EndpointName=name, Body=b"5", ContentType="application/json")
    assert json.loads(answer["Body"].read()) == 15
    sagemaker.delete_endpoint(EndpointName=name)


def test_an_endpoint_of_sagemaker_is_called_natively(aws, server, name):
    job = aws.train(f"{name}-t", HELLO)
    aws.serve(name, job["ModelArtifacts"]["S3ModelArtifacts"], TRIPLE)
    assert name in server.tradewind("--json", "endpoints").stdout
    payload = server.folder / f"{name}.json"
    payload.write_text("7")
    assert "21" in server.tradewind("predict", name, payload).stdout
    aws.gone(name)
    assert name not in server.tradewind("--json", "endpoints").stdout


def test_made_natively_seen_and_served_by_sagemaker(aws, server, name):
    folder = server.folder / f"project-{name}"
    folder.mkdir()
    (folder / "tradewind.yaml").write_text(WORKLOAD.format(name=name))
    (folder / "train.py").write_text(HELLO)
    (folder / "inference.py").write_text(TRIPLE)
    server.tradewind("run", folder)
    sagemaker, runtime = aws("sagemaker"), aws("sagemaker-runtime")
    (package,) = sagemaker.list_model_packages(ModelPackageGroupName=name)[
        "ModelPackageSummaryList"
    ]
    assert package["ModelPackageVersion"] == 1
    assert package["ModelApprovalStatus"] == "Approved"
    sagemaker.create_model(
        ModelName=name,
        ExecutionRoleArn=aws.role,
        Containers=[{"ModelPackageName": package["ModelPackageArn"]}],
    )
    aws.endpoint(name, name)
    answer = runtime.invoke_endpoint(EndpointName=name, Body=b"14", ContentType="application/json")
    assert json.loads(answer["Body"].read()) == 42
    aws.gone(name)
