"""Endpoints of more than one model: several containers, all models below a prefix, shadows."""

import json

import pytest
from botocore.exceptions import ClientError

from harness.aws import IMAGE, TRIPLE, of, packed
from harness.server import Server

# A container that adds what its model holds, and says in which form it was asked.
ADDS = """
import json, os
def model_fn(model_dir):
    with open(os.path.join(model_dir, "factor.json")) as file:
        return json.load(file)
def input_fn(body, content_type):
    return json.loads(body)
def predict_fn(value, summand):
    print("adding to", value)
    return value + summand
def output_fn(value, accept):
    return json.dumps(value), "application/json"
"""


@pytest.fixture
def hosted(aws, name):
    """Makes models and endpoints that are taken down at the end."""
    return Hosted(aws, name)


class Hosted:
    def __init__(self, aws, name):
        self.aws = aws
        self.name = name

    def artifact(self, key, number):
        files = {"factor.json": json.dumps(number)}
        return self.aws.put(f"{self.name}/{key}", packed(files))

    def container(self, word, number, script, **more):
        code = self.aws.put(f"{self.name}/{word}/code.tar.gz", packed({"inference.py": script}))
        return {
            "Image": IMAGE,
            "ModelDataUrl": self.artifact(f"{word}/model.tar.gz", number),
            "Environment": {
                "SAGEMAKER_PROGRAM": "inference.py",
                "SAGEMAKER_SUBMIT_DIRECTORY": code,
            },
        } | more

    def endpoint(self, **model):
        self.aws("sagemaker").create_model(
            ModelName=self.name, ExecutionRoleArn=self.aws.role, **model
        )
        self.aws.endpoint(self.name, self.name)

    def ask(self, value, **more):
        answer = self.aws("sagemaker-runtime").invoke_endpoint(
            EndpointName=self.name,
            Body=json.dumps(value).encode(),
            ContentType="application/json",
            **more,
        )
        assert answer["InvokedProductionVariant"] == "AllTraffic"
        return json.loads(answer["Body"].read())

    def refused(self, value, **more):
        with pytest.raises(ClientError) as raised:
            self.ask(value, **more)
        return raised.value.response["Error"]


def test_containers_one_after_the_other(aws, hosted):
    containers = [hosted.container("first", 3, TRIPLE), hosted.container("second", 100, ADDS)]
    hosted.endpoint(Containers=containers)
    assert hosted.ask(2) == 106
    assert "does not support" in hosted.refused(2, TargetModel="m.tar.gz")["Message"]
    assert "does not support" in hosted.refused(2, TargetContainerHostname="x")["Message"]
    shown = aws("sagemaker").describe_model(ModelName=hosted.name)
    assert [one["ModelDataUrl"] for one in shown["Containers"]] == [
        one["ModelDataUrl"] for one in containers
    ]
    found = aws("sagemaker").describe_endpoint(EndpointName=hosted.name)
    assert [one["VariantName"] for one in found["ProductionVariants"]] == ["AllTraffic"]
    # A container that fails is the caller's to hear of.
    assert hosted.refused("fail")["Code"] == "ModelError"
    aws.gone(hosted.name)


def test_containers_by_name(aws, hosted):
    hosted.endpoint(
        Containers=[
            hosted.container("first", 3, TRIPLE, ContainerHostname="triples"),
            hosted.container("second", 100, ADDS, ContainerHostname="adds"),
        ],
        InferenceExecutionConfig={"Mode": "Direct"},
    )
    assert hosted.ask(2, TargetContainerHostname="triples") == 6
    assert hosted.ask(2, TargetContainerHostname="adds") == 102
    for more in ({}, {"TargetContainerHostname": "nobody"}):
        assert hosted.refused(2, **more)["Code"] == "ValidationError"
    aws.gone(hosted.name)


def test_models_below_a_prefix(aws, hosted):
    code = aws.put(f"{hosted.name}/code.tar.gz", packed({"inference.py": TRIPLE}))
    prefix = f"s3://{aws.bucket}/{hosted.name}/models/"
    hosted.endpoint(
        PrimaryContainer={
            "Image": IMAGE,
            "Mode": "MultiModel",
            "ModelDataUrl": prefix,
            "Environment": {
                "SAGEMAKER_PROGRAM": "inference.py",
                "SAGEMAKER_SUBMIT_DIRECTORY": code,
            },
        }
    )
    # Models may come after the endpoint.
    hosted.artifact("models/seven.tar.gz", 7)
    hosted.artifact("models/deep/nine.tar.gz", 9)
    assert hosted.ask(2, TargetModel="seven.tar.gz") == 14
    assert hosted.ask(2, TargetModel="deep/nine.tar.gz") == 18
    assert hosted.ask(3, TargetModel="/seven.tar.gz") == 21
    assert "missing a target model" in hosted.refused(2)["Message"]
    assert "Failed to download" in hosted.refused(2, TargetModel="none.tar.gz")["Message"]
    for bad in ("../seven.tar.gz", "deep/../seven.tar.gz", "a//b"):
        assert hosted.refused(2, TargetModel=bad)["Code"] == "ValidationError", bad
    # Another object under the same key is another model.
    hosted.artifact("models/seven.tar.gz", 70)
    assert hosted.ask(2, TargetModel="seven.tar.gz") == 140
    # One that breaks fails by itself.
    aws.put(f"{hosted.name}/models/broken.tar.gz", b"no archive")
    assert hosted.refused(2, TargetModel="broken.tar.gz")["Code"] == "ModelError"
    assert hosted.ask(2, TargetModel="deep/nine.tar.gz") == 18
    listed = aws("sagemaker").list_endpoints(NameContains=hosted.name)["Endpoints"]
    assert [one["EndpointName"] for one in listed] == [hosted.name]
    aws.gone(hosted.name)
    listed = aws("sagemaker").list_models(NameContains=hosted.name)["Models"]
    assert listed == []


def test_models_leave_after_a_crash(name):
    with Server() as server:
        aws = of(server, name)
        hosted = Hosted(aws, name)
        code = aws.put(f"{name}/code.tar.gz", packed({"inference.py": TRIPLE}))
        hosted.endpoint(
            PrimaryContainer={
                "Image": IMAGE,
                "Mode": "MultiModel",
                "ModelDataUrl": f"s3://{aws.bucket}/{name}/models/",
                "Environment": {
                    "SAGEMAKER_PROGRAM": "inference.py",
                    "SAGEMAKER_SUBMIT_DIRECTORY": code,
                },
            }
        )
        hosted.artifact("models/seven.tar.gz", 7)
        assert hosted.ask(2, TargetModel="seven.tar.gz") == 14

        def registered():
            return [model["name"] for model in server.request("GET", "/models")["items"]]

        [of_its_own] = [model for model in registered() if model.startswith(f"{name}.")]
        aws("sagemaker").delete_endpoint(EndpointName=name)
        # The model's endpoint is still coming down.
        server.kill()
        server.start()
        server.until("the model has left", lambda: of_its_own not in registered())
        assert name in registered()
        assert not server.panics()


def test_a_shadow_is_sent_copies(aws, hosted):
    sagemaker = aws("sagemaker")
    variants = []
    for word, number in (("shown", 3), ("shadow", 5)):
        name = f"{hosted.name}-{word}"
        sagemaker.create_model(
            ModelName=name,
            ExecutionRoleArn=aws.role,
            PrimaryContainer=hosted.container(word, number, TRIPLE),
        )
        variants.append(
            {
                "VariantName": word,
                "ModelName": name,
                "InitialInstanceCount": 1,
                "InstanceType": "ml.m5.large",
                "InitialVariantWeight": 1,
            }
        )
    sagemaker.create_endpoint_config(
        EndpointConfigName=hosted.name,
        ProductionVariants=variants[:1],
        ShadowProductionVariants=variants[1:],
    )
    sagemaker.create_endpoint(EndpointName=hosted.name, EndpointConfigName=hosted.name)
    found = aws.in_service(hosted.name)
    assert [one["VariantName"] for one in found["ShadowProductionVariants"]] == ["shadow"]
    assert [one["VariantName"] for one in found["ProductionVariants"]] == ["shown"]
    for number in range(5):
        answer = aws("sagemaker-runtime").invoke_endpoint(
            EndpointName=hosted.name, Body=str(number).encode(), ContentType="application/json"
        )
        assert answer["InvokedProductionVariant"] == "shown"
        assert json.loads(answer["Body"].read()) == number * 3

    def lines():
        events = aws("logs").filter_log_events(
            logGroupName=f"/aws/sagemaker/Endpoints/{hosted.name}"
        )["events"]
        return {e["message"] for e in events if e["logStreamName"].startswith("shadow")}

    aws.server.until("the shadow was asked", lambda: "asked for 4" in lines(), pause=0.2)
    sagemaker.delete_endpoint(EndpointName=hosted.name)


# A model that tries to reach the server that it is served by, and any other machine.
REACHES = """
import json, os, socket
def model_fn(model_dir):
    return os.environ["REACHES"]
def input_fn(body, content_type):
    return json.loads(body)
def predict_fn(value, place):
    host, port = place.split(":")
    try:
        socket.create_connection((host, int(port)), timeout=5).close()
        return "reached"
    except OSError as error:
        return type(error).__name__
def output_fn(value, accept):
    return json.dumps(value), "application/json"
"""


@pytest.mark.parametrize("isolated", [False, True])
def test_a_model_may_be_kept_from_the_network(aws, hosted, isolated):
    container = hosted.container("reaches", 1, REACHES)
    container["Environment"]["REACHES"] = aws.server.address.removeprefix("http://")
    hosted.endpoint(PrimaryContainer=container, EnableNetworkIsolation=isolated)
    assert hosted.ask(1) == ("ConnectionRefusedError" if isolated else "reached")
    shown = aws("sagemaker").describe_model(ModelName=hosted.name)
    assert shown["EnableNetworkIsolation"] is isolated
    aws.gone(hosted.name)


def test_configurations_that_cannot_be(aws, judge, hosted):
    judge.expects_refusals = True
    sagemaker = aws("sagemaker")
    one = hosted.container("one", 3, TRIPLE)
    many = {**one, "Mode": "MultiModel"}
    for wrong, code in (
        ({"PrimaryContainer": one, "Containers": [one]}, "ValidationException"),
        ({"Containers": [one, many]}, "UnsupportedOperationException"),
        (
            {"Containers": [one, one], "InferenceExecutionConfig": {"Mode": "Direct"}},
            "ValidationException",
        ),
    ):
        with pytest.raises(ClientError) as raised:
            sagemaker.create_model(ModelName=hosted.name, ExecutionRoleArn=aws.role, **wrong)
        assert raised.value.response["Error"]["Code"] == code, raised.value
    sagemaker.create_model(ModelName=hosted.name, ExecutionRoleArn=aws.role, PrimaryContainer=one)
    variant = {
        "VariantName": "a",
        "ModelName": hosted.name,
        "InitialInstanceCount": 1,
        "InstanceType": "ml.m5.large",
    }
    with pytest.raises(ClientError) as raised:
        sagemaker.create_endpoint_config(
            EndpointConfigName=hosted.name,
            ProductionVariants=[variant, {**variant, "VariantName": "b"}],
            ShadowProductionVariants=[{**variant, "VariantName": "c"}],
        )
    assert raised.value.response["Error"]["Code"] == "ValidationException"
    sagemaker.delete_model(ModelName=hosted.name)
