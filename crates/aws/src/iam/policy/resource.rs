//! The ARN that a request is about, told by the operation's name and the request's members ("Actions,
//! resources, and condition keys" in the service authorization reference).

use serde_json::Value;

/// What an operation's name begins with; the rest is the kind of resource.
const VERBS: &[&str] = &[
    "Create", "Describe", "Delete", "Update", "Stop", "Start", "Get", "Put", "Invoke", "Retry",
];

/// Who answers, and where.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Place<'a> {
    pub(crate) service: &'a str,
    pub(crate) region: &'a str,
    pub(crate) account: &'a str,
}

/// The resource of an operation; `*` where it has none or names several.
pub(crate) fn resource(place: Place<'_>, operation: &str, members: &Value) -> String {
    let found = match place.service {
        "sagemaker" => of_sagemaker(place, operation, members),
        "iam" => of_iam(place, members),
        "sts" => text(members, "RoleArn").map(str::to_owned),
        "budgets" => of_budgets(place, members),
        "monitoring" => text(members, "AlarmName").map(|name| {
            let (region, account) = (place.region, place.account);
            format!("arn:aws:cloudwatch:{region}:{account}:alarm:{name}")
        }),
        "logs" => text(members, "logGroupName").map(|name| {
            let (region, account) = (place.region, place.account);
            format!("arn:aws:logs:{region}:{account}:log-group:{name}")
        }),
        _ => None,
    };
    found.unwrap_or_else(|| "*".to_owned())
}

fn text<'a>(members: &'a Value, name: &str) -> Option<&'a str> {
    members.get(name)?.as_str()
}

fn of_sagemaker(place: Place<'_>, operation: &str, members: &Value) -> Option<String> {
    if let Some(arn) = text(members, "ResourceArn") {
        return Some(arn.to_owned());
    }
    let noun = VERBS.iter().find_map(|verb| operation.strip_prefix(verb))?;
    if let Some(arn) = text(members, &format!("{noun}Arn")) {
        return Some(arn.to_owned());
    }
    let name = text(members, &format!("{noun}Name"))?;
    if name.starts_with("arn:") {
        return Some(name.to_owned());
    }
    let (region, account, kind) = (place.region, place.account, dashed(noun));
    Some(format!(
        "arn:aws:sagemaker:{region}:{account}:{kind}/{name}"
    ))
}

fn of_budgets(place: Place<'_>, members: &Value) -> Option<String> {
    if let Some(arn) = text(members, "ResourceARN") {
        return Some(arn.to_owned());
    }
    let inside = ["Budget", "NewBudget"]
        .iter()
        .find_map(|member| members.get(*member));
    let name = text(members, "BudgetName").or_else(|| text(inside?, "BudgetName"))?;
    Some(format!("arn:aws:budgets::{}:budget/{name}", place.account))
}

fn of_iam(place: Place<'_>, members: &Value) -> Option<String> {
    if let Some(arn) = text(members, "PolicySourceArn") {
        return Some(arn.to_owned());
    }
    for kind in ["Group", "Role", "User"] {
        if let Some(name) = text(members, &format!("{kind}Name")) {
            let kind = kind.to_lowercase();
            return Some(format!("arn:aws:iam::{}:{kind}/{name}", place.account));
        }
    }
    if let Some(arn) = text(members, "PolicyArn") {
        return Some(arn.to_owned());
    }
    let name = text(members, "PolicyName")?;
    Some(format!("arn:aws:iam::{}:policy/{name}", place.account))
}

/// `TrainingJob` as `training-job`.
fn dashed(noun: &str) -> String {
    let mut dashed = String::new();
    for letter in noun.chars() {
        if letter.is_ascii_uppercase() && !dashed.is_empty() {
            dashed.push('-');
        }
        dashed.push(letter.to_ascii_lowercase());
    }
    dashed
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn resources_are_told_from_members() {
        let of = |service: &str, operation: &str, members: Value| {
            let place = Place {
                service,
                region: "us-east-1",
                account: "1",
            };
            resource(place, operation, &members)
        };
        for (service, operation, members, expected) in [
            (
                "sagemaker",
                "DescribeTrainingJob",
                json!({"TrainingJobName": "a"}),
                "arn:aws:sagemaker:us-east-1:1:training-job/a",
            ),
            (
                "sagemaker",
                "ListTrainingJobs",
                json!({"NameContains": "a"}),
                "*",
            ),
            (
                "sagemaker",
                "AddTags",
                json!({"ResourceArn": "arn:x"}),
                "arn:x",
            ),
            (
                "sagemaker",
                "CreateEndpoint",
                json!({"EndpointName": "e", "EndpointConfigName": "c"}),
                "arn:aws:sagemaker:us-east-1:1:endpoint/e",
            ),
            (
                "iam",
                "GetRole",
                json!({"RoleName": "r"}),
                "arn:aws:iam::1:role/r",
            ),
            (
                "iam",
                "AttachRolePolicy",
                json!({"RoleName": "r", "PolicyArn": "arn:p"}),
                "arn:aws:iam::1:role/r",
            ),
            ("sts", "AssumeRole", json!({"RoleArn": "arn:r"}), "arn:r"),
            (
                "budgets",
                "CreateBudget",
                json!({"AccountId": "1", "Budget": {"BudgetName": "b"}}),
                "arn:aws:budgets::1:budget/b",
            ),
            ("ecr", "DescribeImages", json!({}), "*"),
        ] {
            assert_eq!(of(service, operation, members), expected, "{operation}");
        }
    }
}
