"""Lambda by the real boto3: functions, calls, versions, aliases, layers, permissions, addresses."""

import base64
import json
import urllib.request

import pytest

from harness.functions import HANDLER, invoke, packed


def test_a_function_is_described_called_and_changed(function, name):
    told = function.get_function(FunctionName=name)
    assert told["Configuration"]["State"] == "Active", told
    assert told["Configuration"]["Role"].endswith("role/lambda")
    assert told["Configuration"]["Environment"]["Variables"] == {"WORD": "hello"}
    assert told["Tags"] == {"team": "flowers"}
    assert name in [one["FunctionName"] for one in function.list_functions()["Functions"]]

    got, payload = invoke(function, name, {"a": 1}, LogType="Tail")
    assert payload == {"event": {"a": 1}, "version": "$LATEST"}
    assert "FunctionError" not in got and got["StatusCode"] == 200
    log = base64.b64decode(got["LogResult"]).decode()
    assert 'got {"a": 1}' in log and "REPORT RequestId:" in log

    got, payload = invoke(function, name, {"fail": True})
    assert got["FunctionError"] == "Unhandled"
    assert (payload["errorType"], payload["errorMessage"]) == ("ValueError", "told to")

    context = base64.b64encode(json.dumps({"custom": {"k": "v"}}).encode()).decode()
    _, payload = invoke(function, name, {"context": 1}, ClientContext=context)
    assert payload == [told["Configuration"]["FunctionArn"], "v"]

    assert invoke(function, name, {}, InvocationType="DryRun")[0]["StatusCode"] == 204
    assert invoke(function, name, {}, InvocationType="Event")[0]["StatusCode"] == 202

    changed = function.update_function_configuration(FunctionName=name, Timeout=7)
    assert changed["Timeout"] == 7 and changed["MemorySize"] == 256
    with pytest.raises(function.exceptions.ResourceConflictException):
        function.create_function(
            FunctionName=name, Runtime="python3.11", Role="r", Handler="app.handler",
            Code={"ZipFile": packed(app=HANDLER)},
        )
    with pytest.raises(function.exceptions.ResourceNotFoundException):
        function.get_function(FunctionName=name + "-not-there")
    with pytest.raises(function.exceptions.InvalidRequestContentException):
        function.invoke(FunctionName=name, Payload=b"{no json")


def test_versions_aliases_and_their_weights(function, name):
    first = function.publish_version(FunctionName=name, Description="one")
    assert first["Version"] == "1"
    function.update_function_code(
        FunctionName=name, ZipFile=packed(app=HANDLER.replace("told to", "asked to"))
    )
    function.get_waiter("function_updated_v2").wait(FunctionName=name)
    second = function.publish_version(FunctionName=name)
    assert second["Version"] == "2" and second["CodeSha256"] != first["CodeSha256"]
    listed = function.list_versions_by_function(FunctionName=name)["Versions"]
    assert [one["Version"] for one in listed] == ["$LATEST", "1", "2"]

    function.create_alias(FunctionName=name, Name="live", FunctionVersion="1")
    got, payload = invoke(function, name, {}, Qualifier="live")
    assert (payload["version"], got["ExecutedVersion"]) == ("1", "1")
    moved = function.update_alias(
        FunctionName=name, Name="live", FunctionVersion="2",
        RoutingConfig={"AdditionalVersionWeights": {"1": 0.5}},
    )
    assert moved["RoutingConfig"]["AdditionalVersionWeights"] == {"1": 0.5}
    seen = {invoke(function, name, {}, Qualifier="live")[0]["ExecutedVersion"] for _ in range(40)}
    assert seen == {"1", "2"}
    assert len(function.list_aliases(FunctionName=name)["Aliases"]) == 1
    function.delete_alias(FunctionName=name, Name="live")
    with pytest.raises(function.exceptions.ResourceNotFoundException):
        function.get_alias(FunctionName=name, Name="live")


def test_layers_permissions_and_addresses(function, name):
    layer = function.publish_layer_version(
        LayerName=name, Content={"ZipFile": packed(python__from_layer="WORD = 'layered'\n")}
    )
    function.update_function_configuration(FunctionName=name, Layers=[layer["LayerVersionArn"]])
    function.get_waiter("function_updated_v2").wait(FunctionName=name)
    assert invoke(function, name, {"layer": 1})[1] == "layered"
    assert function.list_layer_versions(LayerName=name)["LayerVersions"][0]["Version"] == 1

    function.add_permission(
        FunctionName=name, StatementId="s", Action="lambda:InvokeFunction",
        Principal="apigateway.amazonaws.com",
    )
    policy = json.loads(function.get_policy(FunctionName=name)["Policy"])
    assert policy["Statement"][0]["Sid"] == "s"
    function.remove_permission(FunctionName=name, StatementId="s")
    with pytest.raises(function.exceptions.ResourceNotFoundException):
        function.get_policy(FunctionName=name)

    url = function.create_function_url_config(FunctionName=name, AuthType="NONE")["FunctionUrl"]
    with urllib.request.urlopen(url + "?q=1") as answer:
        event = json.loads(answer.read())["event"]
    assert event["queryStringParameters"] == {"q": "1"}
    function.delete_function_url_config(FunctionName=name)


def test_a_handler_reads_a_bucket_with_boto3(aws, function, name):
    s3 = aws("s3")
    s3.create_bucket(Bucket="lambda-in")
    s3.put_object(Bucket="lambda-in", Key="word", Body=b"from the bucket")
    _, payload = invoke(function, name, {"s3": True})
    assert payload == {"word": "from the bucket"}, payload
