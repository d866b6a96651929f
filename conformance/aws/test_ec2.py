"""EC2 through boto3: what was started as instances, and the catalog as instance types."""

import datetime

import botocore.exceptions
import pytest

from harness.aws import BUSY, HELLO, TRIPLE


# Computes long enough for the kernel to count it.
SLOW = TRIPLE.replace("return value * factor", "sum(range(20_000_000)); return value * factor")


def refused(call, code, **more):
    with pytest.raises(botocore.exceptions.ClientError) as raised:
        call(**more)
    assert raised.value.response["Error"]["Code"] == code, raised.value
    return raised.value.response


def instances(ec2, job, *states):
    filters = [{"Name": "tag:tradewind:job", "Values": [job]}]
    if states:
        filters.append({"Name": "instance-state-name", "Values": list(states)})
    pages = ec2.get_paginator("describe_instances").paginate(Filters=filters)
    return [i for page in pages for r in page["Reservations"] for i in r["Instances"]]


def test_a_job_is_an_instance_that_can_be_terminated(aws, name):
    sagemaker, ec2, cloudwatch = aws("sagemaker"), aws("ec2"), aws("cloudwatch")
    sagemaker.create_training_job(**aws.training(name, BUSY))
    running = aws.server.until("the job runs", lambda: instances(ec2, name, "running"), pause=0.2)
    (instance,) = running
    assert instance["InstanceType"] == "m5.large"
    tags = {tag["Key"]: tag["Value"] for tag in instance["Tags"]}
    assert (tags["Name"], tags["tradewind:provider"]) == (name, "local")
    own = instance["InstanceId"]
    found = ec2.describe_tags(Filters=[{"Name": "resource-id", "Values": [own]}])["Tags"]
    assert {tag["Key"]: tag["Value"] for tag in found} == tags
    (status,) = ec2.describe_instance_status(InstanceIds=[own])["InstanceStatuses"]
    assert status["InstanceStatus"]["Status"] == "ok"

    def busy():
        now = datetime.datetime.now(datetime.UTC)
        points = cloudwatch.get_metric_statistics(
            Namespace="AWS/EC2",
            MetricName="CPUUtilization",
            Dimensions=[{"Name": "InstanceId", "Value": own}],
            StartTime=now - datetime.timedelta(hours=1),
            EndTime=now + datetime.timedelta(minutes=1),
            Period=60,
            Statistics=["Average"],
        )["Datapoints"]
        return points and points[0]["Average"] > 5 and points[0]

    assert aws.server.until("its CPU is measured", busy, pause=0.5)["Unit"] == "Percent"
    listed = cloudwatch.list_metrics(Namespace="AWS/EC2", MetricName="CPUUtilization")["Metrics"]
    assert own in {metric["Dimensions"][0]["Value"] for metric in listed}

    answer = refused(ec2.terminate_instances, "DryRunOperation", InstanceIds=[own], DryRun=True)
    assert answer["ResponseMetadata"]["HTTPStatusCode"] == 412
    (change,) = ec2.terminate_instances(InstanceIds=[own])["TerminatingInstances"]
    assert change["PreviousState"]["Name"] == "running"
    assert change["CurrentState"]["Name"] == "shutting-down"
    assert aws.trained(name)["TrainingJobStatus"] == "Stopped"
    (over,) = aws.server.until("it is gone", lambda: instances(ec2, name, "terminated"), pause=0.2)
    assert over["InstanceId"] == own and over["StateReason"]["Message"] == "User initiated"


def test_ids_filters_and_tokens_are_checked(client):
    ec2 = client("ec2")
    unknown = "i-0123456789abcdef0"
    refused(ec2.describe_instances, "InvalidInstanceID.NotFound", InstanceIds=[unknown])
    refused(ec2.stop_instances, "InvalidInstanceID.NotFound", InstanceIds=[unknown])
    refused(ec2.describe_instances, "InvalidInstanceID.Malformed", InstanceIds=["x"])
    colour = [{"Name": "colour", "Values": ["red"]}]
    refused(ec2.describe_regions, "InvalidParameterValue", Filters=colour)
    refused(ec2.describe_instances, "InvalidNextToken", NextToken="nonsense")
    asked = {"ImageId": "ami-1", "MinCount": 1, "MaxCount": 1}
    refused(ec2.run_instances, "UnsupportedOperation", **asked)
    refused(ec2.describe_volumes, "UnsupportedOperation")


def test_the_catalog_is_instance_types_with_prices(client):
    ec2 = client("ec2")
    regions = {region["RegionName"] for region in ec2.describe_regions()["Regions"]}
    assert {"us-east-1", "eu-west-1"} <= regions
    zones = ec2.describe_availability_zones()["AvailabilityZones"]
    assert {zone["RegionName"] for zone in zones} == {"us-east-1"}
    assert "here" in {zone["ZoneName"] for zone in zones}
    by_zone = {"LocationType": "availability-zone"}
    refused(ec2.describe_instance_type_offerings, "InvalidParameterValue", **by_zone)
    asked = ["m5.large", "p3.2xlarge"]
    pages = ec2.get_paginator("describe_instance_types").paginate(InstanceTypes=asked)
    found = {one["InstanceType"]: one for page in pages for one in page["InstanceTypes"]}
    assert found["m5.large"]["VCpuInfo"]["DefaultVCpus"] == 2
    assert found["m5.large"]["MemoryInfo"]["SizeInMiB"] == 8192
    assert found["p3.2xlarge"]["GpuInfo"]["Gpus"][0]["Count"] == 1
    refused(ec2.describe_instance_types, "InvalidInstanceType", InstanceTypes=["m5.tiny"])
    like = [{"Name": "instance-type", "Values": ["m5.*"]}]
    offered = ec2.describe_instance_type_offerings(Filters=like)["InstanceTypeOfferings"]
    assert "m5.large" in {one["InstanceType"] for one in offered}
    history = ec2.describe_spot_price_history(
        InstanceTypes=["m5.large"], ProductDescriptions=["Linux/UNIX"]
    )["SpotPriceHistory"]
    assert history and all(0 < float(one["SpotPrice"]) < 0.2 for one in history)
    assert all(one["Timestamp"] < datetime.datetime.now(datetime.UTC) for one in history)


def test_a_worker_of_an_endpoint_is_an_instance(aws, name):
    described = aws.train(name, HELLO)
    aws.serve(name, described["ModelArtifacts"]["S3ModelArtifacts"], SLOW)
    ec2, cloudwatch = aws("ec2"), aws("cloudwatch")
    of_endpoint = [{"Name": "tag:tradewind:endpoint", "Values": [name]}]
    (reservation,) = ec2.describe_instances(Filters=of_endpoint)["Reservations"]
    (worker,) = reservation["Instances"]
    assert (worker["InstanceType"], worker["State"]["Name"]) == ("m5.large", "running")
    own = worker["InstanceId"]
    refused(ec2.terminate_instances, "OperationNotPermitted", InstanceIds=[own])
    runtime = aws("sagemaker-runtime")
    runtime.invoke_endpoint(EndpointName=name, Body=b"2", ContentType="application/json")
    now = datetime.datetime.now(datetime.UTC)
    (result,) = cloudwatch.get_metric_data(
        MetricDataQueries=[
            {
                "Id": "cpu",
                "MetricStat": {
                    "Metric": {
                        "Namespace": "AWS/EC2",
                        "MetricName": "CPUUtilization",
                        "Dimensions": [{"Name": "InstanceId", "Value": own}],
                    },
                    "Period": 60,
                    "Stat": "Maximum",
                },
            }
        ],
        StartTime=now - datetime.timedelta(hours=1),
        EndTime=now + datetime.timedelta(minutes=1),
    )["MetricDataResults"]
    assert result["Values"] and 0 < result["Values"][0] <= 100
    aws.gone(name)
    assert not ec2.describe_instances(Filters=of_endpoint)["Reservations"]
