"""CloudWatch Logs: groups that callers make, and what jobs and endpoints print."""

import time

import pytest
from botocore.exceptions import ClientError

from harness.aws import HELLO, TRIPLE


def refused(call, **arguments):
    with pytest.raises(ClientError) as raised:
        call(**arguments)
    return raised.value.response["Error"]["Code"]


def messages(answer):
    return [event["message"] for event in answer["events"]]


def test_own_groups(aws, name):
    logs = aws("logs")
    group = f"/own/{name}"
    logs.create_log_group(logGroupName=group)
    assert refused(logs.create_log_group, logGroupName=group) == "ResourceAlreadyExistsException"
    for stream in ("a", "b"):
        logs.create_log_stream(logGroupName=group, logStreamName=stream)
    now = int(time.time() * 1000)

    def put(stream, *texts):
        events = [{"timestamp": now + i, "message": text} for i, text in enumerate(texts)]
        return logs.put_log_events(logGroupName=group, logStreamName=stream, logEvents=events)

    put("a", "one red", "two")
    put("b", "three red")
    put("a", "four")
    read = logs.get_log_events(logGroupName=group, logStreamName="a", startFromHead=True, limit=2)
    assert messages(read) == ["one red", "four"]
    more = {"logGroupName": group, "logStreamName": "a", "startFromHead": True}
    rest = logs.get_log_events(**more, nextToken=read["nextForwardToken"])
    assert messages(rest) == ["two"]
    end = logs.get_log_events(**more, nextToken=rest["nextForwardToken"])
    assert messages(end) == [] and end["nextForwardToken"] == rest["nextForwardToken"]
    found = logs.filter_log_events(logGroupName=group, filterPattern="red")
    assert messages(found) == ["one red", "three red"]
    streams = logs.describe_log_streams(logGroupName=group)["logStreams"]
    assert [stream["logStreamName"] for stream in streams] == ["a", "b"]
    assert streams[0]["lastEventTimestamp"] == now + 1
    old = [{"timestamp": now - 15 * 86_400_000, "message": "old"}]
    answer = logs.put_log_events(logGroupName=group, logStreamName="a", logEvents=old)
    assert answer["rejectedLogEventsInfo"]["tooOldLogEventEndIndex"] == 1
    logs.put_retention_policy(logGroupName=group, retentionInDays=7)
    (shown,) = logs.describe_log_groups(logGroupNamePrefix=group)["logGroups"]
    assert shown["retentionInDays"] == 7
    logs.delete_log_stream(logGroupName=group, logStreamName="b")
    missing = {"logGroupName": group, "logStreamName": "b"}
    assert refused(logs.get_log_events, **missing) == "ResourceNotFoundException"
    logs.delete_log_group(logGroupName=group)
    assert refused(logs.describe_log_streams, logGroupName=group) == "ResourceNotFoundException"


def test_streams_of_jobs(aws, name):
    for number in range(2):
        aws.train(f"{name}-{number}", HELLO)
    logs = aws("logs")
    group = "/aws/sagemaker/TrainingJobs"
    pages = logs.get_paginator("describe_log_streams").paginate(logGroupName=group)
    streams = [s["logStreamName"] for page in pages for s in page["logStreams"]]
    own = [stream for stream in streams if stream.startswith(name)]
    assert [stream.partition("/")[0] for stream in own] == [f"{name}-0", f"{name}-1"]
    found = logs.filter_log_events(logGroupName=group, logStreamNames=own, filterPattern="hello")
    assert messages(found) == ["hello from algo-1"] * 2


def test_endpoints(aws, name):
    aws.train(name, HELLO)
    aws.serve(name, f"s3://{aws.bucket}/{name}/{name}/output/model.tar.gz", TRIPLE)
    runtime, logs = aws("sagemaker-runtime"), aws("logs")
    runtime.invoke_endpoint(EndpointName=name, Body=b"14", ContentType="application/json")
    group = f"/aws/sagemaker/Endpoints/{name}"

    def printed():
        found = logs.filter_log_events(logGroupName=group, logStreamNamePrefix="AllTraffic/")
        return "asked for 14" in messages(found)

    aws.server.until("the endpoint's line is there", printed)
    (stream,) = logs.describe_log_streams(logGroupName=group)["logStreams"]
    read = logs.get_log_events(logGroupName=group, logStreamName=stream["logStreamName"])
    assert "asked for 14" in messages(read)
    shown = logs.describe_log_groups(logGroupNamePrefix=group)["logGroups"]
    assert [one["logGroupName"] for one in shown] == [group]
    aws.gone(name)


def test_groups_have_tags(aws, name):
    logs = aws("logs")
    logs.create_log_group(logGroupName=name, tags={"team": "a"})
    arn = logs.describe_log_groups(logGroupNamePrefix=name)["logGroups"][0]["logGroupArn"]
    logs.tag_resource(resourceArn=arn, tags={"stage": "test"})
    assert logs.list_tags_for_resource(resourceArn=arn)["tags"] == {"team": "a", "stage": "test"}
    logs.untag_resource(resourceArn=arn, tagKeys=["team"])
    assert logs.list_tags_log_group(logGroupName=name)["tags"] == {"stage": "test"}
    jobs = "/aws/sagemaker/TrainingJobs"
    assert "tags" not in logs.list_tags_log_group(logGroupName=jobs)
    logs.delete_log_group(logGroupName=name)
    with pytest.raises(logs.exceptions.ResourceNotFoundException):
        logs.list_tags_log_group(logGroupName=name)


def test_the_group_of_an_endpoint_outlives_it(aws, name):
    job = aws.train(f"{name}-t", HELLO)
    aws.serve(name, job["ModelArtifacts"]["S3ModelArtifacts"], TRIPLE)
    aws("sagemaker-runtime").invoke_endpoint(
        EndpointName=name, Body=b"2", ContentType="application/json"
    )
    logs, group = aws("logs"), f"/aws/sagemaker/Endpoints/{name}"

    def lines():
        events = logs.filter_log_events(logGroupName=group, filterPattern="asked")["events"]
        return [event["message"] for event in events]

    aws.server.until("the worker's line", lines, pause=0.2)
    aws.gone(name)
    listed = logs.describe_log_groups(logGroupNamePrefix=group)["logGroups"]
    assert [each["logGroupName"] for each in listed] == [group]
    assert lines() == ["asked for 2"]
    logs.delete_log_group(logGroupName=group)
    assert logs.describe_log_groups(logGroupNamePrefix=group)["logGroups"] == []
