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
