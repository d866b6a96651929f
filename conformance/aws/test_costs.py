"""Cost Explorer through boto3, over a bill that the command line imported."""

import datetime

import botocore.exceptions
import pytest

HEADER = (
    "BilledCost,EffectiveCost,BillingCurrency,BillingAccountId,ChargePeriodStart,"
    "ChargeCategory,ProviderName,ServiceName,RegionId,ConsumedQuantity,Tags"
)


@pytest.fixture(scope="module")
def bill(server, tmp_path_factory):
    """Four days of two services and two projects in June 2026."""
    lines = [HEADER]
    for day in range(1, 5):
        for service, cost, project in (("S3", "0.25", "p1"), ("EC2", "2", "p1"), ("EC2", "1", "")):
            tags = f'"{{""Project"": ""{project}""}}"' if project else ""
            start = f"2026-06-{day:02}T00:00:00Z"
            lines.append(f"{cost},{cost},USD,77,{start},Usage,AWS,{service},us-east-1,3,{tags}")
    file = tmp_path_factory.mktemp("bill") / "june.csv"
    file.write_text("\n".join(lines) + "\n")
    server.tradewind("costs", "import", "--append", file)


PERIOD = {"Start": "2026-06-01", "End": "2026-06-05"}
ONLY = {"Dimensions": {"Key": "PAYER_ACCOUNT", "Values": ["77"]}}


def test_daily_costs_by_service_and_tag(client, bill):
    answer = client("ce").get_cost_and_usage(
        TimePeriod=PERIOD,
        Granularity="DAILY",
        Metrics=["BlendedCost", "UsageQuantity"],
        GroupBy=[{"Type": "DIMENSION", "Key": "SERVICE"}, {"Type": "TAG", "Key": "Project"}],
        Filter=ONLY,
    )
    days = answer["ResultsByTime"]
    assert [day["TimePeriod"]["Start"] for day in days] == [f"2026-06-0{n}" for n in range(1, 5)]
    groups = {tuple(g["Keys"]): g["Metrics"] for g in days[0]["Groups"]}
    assert groups[("EC2", "Project$")]["BlendedCost"] == {"Amount": "1", "Unit": "USD"}
    assert groups[("EC2", "Project$p1")]["BlendedCost"]["Amount"] == "2"
    assert groups[("S3", "Project$p1")]["UsageQuantity"] == {"Amount": "3", "Unit": "N/A"}
    assert days[0]["Total"] == {}


def test_totals_filters_and_empty_periods(client, bill):
    ce = client("ce")
    team = {"Tags": {"Key": "Project", "MatchOptions": ["ABSENT"], "Values": []}}
    asked = {
        "TimePeriod": {"Start": "2026-05-30", "End": "2026-06-05"},
        "Metrics": ["UnblendedCost", "AmortizedCost"],
        "Filter": {"And": [ONLY, {"Not": team}]},
    }
    monthly = ce.get_cost_and_usage(Granularity="MONTHLY", **asked)["ResultsByTime"]
    assert [month["Total"]["UnblendedCost"]["Amount"] for month in monthly] == ["0", "9"]
    daily = ce.get_cost_and_usage(Granularity="DAILY", **asked)["ResultsByTime"]
    assert len(daily) == 6 and daily[5]["Total"]["AmortizedCost"]["Amount"] == "2.25"


def test_values_of_dimensions_and_tags(client, bill):
    ce = client("ce")
    found = ce.get_dimension_values(TimePeriod=PERIOD, Dimension="SERVICE", Filter=ONLY)
    assert [value["Value"] for value in found["DimensionValues"]] == ["EC2", "S3"]
    assert found["TotalSize"] == 2
    page = ce.get_dimension_values(
        TimePeriod=PERIOD, Dimension="SERVICE", Filter=ONLY, MaxResults=1
    )
    rest = ce.get_dimension_values(
        TimePeriod=PERIOD,
        Dimension="SERVICE",
        Filter=ONLY,
        MaxResults=1,
        NextPageToken=page["NextPageToken"],
    )
    assert rest["DimensionValues"][0]["Value"] == "S3" and "NextPageToken" not in rest
    assert "Project" in ce.get_tags(TimePeriod=PERIOD)["Tags"]
    assert ce.get_tags(TimePeriod=PERIOD, TagKey="Project")["Tags"] == ["p1"]


def test_mistakes_are_told_apart(client, bill):
    ce = client("ce")
    asked = {"Granularity": "DAILY", "Metrics": ["BlendedCost"]}

    def refused(call, code, **more):
        with pytest.raises(botocore.exceptions.ClientError) as raised:
            call(**more)
        assert raised.value.response["Error"]["Code"] == code

    backwards = {"Start": "2026-06-05", "End": "2026-06-01"}
    refused(ce.get_cost_and_usage, "ValidationException", TimePeriod=backwards, **asked)
    refused(
        ce.get_cost_and_usage,
        "InvalidNextTokenException",
        TimePeriod=PERIOD,
        NextPageToken="nonsense",
        **asked,
    )
    today = datetime.datetime.now(datetime.timezone.utc).date()
    ahead = {"Start": str(today), "End": str(today + datetime.timedelta(days=3))}
    forecast = {"Metric": "BLENDED_COST", "Granularity": "DAILY", "TimePeriod": ahead}
    nobody = {"Dimensions": {"Key": "SERVICE", "Values": ["nothing of this name"]}}
    refused(ce.get_cost_forecast, "DataUnavailableException", Filter=nobody, **forecast)


def test_filters_of_every_form(client, bill):
    """Alternatives over several keys, negations and texts that are alike; no line counts twice."""
    ce = client("ce")

    def cost(filter):
        answer = ce.get_cost_and_usage(
            TimePeriod={"Start": "2026-06-01", "End": "2026-07-01"},
            Granularity="MONTHLY",
            Metrics=["BlendedCost"],
            Filter={"And": [ONLY, filter]},
        )
        return float(answer["ResultsByTime"][0]["Total"]["BlendedCost"]["Amount"])

    def service(value, *options):
        return {"Dimensions": {"Key": "SERVICE", "Values": [value], "MatchOptions": list(options)}}

    tagged = {"Tags": {"Key": "Project", "Values": ["p1"]}}
    assert cost({"Or": [service("S3"), tagged]}) == 9  # S3 1 and EC2 of p1 8; S3 is tagged too
    assert cost({"Or": [service("EC2"), tagged]}) == 13
    assert cost({"Not": {"Or": [service("S3"), tagged]}}) == 4
    assert cost(service("ec", "STARTS_WITH", "CASE_INSENSITIVE")) == 12
    assert cost(service("ec", "STARTS_WITH")) == 0
    assert cost({"Not": service("C", "CONTAINS")}) == 1


COMMITTED = (
    "BilledCost,EffectiveCost,ListCost,ContractedCost,BillingCurrency,BillingAccountId,"
    "ChargePeriodStart,ChargeCategory,PricingCategory,ProviderName,ServiceName,ServiceCategory,"
    "ConsumedQuantity,ConsumedUnit,CommitmentDiscountId,CommitmentDiscountCategory,"
    "CommitmentDiscountStatus"
)


@pytest.fixture(scope="module")
def commitments(server, tmp_path_factory):
    """A plan and a reservation, used and not, and usage that neither covers."""
    of = "USD,78,2026-03-02T00:00:00Z,Usage"
    compute = "AWS,EC2,Compute"
    lines = [
        COMMITTED,
        f"0,6,10,10,{of},Committed,{compute},10,Hours,plan-1,Spend,Used",
        f"0,2,0,0,{of},Committed,{compute},,,plan-1,Spend,Unused",
        f"0,3,6,6,{of},Committed,{compute},6,Hours,ri-1,Usage,Used",
        f"0,1,0,0,{of},Committed,{compute},2,Hours,ri-1,Usage,Unused",
        f"30,30,30,30,{of},Standard,{compute},24,Hours,,,",
    ]
    file = tmp_path_factory.mktemp("bill") / "march.csv"
    file.write_text("\n".join(lines) + "\n")
    server.tradewind("costs", "import", "--append", file)


def test_commitments(client, commitments):
    ce = client("ce")
    asked = {
        "TimePeriod": {"Start": "2026-03-01", "End": "2026-04-01"},
        "Filter": {"Dimensions": {"Key": "PAYER_ACCOUNT", "Values": ["78"]}},
    }
    plans = ce.get_savings_plans_utilization(**asked)["Total"]
    assert plans["Utilization"]["UtilizationPercentage"] == "75"
    assert plans["Savings"] == {"NetSavings": "2", "OnDemandCostEquivalent": "10"}
    (plan,) = ce.get_savings_plans_utilization_details(**asked)["SavingsPlansUtilizationDetails"]
    assert plan["SavingsPlanArn"] == "plan-1"
    (covered,) = ce.get_savings_plans_coverage(**asked)["SavingsPlansCoverages"]
    assert covered["Coverage"]["CoveragePercentage"] == "25"
    reserved = ce.get_reservation_utilization(**asked)["Total"]
    assert (reserved["UtilizationPercentage"], reserved["UnusedHours"]) == ("75", "2")
    hours = ce.get_reservation_coverage(**asked)["Total"]["CoverageHours"]
    assert (hours["ReservedHours"], hours["CoverageHoursPercentage"]) == ("6", "20")
    nobody = asked | {"TimePeriod": {"Start": "2026-01-01", "End": "2026-02-01"}}
    with pytest.raises(ce.exceptions.DataUnavailableException):
        ce.get_reservation_utilization(**nobody)


def test_anomalies_and_their_monitors(client, server, tmp_path):
    """Forty even days and one that cost ten times as much."""
    lines = [HEADER]
    first = datetime.date(2025, 1, 1)
    for day in range(41):
        start = first + datetime.timedelta(days=day)
        cost = 500 if day == 35 else 50
        lines.append(f"{cost},{cost},USD,79,{start}T00:00:00Z,Usage,AWS,Odd Service,us-east-1,1,")
    (tmp_path / "odd.csv").write_text("\n".join(lines) + "\n")
    server.tradewind("costs", "import", "--append", tmp_path / "odd.csv")
    ce = client("ce")
    january = {"StartDate": "2025-01-20", "EndDate": "2025-02-10"}
    found = ce.get_anomalies(DateInterval=january)["Anomalies"]
    (odd,) = [one for one in found if one["DimensionValue"] == "Odd Service"]
    assert odd["AnomalyStartDate"] == "2025-02-05T00:00:00Z"
    assert odd["Impact"]["TotalActualSpend"] == 500 and 440 < odd["Impact"]["TotalImpact"] < 460
    ce.provide_anomaly_feedback(AnomalyId=odd["AnomalyId"], Feedback="PLANNED_ACTIVITY")
    planned = ce.get_anomalies(DateInterval=january, Feedback="PLANNED_ACTIVITY")["Anomalies"]
    assert [one["AnomalyId"] for one in planned] == [odd["AnomalyId"]]
    arn = ce.create_anomaly_monitor(
        AnomalyMonitor={
            "MonitorName": "others",
            "MonitorType": "CUSTOM",
            "MonitorSpecification": {"Dimensions": {"Key": "LINKED_ACCOUNT", "Values": ["none"]}},
        }
    )["MonitorArn"]
    assert ce.get_anomalies(DateInterval=january, MonitorArn=arn)["Anomalies"] == []
    own = ce.create_anomaly_subscription(
        AnomalySubscription={
            "MonitorArnList": [arn],
            "Subscribers": [{"Address": "ann@example.org", "Type": "EMAIL"}],
            "Threshold": 10.0,
            "Frequency": "DAILY",
            "SubscriptionName": "daily",
        }
    )["SubscriptionArn"]
    (shown,) = ce.get_anomaly_subscriptions(MonitorArn=arn)["AnomalySubscriptions"]
    assert (shown["SubscriptionArn"], shown["Threshold"]) == (own, 10.0)
    ce.delete_anomaly_subscription(SubscriptionArn=own)
    ce.delete_anomaly_monitor(MonitorArn=arn)
    names = [one["MonitorName"] for one in ce.get_anomaly_monitors()["AnomalyMonitors"]]
    assert names == ["Default-Services-Monitor"]
    with pytest.raises(ce.exceptions.UnknownMonitorException):
        ce.get_anomaly_monitors(MonitorArnList=[arn])


def test_machines_of_the_wrong_size(client, server, tmp_path):
    """Bills name the machines, an agent put what they use: one is too large, and one is idle."""
    large, idle = "i-0aaaaaaaaaaaaaaaa", "i-0bbbbbbbbbbbbbbbb"
    now = datetime.datetime.now(datetime.timezone.utc).replace(minute=0, second=0, microsecond=0)
    hours = [now - datetime.timedelta(hours=back) for back in range(1, 24 * 9)]
    lines = [HEADER.replace("Tags", "ConsumedUnit,ResourceId,ResourceType")]
    for at in hours:
        for machine, kind, cost in ((large, "m5.2xlarge", "0.384"), (idle, "m5.large", "0.096")):
            lines.append(
                f"{cost},{cost},USD,80,{at:%Y-%m-%dT%H:%M:%SZ},Usage,AWS,EC2,us-east-1,1,Hours,"
                f"{machine},{kind}"
            )
    (tmp_path / "machines.csv").write_text("\n".join(lines) + "\n")
    server.tradewind("costs", "import", "--append", tmp_path / "machines.csv")
    cloudwatch = client("cloudwatch")
    for machine, percent in ((large, 11.0), (idle, 1.0)):
        cloudwatch.put_metric_data(
            Namespace="CWAgent",
            MetricData=[
                {
                    "MetricName": "cpu_usage_active",
                    "Dimensions": [{"Name": "InstanceId", "Value": machine}],
                    "Timestamp": at,
                    "Value": percent,
                }
                for at in hours
            ],
        )
    answer = client("ce").get_rightsizing_recommendation(Service="AmazonEC2")
    found = {one["CurrentInstance"]["ResourceId"]: one for one in answer["RightsizingRecommendations"]}
    assert found[idle]["RightsizingType"] == "TERMINATE"
    assert float(found[idle]["TerminateRecommendationDetail"]["EstimatedMonthlySavings"]) == 70.08
    smaller = found[large]["ModifyRecommendationDetail"]["TargetInstances"][0]
    kind = smaller["ResourceDetails"]["EC2ResourceDetails"]["InstanceType"]
    assert kind == "m5.large" and float(smaller["EstimatedMonthlySavings"]) > 200
    plans = client("ce").get_savings_plans_purchase_recommendation(
        SavingsPlansType="COMPUTE_SP",
        TermInYears="ONE_YEAR",
        PaymentOption="NO_UPFRONT",
        LookbackPeriodInDays="SEVEN_DAYS",
    )
    assert "SavingsPlansPurchaseRecommendation" in plans
    client("ce").get_reservation_purchase_recommendation(
        Service="Amazon Elastic Compute Cloud - Compute"
    )
