"""SageMaker's built-in XGBoost by its image alone: no script, hyperparameters of the algorithm,
CSV and LIBSVM, a model that is served and that XGBoost itself reads."""

import json
import random

import botocore.exceptions
import pytest

from aws.test_instances import channel, unpacked

IMAGE = "683313688378.dkr.ecr.us-east-1.amazonaws.com/sagemaker-xgboost:1.7-1"


def rows(count, seed):
    """A label that two of three features decide."""
    drawn = random.Random(seed)
    for _ in range(count):
        features = [round(drawn.uniform(-1, 1), 3) for _ in range(3)]
        yield int(features[0] + features[1] > 0), features


def as_csv(count, seed):
    return "\n".join(",".join(map(str, [label, *row])) for label, row in rows(count, seed)).encode()


def as_libsvm(count, seed):
    lines = (
        " ".join([str(label), *(f"{index}:{cell}" for index, cell in enumerate(row))])
        for label, row in rows(count, seed)
    )
    return "\n".join(lines).encode()


def request(aws, name, channels, **hyperparameters):
    values = {"num_round": "20", "objective": "binary:logistic", "eval_metric": "auc"}
    return {
        "TrainingJobName": name,
        "AlgorithmSpecification": {"TrainingImage": IMAGE, "TrainingInputMode": "File"},
        "RoleArn": aws.role,
        "HyperParameters": values | hyperparameters,
        "InputDataConfig": channels,
        "OutputDataConfig": {"S3OutputPath": f"s3://{aws.bucket}/{name}"},
        "ResourceConfig": {"InstanceType": "ml.m5.large", "InstanceCount": 1, "VolumeSizeInGB": 1},
        "StoppingCondition": {"MaxRuntimeInSeconds": 600},
    }


def data(aws, name, form, media):
    found = []
    for title, count, seed in (("train", 300, 1), ("validation", 100, 2)):
        uri = aws.put(f"{name}/{form.__name__}/{title}/part", form(count, seed))
        found.append(channel(title, uri.rsplit("/", 1)[0] + "/") | {"ContentType": media})
    return found


def test_it_trains_on_csv_and_is_served(aws, name):
    sagemaker, runtime = aws("sagemaker"), aws("sagemaker-runtime")
    sagemaker.create_training_job(**request(aws, name, data(aws, name, as_csv, "text/csv")))
    job = aws.trained(name)
    assert job["TrainingJobStatus"] == "Completed", job
    metrics = {each["MetricName"]: each["Value"] for each in job["FinalMetricDataList"]}
    assert metrics["validation:auc"] > 0.95, metrics
    assert set(metrics) == {"train:auc", "validation:auc"}
    events = aws("logs").filter_log_events(
        logGroupName="/aws/sagemaker/TrainingJobs", logStreamNamePrefix=f"{name}/"
    )["events"]
    assert any(event["message"].startswith("[19]#011train-auc:") for event in events)
    artifacts = job["ModelArtifacts"]["S3ModelArtifacts"]
    assert list(unpacked(aws, artifacts)) == ["xgboost-model"]

    sagemaker.create_model(
        ModelName=name,
        ExecutionRoleArn=aws.role,
        PrimaryContainer={"Image": IMAGE, "ModelDataUrl": artifacts},
    )
    aws.endpoint(name, name)

    def ask(body, media="text/csv", accept="text/csv"):
        answer = runtime.invoke_endpoint(
            EndpointName=name, Body=body, ContentType=media, Accept=accept
        )
        return answer["Body"].read().decode()

    high, low = map(float, ask("0.9,0.9,0\n-0.9,-0.9,0").split(","))
    assert high > 0.9 and low < 0.1
    found = json.loads(ask("0:0.9 1:0.9 2:0", "text/libsvm", "application/json"))
    assert found == {"predictions": [{"score": pytest.approx(high)}]}
    aws.gone(name)


def test_it_trains_on_libsvm(aws, name):
    channels = data(aws, name, as_libsvm, "text/libsvm")
    aws("sagemaker").create_training_job(**request(aws, name, channels))
    job = aws.trained(name)
    assert job["TrainingJobStatus"] == "Completed", job
    metrics = {each["MetricName"]: each["Value"] for each in job["FinalMetricDataList"]}
    assert metrics["validation:auc"] > 0.95, metrics


@pytest.mark.parametrize(
    ("hyperparameters", "found"),
    [
        ({"num_round": "0"}, "num_round"),
        ({"depth_of_trees": "3"}, "extraneous hyperparameter"),
        ({"eta": "much"}, "eta"),
        ({"objective": "nonsense"}, "nonsense"),
    ],
)
def test_wrong_hyperparameters_fail_the_job(aws, name, hyperparameters, found):
    channels = data(aws, name, as_csv, "text/csv")
    aws("sagemaker").create_training_job(**request(aws, name, channels, **hyperparameters))
    job = aws.trained(name)
    assert job["TrainingJobStatus"] == "Failed"
    assert found in job["FailureReason"]


def test_other_algorithms_are_refused_by_name(aws, judge, name):
    judge.expects_refusals = True
    wanted = request(aws, name, [])
    del wanted["InputDataConfig"]
    image = "382416733822.dkr.ecr.us-east-1.amazonaws.com/linear-learner:1"
    wanted["AlgorithmSpecification"]["TrainingImage"] = image
    with pytest.raises(botocore.exceptions.ClientError) as raised:
        aws("sagemaker").create_training_job(**wanted)
    assert "linear-learner" in raised.value.response["Error"]["Message"]
