"""AWS Budgets through boto3, over the budgets that `tradewind budgets` knows."""

import json

import botocore.exceptions
import pytest

ACCOUNT = "123456789012"


@pytest.fixture
def budgets(client):
    return client("budgets")


def budget(name, **more):
    return {
        "BudgetName": name,
        "BudgetLimit": {"Amount": "12.5", "Unit": "USD"},
        "TimeUnit": "MONTHLY",
        "BudgetType": "COST",
    } | more


def refused(call, code, **more):
    with pytest.raises(botocore.exceptions.ClientError) as raised:
        call(AccountId=more.pop("account", ACCOUNT), **more)
    assert raised.value.response["Error"]["Code"] == code, raised.value


def listed(server):
    return {one["budget"]["name"]: one for one in json.loads(server.tradewind("--json", "budgets").stdout)}


def test_a_budget_is_tradewinds_and_back(budgets, server, name):
    filters = {"TagKeyValue": [f"user:team${name}"]}
    budgets.create_budget(
        AccountId=ACCOUNT,
        Budget=budget(name, CostFilters=filters),
        NotificationsWithSubscribers=[
            {
                "Notification": {
                    "NotificationType": "ACTUAL",
                    "ComparisonOperator": "GREATER_THAN",
                    "Threshold": 80,
                },
                "Subscribers": [{"SubscriptionType": "EMAIL", "Address": "ann@example.org"}],
            }
        ],
    )
    own = listed(server)[name]["budget"]
    assert (own["amount"], own["hard"], own["thresholds"]) == ("12.5", True, [80])
    shown = budgets.describe_budget(AccountId=ACCOUNT, BudgetName=name)["Budget"]
    assert shown["CostFilters"] == filters
    assert shown["CalculatedSpend"]["ActualSpend"] == {"Amount": "0", "Unit": "USD"}
    assert shown["TimePeriod"]["End"].year == 2087
    refused(budgets.create_budget, "DuplicateRecordException", Budget=budget(name))

    (notification,) = budgets.describe_notifications_for_budget(AccountId=ACCOUNT, BudgetName=name)[
        "Notifications"
    ]
    assert notification["NotificationState"] == "OK"
    named = {"BudgetName": name, "Notification": {k: v for k, v in notification.items()
                                                  if k != "NotificationState"}}
    bob = {"SubscriptionType": "EMAIL", "Address": "bob@example.org"}
    budgets.create_subscriber(AccountId=ACCOUNT, Subscriber=bob, **named)
    found = budgets.describe_subscribers_for_notification(AccountId=ACCOUNT, **named)["Subscribers"]
    assert [one["Address"] for one in found] == ["ann@example.org", "bob@example.org"]
    budgets.delete_notification(AccountId=ACCOUNT, **named)
    assert listed(server)[name]["budget"]["thresholds"] == []

    # Changed by the command line, it is described as it is now.
    server.tradewind("budgets", "set", name, "--amount", "40", "--tag", f"team={name}")
    shown = budgets.describe_budget(AccountId=ACCOUNT, BudgetName=name)["Budget"]
    assert (shown["BudgetLimit"]["Amount"], shown["CostFilters"]) == ("40", filters)
    budgets.update_budget(AccountId=ACCOUNT, NewBudget=budget(name))
    assert listed(server)[name]["budget"]["amount"] == "12.5"
    history = budgets.describe_budget_performance_history(AccountId=ACCOUNT, BudgetName=name)
    assert len(history["BudgetPerformanceHistory"]["BudgetedAndActualAmountsList"]) == 13
    budgets.delete_budget(AccountId=ACCOUNT, BudgetName=name)
    assert name not in listed(server)
    refused(budgets.describe_budget, "NotFoundException", BudgetName=name)


def test_a_budget_of_boto3_refuses_a_job(budgets, aws, server, name):
    """What an hour of the machine costs is known, and the job may run for ten hours."""
    rates = json.loads(server.tradewind("--json", "costs", "rates").stdout)
    server.tradewind("costs", "rates", "--cpu-hour", "5")
    try:
        budgets.create_budget(AccountId=ACCOUNT, Budget=budget(name))
        sagemaker = aws("sagemaker")
        request = aws.training(name, "print('ran')")
        request["StoppingCondition"] = {"MaxRuntimeInSeconds": 36_000}
        with pytest.raises(botocore.exceptions.ClientError) as raised:
            sagemaker.create_training_job(**request)
        assert name in str(raised.value), raised.value
        budgets.tag_resource(
            ResourceARN=f"arn:aws:budgets::{ACCOUNT}:budget/{name}",
            ResourceTags=[{"Key": "tradewind:hard", "Value": "false"}],
        )
        sagemaker.create_training_job(**request)
        sagemaker.stop_training_job(TrainingJobName=name)
        aws.trained(name)
    finally:
        budgets.delete_budget(AccountId=ACCOUNT, BudgetName=name)
        server.tradewind("costs", "rates", "--cpu-hour", str(rates["cpu_hour"]))


def test_what_is_not_served_is_refused(budgets, judge, name):
    judge.expects_refusals = True
    for wrong in [
        {"BudgetType": "USAGE"},
        {"TimeUnit": "DAILY"},
        {"BudgetLimit": {"Amount": "0", "Unit": "USD"}},
        {"CostTypes": {"IncludeSupport": False}},
        {"CostFilters": {"TagKeyValue": ["team"]}},
    ]:
        refused(budgets.create_budget, "InvalidParameterException", Budget=budget(name, **wrong))
    refused(budgets.describe_budgets, "AccessDeniedException", account="111111111111")
    refused(budgets.describe_budgets, "InvalidNextTokenException", NextToken="nonsense")
    refused(
        budgets.describe_budget_actions_for_budget, "UnsupportedOperationException", BudgetName="b"
    )
