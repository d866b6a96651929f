"""Lambda's asynchronous calls by the real boto3: what becomes of them, where their records go, and
what functions log."""

import json

import pytest
from botocore.exceptions import ClientError

from harness.functions import HANDLER, invoke, packed


def refused(call, **arguments):
    with pytest.raises(ClientError) as raised:
        call(**arguments)
    return raised.value.response["Error"]["Code"]


def test_what_becomes_of_failed_calls_is_configured(function, name):
    absent = {"FunctionName": name}
    assert refused(function.get_function_event_invoke_config, **absent) == "ResourceNotFoundException"
    assert (
        refused(function.update_function_event_invoke_config, **absent, MaximumRetryAttempts=1)
        == "ResourceNotFoundException"
    )
    bucket = {"OnFailure": {"Destination": "arn:aws:s3:::dead-letters"}}
    put = function.put_function_event_invoke_config(
        FunctionName=name,
        MaximumRetryAttempts=1,
        MaximumEventAgeInSeconds=3600,
        DestinationConfig=bucket,
    )
    assert put["FunctionArn"].endswith(f":function:{name}:$LATEST")
    assert (put["MaximumRetryAttempts"], put["MaximumEventAgeInSeconds"]) == (1, 3600)
    assert put["DestinationConfig"]["OnFailure"] == bucket["OnFailure"]
    changed = function.update_function_event_invoke_config(FunctionName=name, MaximumRetryAttempts=0)
    assert (changed["MaximumRetryAttempts"], changed["MaximumEventAgeInSeconds"]) == (0, 3600)
    whole = function.put_function_event_invoke_config(FunctionName=name, MaximumEventAgeInSeconds=60)
    assert "MaximumRetryAttempts" not in whole and whole["MaximumEventAgeInSeconds"] == 60
    got = function.get_function_event_invoke_config(FunctionName=name)
    assert got["FunctionArn"] == put["FunctionArn"] and got["LastModified"] == whole["LastModified"]

    function.publish_version(FunctionName=name)
    function.create_alias(FunctionName=name, Name="live", FunctionVersion="1")
    live = {"FunctionName": name, "Qualifier": "live"}
    function.put_function_event_invoke_config(**live, MaximumRetryAttempts=2)
    missing = {"FunctionName": name, "Qualifier": "gone", "MaximumRetryAttempts": 2}
    assert refused(function.put_function_event_invoke_config, **missing) == "ResourceNotFoundException"
    listed = function.list_function_event_invoke_configs(FunctionName=name)
    arns = [one["FunctionArn"].split(":")[-1] for one in listed["FunctionEventInvokeConfigs"]]
    assert arns == ["$LATEST", "live"]
    first = function.list_function_event_invoke_configs(FunctionName=name, MaxItems=1)
    assert len(first["FunctionEventInvokeConfigs"]) == 1 and first["NextMarker"]
    rest = function.list_function_event_invoke_configs(FunctionName=name, Marker=first["NextMarker"])
    assert len(rest["FunctionEventInvokeConfigs"]) == 1 and "NextMarker" not in rest
    for destination in ("arn:aws:sqs:us-east-1:123456789012:q", "arn:aws:sns:us-east-1:123456789012:t"):
        asked = {"DestinationConfig": {"OnFailure": {"Destination": destination}}}
        code = refused(function.put_function_event_invoke_config, FunctionName=name, **asked)
        assert code == "InvalidParameterValueException"
    function.delete_function_event_invoke_config(**live)
    assert refused(function.get_function_event_invoke_config, **live) == "ResourceNotFoundException"


def test_a_failed_call_ends_in_its_bucket_and_an_answered_one_in_its_function(aws, function, name, server):
    s3 = aws("s3")
    bucket = f"{name.lower()}-dead"
    s3.create_bucket(Bucket=bucket)
    target = f"{name}-heard"
    function.create_function(
        FunctionName=target, Runtime="python3.11", Role="arn:aws:iam::123456789012:role/lambda",
        Handler="app.handler", Code={"ZipFile": packed(app=HANDLER)}, Timeout=20,
    )
    function.put_function_event_invoke_config(
        FunctionName=name,
        MaximumRetryAttempts=0,
        DestinationConfig={
            "OnFailure": {"Destination": f"arn:aws:s3:::{bucket}"},
            "OnSuccess": {"Destination": function.get_function(FunctionName=target)["Configuration"]["FunctionArn"]},
        },
    )
    got, _ = invoke(function, name, {"fail": True}, InvocationType="Event")
    id_ = got["ResponseMetadata"]["RequestId"]

    def record():
        listed = s3.list_objects_v2(Bucket=bucket).get("Contents") or []
        return listed and json.loads(s3.get_object(Bucket=bucket, Key=listed[0]["Key"])["Body"].read())

    record = server.until("the record of the failure is there", record)
    assert record["requestPayload"] == {"fail": True} and id_
    assert record["requestContext"]["condition"] == "RetriesExhausted"
    assert record["requestContext"]["approximateInvokeCount"] == 1
    assert record["responsePayload"]["errorType"] == "ValueError"

    invoke(function, name, {"a": "good one"}, InvocationType="Event")
    logs = aws("logs")

    def heard():
        found = logs.filter_log_events(logGroupName=f"/aws/lambda/{target}")["events"]
        return [event["message"] for event in found if "good one" in event["message"]]

    (line,) = server.until("the destination heard of the answer", heard)
    told = json.loads(line.removeprefix("got "))
    assert told["requestContext"]["condition"] == "Success"
    assert told["responsePayload"]["event"] == {"a": "good one"}
    function.delete_function(FunctionName=target)


def test_new_objects_call_a_function(aws, function, name):
    s3, logs = aws("s3"), aws("logs")
    arn = function.get_function(FunctionName=name)["Configuration"]["FunctionArn"]
    rules = [{"Name": "prefix", "Value": "in/"}, {"Name": "suffix", "Value": ".csv"}]
    wanted = {
        "Id": "new-tables",
        "LambdaFunctionArn": arn,
        "Events": ["s3:ObjectCreated:*"],
        "Filter": {"Key": {"FilterRules": rules}},
    }

    def notify(*configurations):
        s3.put_bucket_notification_configuration(
            Bucket=aws.bucket,
            NotificationConfiguration={"LambdaFunctionConfigurations": list(configurations)},
        )

    def shown():
        found = s3.get_bucket_notification_configuration(Bucket=aws.bucket)
        return found.get("LambdaFunctionConfigurations", [])

    def told():
        group = f"/aws/lambda/{name}"
        try:
            found = logs.filter_log_events(logGroupName=group, filterPattern="Records")["events"]
        except logs.exceptions.ResourceNotFoundException:
            return []
        events = [json.loads(one["message"].partition("got ")[2]) for one in found]
        records = [event["Records"][0]["s3"] for event in events]
        assert all(record["bucket"]["name"] == aws.bucket for record in records)
        return [(one["configurationId"], one["object"]["key"]) for one in records]

    notify(wanted)
    assert shown() == [wanted]
    for key in ("in/a.txt", "out/a.csv", "in/a.csv"):
        aws.put(key, b"1")
    aws.server.until("the function was called", told, pause=0.2)
    assert told() == [("new-tables", "in/a.csv")]
    # The same function for other keys, and then for none.
    notify({**wanted, "Filter": {"Key": {"FilterRules": [{"Name": "prefix", "Value": "other/"}]}}})
    aws.put("in/b.csv", b"1")
    aws.put("other/c", b"1")
    aws.server.until("it was called again", lambda: len(told()) > 1, pause=0.2)
    assert sorted(told()) == [("new-tables", "in/a.csv"), ("new-tables", "other/c")]
    notify()
    assert shown() == []
    for wrong in (
        {**wanted, "LambdaFunctionArn": f"{arn}-that-is-not-there"},
        {**wanted, "LambdaFunctionArn": f"{arn}:live"},
    ):
        assert refused(
            s3.put_bucket_notification_configuration,
            Bucket=aws.bucket,
            NotificationConfiguration={"LambdaFunctionConfigurations": [wrong]},
        ) == "InvalidArgument"


def test_what_a_function_logs_is_in_its_group(aws, function, name):
    logs = aws("logs")
    group = f"/aws/lambda/{name}"
    shown = logs.describe_log_groups(logGroupNamePrefix=group)["logGroups"]
    assert [one["logGroupName"] for one in shown] == [group]
    for number in range(3):
        invoke(function, name, {"number": number})
    streams = logs.describe_log_streams(logGroupName=group)["logStreams"]
    (stream,) = [one["logStreamName"] for one in streams if "lastEventTimestamp" in one]
    assert "/[$LATEST]" in stream
    _, told = invoke(function, name, {"a": 1})
    read = logs.get_log_events(logGroupName=group, logStreamName=stream, startFromHead=True)
    lines = [event["message"] for event in read["events"]]
    for word in ("START RequestId: ", "END RequestId: ", "REPORT RequestId: "):
        assert sum(line.startswith(word) for line in lines) == 4, lines
    assert 'got {"number": 2}' in lines
    more = logs.get_log_events(
        logGroupName=group, logStreamName=stream, startFromHead=True, nextToken=read["nextForwardToken"]
    )
    assert more["events"] == []
    assert refused(logs.get_log_events, logGroupName=group, logStreamName="x") == "ResourceNotFoundException"


def test_tags_layers_and_addresses_are_listed(function, name):
    arn = function.get_function(FunctionName=name)["Configuration"]["FunctionArn"]
    function.tag_resource(Resource=arn, Tags={"stage": "test", "team": "herbs"})
    assert function.list_tags(Resource=arn)["Tags"] == {"stage": "test", "team": "herbs"}
    function.untag_resource(Resource=arn, TagKeys=["team", "other"])
    assert function.list_tags(Resource=arn)["Tags"] == {"stage": "test"}
    assert refused(function.list_tags, Resource=arn + "-not") == "ResourceNotFoundException"

    made = [
        function.publish_layer_version(
            LayerName=name, Content={"ZipFile": packed(python__word=f"W = {n}\n")}
        )
        for n in range(2)
    ]
    (listed,) = [one for one in function.list_layers()["Layers"] if one["LayerName"] == name]
    assert listed["LatestMatchingVersion"]["Version"] == 2
    got = function.get_layer_version_by_arn(Arn=made[0]["LayerVersionArn"])
    assert got["Version"] == 1

    assert function.list_function_url_configs(FunctionName=name)["FunctionUrlConfigs"] == []
    function.create_function_url_config(FunctionName=name, AuthType="AWS_IAM")
    (url,) = function.list_function_url_configs(FunctionName=name)["FunctionUrlConfigs"]
    assert url["AuthType"] == "AWS_IAM"


def test_what_is_not_served_says_so_and_why(function, judge, name):
    judge.expects_refusals = True
    with pytest.raises(ClientError) as raised:
        function.get_runtime_management_config(FunctionName=name)
    error = raised.value.response["Error"]
    assert "GetRuntimeManagementConfig" in error["Message"] and "one build" in error["Message"]
    code = refused(function.list_event_source_mappings)
    assert code == error["Code"]
