"""Experiments, trials, trial components, their metrics, and lineage, through boto3."""

import datetime

import pytest
from botocore.exceptions import ClientError

from harness.aws import HELLO


def refused(call, **arguments):
    with pytest.raises(ClientError) as raised:
        call(**arguments)
    return raised.value.response["Error"]


def test_experiment(aws, name):
    sagemaker = aws("sagemaker")
    arn = sagemaker.create_experiment(ExperimentName=name, Description="flowers")["ExperimentArn"]
    again = refused(sagemaker.create_experiment, ExperimentName=name)
    assert again["Code"] == "ValidationException" and "already exists" in again["Message"]
    sagemaker.update_experiment(ExperimentName=name, DisplayName="shown")
    described = sagemaker.describe_experiment(ExperimentName=name)
    assert (described["ExperimentArn"], described["Description"]) == (arn, "flowers")
    assert described["DisplayName"] == "shown"
    nowhere = refused(sagemaker.create_trial, TrialName=name, ExperimentName=f"{name}-x")
    assert nowhere["Code"] == "ResourceNotFound"

    sagemaker.create_trial(TrialName=name, ExperimentName=name)
    sagemaker.create_trial_component(
        TrialComponentName=name,
        Status={"PrimaryStatus": "InProgress"},
        Parameters={"depth": {"NumberValue": 5.0}, "old": {"StringValue": "x"}},
        InputArtifacts={"data": {"Value": "s3://b/k", "MediaType": "text/csv"}},
    )
    sagemaker.associate_trial_component(TrialComponentName=name, TrialName=name)
    metrics = aws("sagemaker-metrics")
    now = datetime.datetime.now(datetime.UTC).replace(microsecond=0)
    answer = metrics.batch_put_metrics(
        TrialComponentName=name,
        MetricData=[
            {"MetricName": "loss", "Timestamp": now, "Step": step, "Value": value}
            for step, value in enumerate((4.0, 2.0, 3.0))
        ],
    )
    assert not answer.get("Errors")
    sagemaker.update_trial_component(
        TrialComponentName=name,
        Status={"PrimaryStatus": "Completed"},
        Parameters={"width": {"NumberValue": 2.0}},
        ParametersToRemove=["old"],
    )
    component = sagemaker.describe_trial_component(TrialComponentName=name)
    assert set(component["Parameters"]) == {"depth", "width"}
    assert component["Status"]["PrimaryStatus"] == "Completed"
    (loss,) = component["Metrics"]
    assert [loss[m] for m in ("Min", "Max", "Avg", "Last", "Count")] == [2.0, 4.0, 3.0, 3.0, 3]
    (series,) = metrics.batch_get_metrics(
        MetricQueries=[
            {
                "MetricName": "loss",
                "ResourceArn": component["TrialComponentArn"],
                "MetricStat": "Last",
                "Period": "IterationNumber",
                "XAxisType": "IterationNumber",
            }
        ]
    )["MetricQueryResults"]
    assert (series["XAxisValues"], series["MetricValues"]) == ([0, 1, 2], [4.0, 2.0, 3.0])

    (found,) = sagemaker.search(
        Resource="ExperimentTrialComponent",
        SearchExpression={
            "Filters": [
                {"Name": "Parents.ExperimentName", "Operator": "Equals", "Value": name},
                {"Name": "Parameters.depth", "Operator": "GreaterThan", "Value": "4"},
                {"Name": "Metrics.loss.Max", "Operator": "LessThan", "Value": "4.5"},
            ]
        },
    )["Results"]
    assert found["TrialComponent"]["TrialComponentName"] == name
    of_experiment = sagemaker.list_trial_components(ExperimentName=name)
    assert [c["TrialComponentName"] for c in of_experiment["TrialComponentSummaries"]] == [name]

    assert refused(sagemaker.delete_experiment, ExperimentName=name)["Code"] == "ValidationException"
    assert refused(sagemaker.delete_trial, TrialName=name)["Code"] == "ValidationException"
    sagemaker.disassociate_trial_component(TrialComponentName=name, TrialName=name)
    sagemaker.delete_trial_component(TrialComponentName=name)
    sagemaker.delete_trial(TrialName=name)
    sagemaker.delete_experiment(ExperimentName=name)
    missing = refused(sagemaker.describe_trial_component, TrialComponentName=name)
    assert missing["Code"] == "ResourceNotFound"


def test_jobs_are_components(aws, name):
    sagemaker = aws("sagemaker")
    sagemaker.create_experiment(ExperimentName=name)
    sagemaker.create_trial(TrialName=name, ExperimentName=name)
    unknown = aws.training(name, HELLO, ExperimentConfig={"ExperimentName": f"{name}-x"})
    assert refused(sagemaker.create_training_job, **unknown)["Code"] == "ResourceNotFound"
    aws.train(
        name,
        HELLO,
        HyperParameters={"depth": "5", "kind": '"oak"'},
        ExperimentConfig={
            "ExperimentName": name,
            "TrialName": name,
            "TrialComponentDisplayName": "training",
        },
    )
    (summary,) = sagemaker.list_trial_components(TrialName=name)["TrialComponentSummaries"]
    assert summary["TrialComponentName"] == f"{name}-aws-training-job"
    component = sagemaker.describe_trial_component(
        TrialComponentName=summary["TrialComponentName"]
    )
    assert component["DisplayName"] == "training"
    assert component["Status"]["PrimaryStatus"] == "Completed"
    assert component["Source"]["SourceArn"].endswith(f":training-job/{name}")
    assert component["Parameters"]["depth"] == {"NumberValue": 5.0}
    assert component["Parameters"]["kind"] == {"StringValue": "oak"}
    model = component["OutputArtifacts"]["SageMaker.ModelArtifact"]["Value"]
    assert model.endswith(f"/{name}/output/model.tar.gz")
    sagemaker.update_trial_component(
        TrialComponentName=summary["TrialComponentName"],
        Parameters={"note": {"StringValue": "kept"}},
    )
    component = sagemaker.describe_trial_component(
        TrialComponentName=summary["TrialComponentName"]
    )
    assert component["Parameters"]["note"] == {"StringValue": "kept"}
    assert component["Parameters"]["depth"] == {"NumberValue": 5.0}


def test_lineage(aws, name):
    sagemaker = aws("sagemaker")

    def artifact(uri, kind):
        request = {"Source": {"SourceUri": uri}, "ArtifactType": kind, "ArtifactName": name}
        return sagemaker.create_artifact(**request, Properties={"test": name})["ArtifactArn"]

    data = artifact(f"s3://{name}/data", "DataSet")
    model = artifact(f"s3://{name}/model", "Model")
    again = refused(
        sagemaker.create_artifact, Source={"SourceUri": f"s3://{name}/data"}, ArtifactType="DataSet"
    )
    assert "already exists" in again["Message"]
    action = sagemaker.create_action(
        ActionName=name, ActionType="Training", Source={"SourceUri": "urn:x"}, Status="InProgress"
    )["ActionArn"]
    sagemaker.update_action(ActionName=name, Status="Completed", Properties={"a": "b"})
    assert sagemaker.describe_action(ActionName=name)["Status"] == "Completed"
    context = sagemaker.create_context(
        ContextName=name, ContextType="Endpoint", Source={"SourceUri": "urn:e"}
    )["ContextArn"]
    for source, destination, kind in (
        (data, action, "ContributedTo"),
        (action, model, "Produced"),
        (model, context, "AssociatedWith"),
    ):
        sagemaker.add_association(
            SourceArn=source, DestinationArn=destination, AssociationType=kind
        )
    (edge,) = sagemaker.list_associations(SourceArn=action)["AssociationSummaries"]
    assert (edge["DestinationArn"], edge["AssociationType"]) == (model, "Produced")
    assert (edge["SourceType"], edge["DestinationType"]) == ("Training", "Model")

    def walk(**more):
        found = sagemaker.query_lineage(StartArns=[model], **more)
        return {vertex["Arn"] for vertex in found["Vertices"]}

    assert walk(Direction="Ascendants") == {data, action}
    assert walk(Direction="Descendants") == {context}
    assert walk(Direction="Both") == {data, action, context}
    assert walk(Direction="Both", MaxDepth=1) == {action, context}
    assert walk(Direction="Both", Filters={"LineageTypes": ["Artifact"]}) == {data}
    assert refused(sagemaker.delete_action, ActionName=name)["Code"] == "ValidationException"
    sagemaker.delete_association(SourceArn=data, DestinationArn=action)
    assert walk(Direction="Ascendants") == {action}
    assert sagemaker.delete_artifact(Source={"SourceUri": f"s3://{name}/data"})["ArtifactArn"] == data
    missing = refused(sagemaker.describe_artifact, ArtifactArn=data)
    assert missing["Code"] == "ResourceNotFound"
