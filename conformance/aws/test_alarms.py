"""CloudWatch's alarms and metric math through boto3."""

import datetime

import botocore.exceptions
import pytest

MINUTE = datetime.timedelta(minutes=1)


@pytest.fixture
def cloudwatch(client):
    return client("cloudwatch")


def now():
    return datetime.datetime.now(datetime.UTC)


def put(cloudwatch, namespace, metric, *values):
    """Values of the last minutes, the latest last."""
    data = [
        {"MetricName": metric, "Timestamp": now() - MINUTE * (len(values) - 1 - at), "Value": value}
        for at, value in enumerate(values)
    ]
    cloudwatch.put_metric_data(Namespace=namespace, MetricData=data)


def alarm(cloudwatch, name):
    return cloudwatch.describe_alarms(AlarmNames=[name])["MetricAlarms"][0]


def test_an_alarm_follows_its_series(cloudwatch, name):
    asked = {
        "AlarmName": name,
        "Namespace": name,
        "MetricName": "loss",
        "Statistic": "Maximum",
        "Period": 60,
        "EvaluationPeriods": 1,
        "Threshold": 5,
        "ComparisonOperator": "GreaterThanThreshold",
        "AlarmActions": ["arn:aws:sns:us-east-1:123456789012:nobody"],
    }
    cloudwatch.put_metric_alarm(**asked)
    shown = alarm(cloudwatch, name)
    assert shown["StateValue"] == "INSUFFICIENT_DATA"
    assert shown["AlarmArn"].endswith(f":alarm:{name}")
    put(cloudwatch, name, "loss", 9.0)
    shown = alarm(cloudwatch, name)
    assert shown["StateValue"] == "ALARM" and "greater than the threshold" in shown["StateReason"]
    (found,) = cloudwatch.describe_alarms_for_metric(Namespace=name, MetricName="loss")["MetricAlarms"]
    assert found["AlarmName"] == name
    cloudwatch.put_metric_alarm(**asked | {"Threshold": 10})
    assert alarm(cloudwatch, name)["StateValue"] == "OK"
    cloudwatch.set_alarm_state(AlarmName=name, StateValue="ALARM", StateReason="to see")
    assert alarm(cloudwatch, name)["StateReason"] == "to see"
    history = cloudwatch.describe_alarm_history(AlarmName=name)["AlarmHistoryItems"]
    kinds = [item["HistoryItemType"] for item in history]
    assert kinds.count("StateUpdate") == 3 and "Action" in kinds
    cloudwatch.delete_alarms(AlarmNames=[name])
    assert cloudwatch.describe_alarms(AlarmNames=[name])["MetricAlarms"] == []
    with pytest.raises(cloudwatch.exceptions.ResourceNotFound):
        cloudwatch.delete_alarms(AlarmNames=[name])


def test_metric_math(cloudwatch, name):
    put(cloudwatch, name, "errors", 1.0, 2.0, 4.0)
    put(cloudwatch, name, "calls", 10.0, 10.0, 8.0)

    def stat(id, metric):
        of = {"Namespace": name, "MetricName": metric}
        return {"Id": id, "ReturnData": False, "MetricStat": {"Metric": of, "Period": 60, "Stat": "Sum"}}

    def asked(expression):
        answer = cloudwatch.get_metric_data(
            MetricDataQueries=[
                stat("m1", "errors"),
                stat("m2", "calls"),
                {"Id": "e1", "Expression": "m1 / m2", "ReturnData": False},
                {"Id": "e2", "Expression": expression},
            ],
            StartTime=now() - MINUTE * 10,
            EndTime=now() + MINUTE,
            ScanBy="TimestampAscending",
        )
        return answer["MetricDataResults"]

    (rate,) = asked("100 * e1")
    assert [round(value, 6) for value in rate["Values"]] == [10.0, 20.0, 50.0]
    assert (rate["Id"], rate["Label"]) == ("e2", "e2")
    (all_of_it,) = asked("SUM(METRICS())")
    assert all_of_it["Values"] == [11.0, 12.0, 12.0]
    for wrong in ("m1 +", "nobody", "SEARCH('x', 'Sum')", "SELECT AVG(x) FROM y", "e2 + 1"):
        with pytest.raises(botocore.exceptions.ClientError) as raised:
            asked(wrong)
        assert raised.value.response["Error"]["Code"] == "ValidationError"


def test_an_alarm_on_an_expression(cloudwatch, name):
    put(cloudwatch, name, "errors", 4.0)
    put(cloudwatch, name, "calls", 5.0)

    def stat(id, metric):
        of = {"Namespace": name, "MetricName": metric}
        return {"Id": id, "ReturnData": False, "MetricStat": {"Metric": of, "Period": 60, "Stat": "Sum"}}

    cloudwatch.put_metric_alarm(
        AlarmName=name,
        Metrics=[
            stat("m1", "errors"),
            stat("m2", "calls"),
            {"Id": "e1", "Expression": "m1 / m2", "Label": "share"},
        ],
        EvaluationPeriods=1,
        Threshold=0.5,
        ComparisonOperator="GreaterThanOrEqualToThreshold",
    )
    assert alarm(cloudwatch, name)["StateValue"] == "ALARM"
    cloudwatch.delete_alarms(AlarmNames=[name])


def test_alarms_that_cannot_be_are_refused(cloudwatch, name):
    good = {
        "AlarmName": name,
        "Namespace": name,
        "MetricName": "loss",
        "Statistic": "Average",
        "Period": 60,
        "EvaluationPeriods": 1,
        "Threshold": 1,
        "ComparisonOperator": "LessThanThreshold",
    }
    for wrong in (
        {"Period": 61},
        {"EvaluationPeriods": 2, "DatapointsToAlarm": 3},
        {"ComparisonOperator": "LessThanLowerThreshold"},
        {"TreatMissingData": "guess"},
        {"AlarmActions": ["nobody"]},
    ):
        with pytest.raises(botocore.exceptions.ClientError) as raised:
            cloudwatch.put_metric_alarm(**good | wrong)
        assert raised.value.response["Error"]["Code"] == "ValidationError", wrong
