//! One operation a file; this is their table.

crate::operation::operations! {
    create_budget::CreateBudget,
    create_notification::CreateNotification,
    create_subscriber::CreateSubscriber,
    delete_budget::DeleteBudget,
    delete_notification::DeleteNotification,
    delete_subscriber::DeleteSubscriber,
    describe_budget::DescribeBudget,
    describe_budget_notifications_for_account::DescribeBudgetNotificationsForAccount,
    describe_budget_performance_history::DescribeBudgetPerformanceHistory,
    describe_budgets::DescribeBudgets,
    describe_notifications_for_budget::DescribeNotificationsForBudget,
    describe_subscribers_for_notification::DescribeSubscribersForNotification,
    list_tags_for_resource::ListTagsForResource,
    tag_resource::TagResource,
    untag_resource::UntagResource,
    update_budget::UpdateBudget,
    update_notification::UpdateNotification,
    update_subscriber::UpdateSubscriber,
}

/// The ARN of a budget, which has no region.
fn arn(call: &crate::operation::Call<'_>, name: &str) -> String {
    call.aws
        .account
        .arn("budgets", "", &format!("budget/{name}"))
}
