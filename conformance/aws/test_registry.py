"""The model registry and search, through boto3."""

import json

import pytest
from botocore.exceptions import ClientError

from harness.aws import HELLO, IMAGE, TRIPLE, packed


@pytest.fixture
def model_data(aws):
    return aws.put("model.tar.gz", packed({"factor.json": "3", "code/inference.py": TRIPLE}))


def specification(model_data):
    return {
        "Containers": [
            {
                "Image": IMAGE,
                "ModelDataUrl": model_data,
                "Environment": {"SAGEMAKER_PROGRAM": "inference.py"},
            }
        ],
        "SupportedContentTypes": ["application/json"],
        "SupportedResponseMIMETypes": ["application/json"],
    }


def refused(call, **arguments):
    with pytest.raises(ClientError) as raised:
        call(**arguments)
    return raised.value.response["Error"]


def test_versions_are_counted_and_approved(aws, name, model_data):
    sagemaker = aws("sagemaker")
    group = sagemaker.create_model_package_group(
        ModelPackageGroupName=name,
        ModelPackageGroupDescription="flowers",
        Tags=[{"Key": "team", "Value": "violet"}],
    )["ModelPackageGroupArn"]
    again = refused(sagemaker.create_model_package_group, ModelPackageGroupName=name)
    assert again["Code"] == "ValidationException" and "already exists" in again["Message"]
    request = {
        "ModelPackageGroupName": name,
        "InferenceSpecification": specification(model_data),
        "ClientToken": "once",
        "ModelMetrics": {
            "ModelQuality": {
                "Statistics": {"ContentType": "application/json", "S3Uri": model_data}
            }
        },
        "MetadataProperties": {"CommitId": "c0ffee"},
        "CustomerMetadataProperties": {"colour": "violet", "size": "1"},
    }
    first = sagemaker.create_model_package(**request)["ModelPackageArn"]
    assert first.endswith(f":model-package/{name}/1")
    assert sagemaker.create_model_package(**request)["ModelPackageArn"] == first
    second = sagemaker.create_model_package(**request | {"ClientToken": "twice"})
    second = second["ModelPackageArn"]
    assert second.endswith(f":model-package/{name}/2")
    source = sagemaker.create_model_package(ModelPackageGroupName=name, SourceUri="s3://x/y")
    assert source["ModelPackageArn"].endswith("/3")
    fourth = sagemaker.create_model_package(
        ModelPackageGroupName=name,
        InferenceSpecification=specification(model_data),
        ModelApprovalStatus="Rejected",
    )["ModelPackageArn"]
    assert fourth.endswith("/4")

    described = sagemaker.describe_model_package(ModelPackageName=first)
    assert described["ModelApprovalStatus"] == "PendingManualApproval"
    for member in ("ModelMetrics", "MetadataProperties", "InferenceSpecification"):
        assert described[member] == request[member]
    sagemaker.update_model_package(
        ModelPackageArn=first,
        ModelApprovalStatus="Approved",
        ApprovalDescription="good",
        CustomerMetadataProperties={"size": "2"},
        CustomerMetadataPropertiesToRemove=["colour"],
    )
    described = sagemaker.describe_model_package(ModelPackageName=first)
    assert described["ModelApprovalStatus"] == "Approved"
    assert described["CustomerMetadataProperties"] == {"size": "2"}
    native = aws.server.request("GET", f"/models/{name}/versions/1")
    assert native["approval"] == "approved"

    pages = sagemaker.get_paginator("list_model_packages").paginate(
        ModelPackageGroupName=name, PaginationConfig={"PageSize": 2}
    )
    listed = [p["ModelPackageArn"] for page in pages for p in page["ModelPackageSummaryList"]]
    assert listed == [first, second, source["ModelPackageArn"], fourth]
    approved = sagemaker.list_model_packages(
        ModelPackageGroupName=name, ModelApprovalStatus="Approved"
    )["ModelPackageSummaryList"]
    assert [package["ModelPackageArn"] for package in approved] == [first]
    batch = sagemaker.batch_describe_model_package(ModelPackageArnList=[first, first[:-1] + "9"])
    assert list(batch["ModelPackageSummaries"]) == [first]
    assert list(batch["BatchDescribeModelPackageErrorMap"]) == [first[:-1] + "9"]

    assert sagemaker.list_tags(ResourceArn=group)["Tags"] == [{"Key": "team", "Value": "violet"}]
    full = refused(sagemaker.delete_model_package_group, ModelPackageGroupName=name)
    assert full["Code"] == "ConflictException"
    for arn in listed:
        sagemaker.delete_model_package(ModelPackageName=arn)
    missing = refused(sagemaker.describe_model_package, ModelPackageName=first)
    assert missing["Code"] == "ValidationException" and "does not exist" in missing["Message"]
    sagemaker.delete_model_package_group(ModelPackageGroupName=name)
    sagemaker.create_model_package_group(ModelPackageGroupName=name)
    anew = sagemaker.create_model_package(**request | {"ClientToken": "thrice"})
    assert anew["ModelPackageArn"] == first, "a new group counts from 1"


def test_a_package_is_deployed(aws, name, model_data):
    sagemaker = aws("sagemaker")
    sagemaker.create_model_package_group(ModelPackageGroupName=name)
    package = sagemaker.create_model_package(
        ModelPackageGroupName=name, InferenceSpecification=specification(model_data)
    )["ModelPackageArn"]
    model = {
        "ModelName": name,
        "ExecutionRoleArn": aws.role,
        "Containers": [{"ModelPackageName": package}],
    }
    assert refused(sagemaker.create_model, **model)["Code"] == "ValidationException"
    sagemaker.update_model_package(ModelPackageArn=package, ModelApprovalStatus="Approved")
    sagemaker.create_model(**model)
    aws.endpoint(name, name)
    answer = aws("sagemaker-runtime").invoke_endpoint(
        EndpointName=name, Body=b"14", ContentType="application/json"
    )
    assert json.loads(answer["Body"].read()) == 42
    aws.gone(name)
    assert sagemaker.describe_model_package(ModelPackageName=package)["ModelPackageVersion"] == 1


def test_unversioned(aws, name, model_data):
    sagemaker = aws("sagemaker")
    request = {
        "ModelPackageName": name,
        "InferenceSpecification": specification(model_data),
    }
    arn = sagemaker.create_model_package(**request)["ModelPackageArn"]
    assert arn.endswith(f":model-package/{name}")
    again = refused(sagemaker.create_model_package, **request)
    assert "ModelPackage already exists" in again["Message"]
    described = sagemaker.describe_model_package(ModelPackageName=name)
    assert described["ModelPackageArn"] == arn and "ModelApprovalStatus" not in described
    listed = sagemaker.list_model_packages(NameContains=name)["ModelPackageSummaryList"]
    assert [package["ModelPackageName"] for package in listed] == [name]
    # A group of the same name counts by itself.
    sagemaker.create_model_package_group(ModelPackageGroupName=name)
    versioned = sagemaker.create_model_package(
        ModelPackageGroupName=name, InferenceSpecification=specification(model_data)
    )
    assert versioned["ModelPackageArn"] == f"{arn}/1"
    sagemaker.delete_model_package(ModelPackageName=name)
    assert sagemaker.describe_model_package(ModelPackageName=f"{arn}/1")


def test_models_of_the_native_api_are_packages(aws, name, model_data):
    sagemaker = aws("sagemaker")
    for _ in range(2):
        aws.server.request("POST", f"/models/{name}/versions", {"artifact": model_data})
    listed = sagemaker.list_model_packages(ModelPackageGroupName=name)["ModelPackageSummaryList"]
    assert [package["ModelPackageVersion"] for package in listed] == [1, 2]
    groups = sagemaker.list_model_package_groups(NameContains=name)
    assert [g["ModelPackageGroupName"] for g in groups["ModelPackageGroupSummaryList"]] == [name]
    arn = listed[1]["ModelPackageArn"]
    sagemaker.update_model_package(ModelPackageArn=arn, ModelApprovalStatus="Approved")
    assert aws.server.request("GET", f"/models/{name}/versions/2")["approval"] == "approved"
    third = sagemaker.create_model_package(
        ModelPackageGroupName=name, InferenceSpecification=specification(model_data)
    )
    assert third["ModelPackageArn"].endswith(f"/{name}/3")


def test_search(aws, name, model_data):
    sagemaker = aws("sagemaker")
    for number, team in enumerate(("red", "blue", "red")):
        job = f"{name}-{number}"
        aws.train(
            job,
            HELLO,
            HyperParameters={"depth": str(number)},
            Tags=[{"Key": "team", "Value": team}, {"Key": "test", "Value": name}],
        )

    def names(filters, **more):
        mine = {"Name": "Tags.test", "Operator": "Equals", "Value": name}
        found = sagemaker.search(
            Resource="TrainingJob",
            SearchExpression={"Filters": [mine], "SubExpressions": [{"Filters": filters} | more]},
            SortBy="TrainingJobName",
            SortOrder="Ascending",
        )
        return [result["TrainingJob"]["TrainingJobName"][-1] for result in found["Results"]]

    red = {"Name": "Tags.team", "Operator": "Equals", "Value": "red"}
    deep = {"Name": "HyperParameters.depth", "Operator": "GreaterThanOrEqualTo", "Value": "1"}
    assert names([red]) == ["0", "2"]
    assert names([red, deep]) == ["2"]
    assert names([red, deep], Operator="Or") == ["0", "1", "2"]
    assert names([{"Name": "FailureReason", "Operator": "Exists"}]) == []
    everything = {"Filters": [{"Name": "Tags.test", "Operator": "Equals", "Value": name}]}
    pages = sagemaker.get_paginator("search").paginate(
        Resource="TrainingJob", SearchExpression=everything, PaginationConfig={"PageSize": 2}
    )
    assert [len(page["Results"]) for page in pages] == [2, 1]
    suggested = sagemaker.get_search_suggestions(
        Resource="TrainingJob",
        SuggestionQuery={"PropertyNameQuery": {"PropertyNameHint": "HyperParameters.d"}},
    )["PropertyNameSuggestions"]
    assert {"PropertyName": "HyperParameters.depth"} in suggested
    none = sagemaker.search(
        Resource="ModelPackageGroup",
        SearchExpression={
            "Filters": [{"Name": "ModelPackageGroupName", "Operator": "Equals", "Value": name}]
        },
    )
    assert none["Results"] == []
