"""A cost report of an AWS account, written for boto3 and for AWS.

Yesterday's and earlier costs by service and by one tag, the instances that run and how busy their
processors are, and what the cost services advise.
"""

import argparse
import datetime

import boto3


def daily_costs(ce, start, end, tag):
    """The days' costs by service and by the tag's values, page by page."""
    asked = {
        "TimePeriod": {"Start": start.isoformat(), "End": end.isoformat()},
        "Granularity": "DAILY",
        "Metrics": ["BlendedCost"],
        "GroupBy": [{"Type": "DIMENSION", "Key": "SERVICE"}, {"Type": "TAG", "Key": tag}],
    }
    while True:
        page = ce.get_cost_and_usage(**asked)
        for day in page["ResultsByTime"]:
            for group in day["Groups"]:
                service, value = group["Keys"]
                cost = group["Metrics"]["BlendedCost"]
                yield day["TimePeriod"]["Start"], service, value.partition("$")[2], cost
        if "NextPageToken" not in page:
            return
        asked["NextPageToken"] = page["NextPageToken"]


def running_instances(ec2):
    pages = ec2.get_paginator("describe_instances").paginate(
        Filters=[{"Name": "instance-state-name", "Values": ["running"]}]
    )
    for page in pages:
        for reservation in page["Reservations"]:
            yield from reservation["Instances"]


def cpu(cloudwatch, instance, now):
    """Average and maximum of the last day, in per cent; none when nothing was measured."""
    points = cloudwatch.get_metric_statistics(
        Namespace="AWS/EC2",
        MetricName="CPUUtilization",
        Dimensions=[{"Name": "InstanceId", "Value": instance["InstanceId"]}],
        StartTime=now - datetime.timedelta(days=1),
        EndTime=now + datetime.timedelta(minutes=1),
        Period=300,
        Statistics=["Average", "Maximum"],
    )["Datapoints"]
    if not points:
        return None
    average = sum(point["Average"] for point in points) / len(points)
    return average, max(point["Maximum"] for point in points)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--tag", default="team")
    parser.add_argument("--days", type=int, default=7)
    parser.add_argument("--end", type=datetime.date.fromisoformat)
    arguments = parser.parse_args()
    now = datetime.datetime.now(datetime.timezone.utc)
    end = arguments.end or now.date() + datetime.timedelta(days=1)
    start = end - datetime.timedelta(days=arguments.days)

    print(f"costs from {start} to before {end}")
    total = 0.0
    ce = boto3.client("ce")
    for day, service, value, cost in daily_costs(ce, start, end, arguments.tag):
        print(f"  {day}  {service:<24} {value or '-':<12} {float(cost['Amount']):>10.4f} {cost['Unit']}")
        total += float(cost["Amount"])
    print(f"  total {total:.4f}")

    print("instances")
    ec2, cloudwatch = boto3.client("ec2"), boto3.client("cloudwatch")
    for instance in running_instances(ec2):
        tags = {tag["Key"]: tag["Value"] for tag in instance.get("Tags", [])}
        busy = cpu(cloudwatch, instance, now)
        shown = "not measured" if busy is None else f"average {busy[0]:.1f} %, maximum {busy[1]:.1f} %"
        print(f"  {instance['InstanceId']} {instance['InstanceType']} {tags.get('Name', '-')}: {shown}")

    print("advice")
    found = ce.get_rightsizing_recommendation(Service="AmazonEC2")["RightsizingRecommendations"]
    for one in found:
        current = one["CurrentInstance"]
        if one["RightsizingType"] == "TERMINATE":
            change, detail = "end it", one["TerminateRecommendationDetail"]
        else:
            detail = one["ModifyRecommendationDetail"]["TargetInstances"][0]
            change = f"take {detail['ResourceDetails']['EC2ResourceDetails']['InstanceType']}"
        saving = float(detail["EstimatedMonthlySavings"])
        print(f"  {current['ResourceId']}: {change}, saves {saving:.2f} {detail['CurrencyCode']} a month")
    if not found:
        print("  no machine is too large or idle")
    history = ce.get_anomalies(
        DateInterval={"StartDate": (end - datetime.timedelta(days=30)).isoformat(),
                      "EndDate": end.isoformat()}
    )
    for anomaly in history["Anomalies"]:
        print(f"  {anomaly['AnomalyStartDate'][:10]} {anomaly.get('DimensionValue', '-')}: "
              f"{anomaly['Impact']['TotalImpact']:.2f} more than expected")


if __name__ == "__main__":
    main()
