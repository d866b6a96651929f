//! The ARNs that a request is about, told by the operation's name and the request's members ("Actions,
//! resources, and condition keys" in the service authorization reference).

use super::sagemaker;
use serde_json::Value;

/// Who answers, and where.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Place<'a> {
    pub(crate) service: &'a str,
    pub(crate) region: &'a str,
    pub(crate) account: &'a str,
}

impl Place<'_> {
    pub(super) fn arn(self, service: &str, resource: &str) -> String {
        let (region, account) = (self.region, self.account);
        format!("arn:aws:{service}:{region}:{account}:{resource}")
    }
}

/// The resources of an operation, each of which must be allowed; `*` alone where it has none.
/// Members that another operation would read are not looked at: whoever sends them beside must not
/// be asked about them instead.
pub(crate) fn resources(place: Place<'_>, operation: &str, members: &Value) -> Vec<String> {
    let mut found = match place.service {
        "sagemaker" => sagemaker::resources(place, operation, members),
        "iam" => of_iam(place, operation, members),
        "sts" if operation.starts_with("AssumeRole") => texts(members, "RoleArn"),
        "budgets" => of_budgets(place, members),
        "monitoring" => named(members, &["AlarmName", "AlarmNames"], |name| {
            place.arn("cloudwatch", &format!("alarm:{name}"))
        }),
        "logs" => of_logs(place, members),
        "ec2" => match operation {
            "StopInstances" | "TerminateInstances" => {
                named(members, &["InstanceId", "InstanceIds"], |id| {
                    place.arn("ec2", &format!("instance/{id}"))
                })
            }
            _ => Vec::new(),
        },
        "ecr" => named(members, &["repositoryName", "repositoryNames"], |name| {
            place.arn("ecr", &format!("repository/{name}"))
        }),
        _ => Vec::new(),
    };
    found.sort_unstable();
    found.dedup();
    if found.is_empty() {
        found.push("*".to_owned());
    }
    found
}

pub(super) fn text<'a>(members: &'a Value, name: &str) -> Option<&'a str> {
    members.get(name)?.as_str()
}

/// The text or the texts of a member.
pub(super) fn texts(members: &Value, name: &str) -> Vec<String> {
    let owned = |value: &Value| value.as_str().map(str::to_owned);
    match members.get(name) {
        Some(Value::Array(all)) => all.iter().filter_map(owned).collect(),
        Some(value) => owned(value).into_iter().collect(),
        None => Vec::new(),
    }
}

/// What all texts of some members name.
fn named(members: &Value, names: &[&str], name_of: impl Fn(&str) -> String) -> Vec<String> {
    let all = names.iter().flat_map(|name| texts(members, name));
    all.map(|text| name_of(&text)).collect()
}

fn of_logs(place: Place<'_>, members: &Value) -> Vec<String> {
    let names = ["logGroupName", "logGroupIdentifier", "resourceArn"];
    named(members, &names, |name| {
        place.arn("logs", &format!("log-group:{}", crate::logs::plain(name)))
    })
}

fn of_budgets(place: Place<'_>, members: &Value) -> Vec<String> {
    let mut found = texts(members, "ResourceARN");
    let inside = ["Budget", "NewBudget"].map(|member| members.get(member));
    let all = inside.into_iter().flatten().chain([members]);
    let names = all.filter_map(|value| text(value, "BudgetName"));
    found.extend(names.map(|name| format!("arn:aws:budgets::{}:budget/{name}", place.account)));
    found
}

fn of_iam(place: Place<'_>, operation: &str, members: &Value) -> Vec<String> {
    let arn = |kind: &str, name: &str| format!("arn:aws:iam::{}:{kind}/{name}", place.account);
    let kind = match operation {
        "SimulatePrincipalPolicy" => return texts(members, "PolicySourceArn"),
        name if name.ends_with("ForUser") || name.contains("AccessKey") => "User",
        name => ["Group", "Role", "User"]
            .into_iter()
            .find(|kind| name.contains(kind))
            .unwrap_or("Policy"),
    };
    let mut found = named(members, &[&format!("{kind}Name")], |name| {
        arn(&kind.to_lowercase(), name)
    });
    if kind == "Policy" {
        found.extend(texts(members, "PolicyArn"));
    }
    found
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
            resources(place, operation, &members).join(" ")
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
            (
                "sagemaker",
                "StartPipelineExecution",
                json!({"PipelineName": "p"}),
                "arn:aws:sagemaker:us-east-1:1:pipeline/p",
            ),
            (
                "sagemaker",
                "ListPipelineExecutionSteps",
                json!({"PipelineExecutionArn": "arn:aws:sagemaker:us-east-1:1:pipeline/p/execution/e"}),
                "arn:aws:sagemaker:us-east-1:1:pipeline/p/execution/e",
            ),
            (
                "sagemaker",
                "DescribePipeline",
                json!({"PipelineName": "arn:aws:sagemaker:xx:2:pipeline/p"}),
                "arn:aws:sagemaker:us-east-1:1:pipeline/p arn:aws:sagemaker:xx:2:pipeline/p",
            ),
            (
                "sagemaker",
                "UpdateEndpointWeightsAndCapacities",
                json!({"EndpointName": "e"}),
                "arn:aws:sagemaker:us-east-1:1:endpoint/e",
            ),
            (
                "sagemaker",
                "CreateTrial",
                json!({"TrialName": "t"}),
                "arn:aws:sagemaker:us-east-1:1:experiment-trial/t",
            ),
            (
                "logs",
                "FilterLogEvents",
                json!({"logGroupIdentifier": "arn:aws:logs:us-east-1:1:log-group:/g:*"}),
                "arn:aws:logs:us-east-1:1:log-group:/g",
            ),
            (
                "monitoring",
                "DeleteAlarms",
                json!({"AlarmNames": ["a", "b"]}),
                "arn:aws:cloudwatch:us-east-1:1:alarm:a arn:aws:cloudwatch:us-east-1:1:alarm:b",
            ),
            (
                "ec2",
                "StopInstances",
                json!({"InstanceId": ["i-1", "i-2"]}),
                "arn:aws:ec2:us-east-1:1:instance/i-1 arn:aws:ec2:us-east-1:1:instance/i-2",
            ),
            // Members that the operation does not read do not stand in for those that it does.
            (
                "iam",
                "DeleteRole",
                json!({"RoleName": "r", "GroupName": "mine", "PolicyArn": "arn:p"}),
                "arn:aws:iam::1:role/r",
            ),
            (
                "iam",
                "AddUserToGroup",
                json!({"UserName": "u", "GroupName": "g"}),
                "arn:aws:iam::1:group/g",
            ),
            (
                "sagemaker",
                "DeleteEndpoint",
                json!({"EndpointName": "e", "ResourceArn": "arn:x"}),
                "arn:aws:sagemaker:us-east-1:1:endpoint/e",
            ),
        ] {
            assert_eq!(of(service, operation, members), expected, "{operation}");
        }
    }
}
