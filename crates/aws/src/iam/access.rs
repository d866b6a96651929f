//! Whether a proven request may be answered: what the policies of its signer say of its action and
//! its resource.

use super::policy::{self, About, Decision, Layer, Layers};
use super::{EXECUTION_ROLE, Entity, Kind};
use crate::Aws;
use crate::fault::Fault;
use crate::operation::Call;
use ::s3::{Connection, Facts, Verdict};
use control::Caller;
use control::access::Role;
use domain::Workspace;
use http::StatusCode;
use http::request::Parts;
use serde_json::Value;

/// Operations that nobody can be kept from: who one is, and a session of one's own.
const ALWAYS: &[&str] = &["sts:GetCallerIdentity", "sts:GetSessionToken"];

/// The entity behind a principal's ARN: a session's role, or a user.
pub(crate) fn entity_of(arn: &str) -> Option<(Kind, &str)> {
    let resource = arn.splitn(6, ':').nth(5)?;
    if let Some(rest) = resource.strip_prefix("assumed-role/") {
        return Some((Kind::Role, rest.split('/').next()?));
    }
    let kind = match resource.split('/').next()? {
        "role" => Kind::Role,
        "user" => Kind::User,
        _ => return None,
    };
    Some((kind, resource.rsplit('/').next()?))
}

/// Whose policies are asked.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Who<'a> {
    /// Where roles and users are.
    pub(crate) workspace: &'a Workspace,
    /// A role, a user, or a session of a role.
    pub(crate) arn: &'a str,
    /// The policies that came with the session: texts, and ARNs of managed ones. Empty is a
    /// session that was not narrowed.
    pub(crate) session: &'a [String],
}

/// What the policies of a principal say. One whose role or user is gone has none.
pub(crate) async fn decide(
    aws: &Aws,
    who: Who<'_>,
    action: &str,
    resource: &str,
    facts: &Facts,
) -> Result<Decision, Fault> {
    let Some((kind, name)) = entity_of(who.arn) else {
        return Ok(Decision::Silent(Layer::Identity));
    };
    if kind == Kind::Role && name == EXECUTION_ROLE && who.session.is_empty() {
        return Ok(Decision::Allowed);
    }
    let reader = Caller {
        role: Role::Reader,
        ..Caller::system(who.workspace.clone())
    };
    let Some(entity) = super::find(aws, &reader, kind, name).await? else {
        return Ok(Decision::Silent(Layer::Identity));
    };
    let mut layers = layers(aws, &reader, kind, &entity).await?;
    if !who.session.is_empty() {
        layers.session = Some(texts(aws, &reader, who.session).await?);
    }
    let mut facts = facts.clone();
    policy::identify(&mut facts, who.arn);
    Ok(layers.decide(action, resource, &facts))
}

/// The same as one word, for those who ask a resource's policy too. What that allows a user is no
/// matter of the user's boundary; it does not widen a session or a role's boundary (IAM user
/// guide, "Policy evaluation logic").
pub(crate) async fn verdict(
    aws: &Aws,
    who: Who<'_>,
    action: &str,
    resource: &str,
    facts: &Facts,
) -> Result<Verdict, Fault> {
    let is_user = matches!(entity_of(who.arn), Some((Kind::User, _)));
    Ok(match decide(aws, who, action, resource, facts).await? {
        Decision::Allowed => Verdict::Allowed,
        Decision::Silent(Layer::Identity) => Verdict::Unsaid,
        Decision::Silent(Layer::Boundary) if is_user => Verdict::Unsaid,
        Decision::Silent(Layer::Boundary | Layer::Session) | Decision::Denied(_) => Verdict::Denied,
    })
}

/// The policies of a role or user: its own, those of its groups, and its boundary.
pub(crate) async fn layers(
    aws: &Aws,
    reader: &Caller,
    kind: Kind,
    entity: &Entity,
) -> Result<Layers, Fault> {
    let mut identity = documents(aws, reader, entity).await?;
    if kind == Kind::Role && entity.name == EXECUTION_ROLE {
        identity.extend(texts(aws, reader, &[super::managed::EVERYTHING.to_owned()]).await?);
    }
    for group in &entity.groups {
        if let Some(group) = super::find(aws, reader, Kind::Group, group).await? {
            identity.extend(documents(aws, reader, &group).await?);
        }
    }
    let boundary = match &entity.boundary {
        Some(arn) => Some(texts(aws, reader, std::slice::from_ref(arn)).await?),
        None => None,
    };
    Ok(Layers {
        identity,
        boundary,
        session: None,
    })
}

/// The texts of all policies of an entity.
async fn documents(aws: &Aws, reader: &Caller, entity: &Entity) -> Result<Vec<String>, Fault> {
    let mut documents: Vec<String> = entity.inline.values().cloned().collect();
    documents.extend(texts(aws, reader, &entity.attached).await?);
    Ok(documents)
}

/// The texts of policies that are given as texts or by their ARNs. One that is gone says nothing.
async fn texts(aws: &Aws, reader: &Caller, policies: &[String]) -> Result<Vec<String>, Fault> {
    let mut texts = Vec::new();
    for policy in policies {
        if !policy.starts_with("arn:") {
            texts.push(policy.clone());
        } else if let Some(managed) = super::managed::find(aws, reader, policy).await? {
            texts.push(managed.document);
        }
    }
    Ok(texts)
}

/// Refuses an operation of a service's table that the signer's policies do not allow. A role that
/// is handed to a service must be one that may be passed.
pub(crate) async fn authorise(
    call: &Call<'_>,
    service: &str,
    operation: &str,
    members: &Value,
) -> Result<(), Fault> {
    // CloudWatch signs as `monitoring`, and is another word in policies.
    let word = match service {
        "monitoring" => "cloudwatch",
        other => other,
    };
    // So are most of the actions on budgets.
    let doing = match (service, operation) {
        ("budgets", name) if name.starts_with("Describe") => "ViewBudget",
        ("budgets", name) if !name.contains("Resource") => "ModifyBudget",
        _ => operation,
    };
    let action = format!("{word}:{doing}");
    if ALWAYS.contains(&action.as_str()) {
        return Ok(());
    }
    let place = policy::Place {
        service,
        region: call.region,
        account: &call.aws.account.id,
    };
    let facts = call.facts(call.connection, members);
    if service == "kms" {
        for (action, resource) in crate::kms::questions(call, operation, members) {
            call.demand(&action, &resource, &facts).await?;
        }
        return Ok(());
    }
    for resource in policy::resources(place, operation, members) {
        call.demand(&action, &resource, &facts).await?;
    }
    let passed = ["RoleArn", "ExecutionRoleArn"]
        .iter()
        .find_map(|name| members.get(*name)?.as_str());
    match passed {
        Some(role) if service != "sts" && service != "iam" => {
            call.demand_passing(role, service, facts).await
        }
        _ => Ok(()),
    }
}

/// The same for a service with paths. What is not known here can be allowed for all of the service
/// only.
pub(crate) async fn authorise_path(
    call: &Call<'_>,
    service: &str,
    parts: &Parts,
) -> Result<(), Fault> {
    let path: Vec<&str> = parts.uri.path().trim_matches('/').split('/').collect();
    let (operation, resource) = match path.as_slice() {
        path if service == "lambda" => {
            let decode = |part: &&str| {
                let part = percent_encoding::percent_decode_str(part);
                part.decode_utf8_lossy().into_owned()
            };
            let decoded: Vec<String> = path.iter().map(decode).collect();
            let words: Vec<&str> = decoded.iter().map(String::as_str).collect();
            let (operation, resource) = crate::lambda::action(
                parts.method.as_str(),
                &words,
                parts.uri.query().unwrap_or_default(),
            );
            let resource = match resource.as_str() {
                "*" => resource,
                _ => call.arn(service, &resource),
            };
            (operation, resource)
        }
        ["endpoints", name, how] => {
            let operation = match *how {
                "invocations" => "InvokeEndpoint",
                "invocations-response-stream" => "InvokeEndpointWithResponseStream",
                "async-invocations" => "InvokeEndpointAsync",
                _ => "UnknownOperation",
            };
            let arn = call.arn(service, &format!("endpoint/{name}"));
            (operation, arn)
        }
        ["FeatureGroup", name @ ..] => {
            let operation = match parts.method.as_str() {
                "PUT" => "PutRecord",
                "GET" => "GetRecord",
                "DELETE" => "DeleteRecord",
                _ => "UnknownOperation",
            };
            let name = percent_encoding::percent_decode_str(&name.join("/"))
                .decode_utf8_lossy()
                .into_owned();
            let name = crate::account::Account::name_of(&name, "feature-group");
            (
                operation,
                call.arn(service, &format!("feature-group/{name}")),
            )
        }
        // These name their resources in the body, and ask for each of them.
        ["BatchGetRecord" | "BatchPutMetrics" | "BatchGetMetrics"] => return Ok(()),
        _ => ("UnknownOperation", "*".to_owned()),
    };
    let facts = call.facts(call.connection, &Value::Null);
    call.demand(&format!("{service}:{operation}"), &resource, &facts)
        .await
}

impl Call<'_> {
    /// Facts of this request for conditions.
    pub(crate) fn facts(&self, connection: Option<Connection>, members: &Value) -> Facts {
        policy::facts(&About {
            arn: &self.principal.arn,
            user_id: &self.principal.user_id,
            account: &self.aws.account.id,
            region: self.region,
            now: self.aws.control.world.now(),
            connection,
            members,
        })
    }

    /// Refuses unless the signer may hand this role to a service.
    pub(crate) async fn demand_passing(
        &self,
        role: &str,
        service: &str,
        mut facts: Facts,
    ) -> Result<(), Fault> {
        let to = format!("{service}.amazonaws.com");
        facts.insert("iam:passedtoservice".to_owned(), vec![to]);
        self.demand("iam:PassRole", role, &facts).await
    }

    /// Refuses unless the signer's policies allow it.
    pub(crate) async fn demand(
        &self,
        action: &str,
        resource: &str,
        facts: &Facts,
    ) -> Result<(), Fault> {
        let arn = &self.principal.arn;
        let why = match decide(self.aws, self.principal.who(), action, resource, facts).await? {
            Decision::Allowed => return Ok(()),
            Decision::Denied(layer) => {
                let article = match layer {
                    Layer::Identity => "an",
                    Layer::Boundary | Layer::Session => "a",
                };
                format!("with an explicit deny in {article} {}", layer.words())
            }
            Decision::Silent(layer) => {
                format!("because no {} allows the {action} action", layer.words())
            }
        };
        let text = format!(
            "User: {arn} is not authorized to perform: {action} on resource: {resource} {why}"
        );
        Err(Fault::new("AccessDeniedException", text).with_status(StatusCode::FORBIDDEN))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_arn_names_its_role_or_user() {
        let role = entity_of("arn:aws:sts::1:assumed-role/R/session");
        assert_eq!(role, Some((Kind::Role, "R")));
        assert_eq!(
            entity_of("arn:aws:iam::1:role/a/b/R"),
            Some((Kind::Role, "R"))
        );
        assert_eq!(
            entity_of("arn:aws:iam::1:user/x/ann"),
            Some((Kind::User, "ann"))
        );
        for none in [
            "arn:aws:iam::1:root",
            "arn:aws:iam::1:group/g",
            "",
            "arn:aws",
        ] {
            assert_eq!(entity_of(none), None, "{none}");
        }
    }
}
