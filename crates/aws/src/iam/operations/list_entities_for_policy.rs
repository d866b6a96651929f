//! `ListEntitiesForPolicy`: the roles, users and groups that a managed policy is attached to.

use crate::fault::Fault;
use crate::iam::page::Page;
use crate::iam::shown::More;
use crate::iam::{Entity, Kind};
use crate::operation::{Call, Operation};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

pub(crate) struct ListEntitiesForPolicy;

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Input {
    policy_arn: String,
    #[serde(default)]
    entity_filter: Option<String>,
    #[serde(default)]
    policy_usage_filter: Option<String>,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Output {
    policy_groups: Vec<Value>,
    policy_users: Vec<Value>,
    policy_roles: Vec<Value>,
    #[serde(flatten)]
    more: More,
}

impl Operation for ListEntitiesForPolicy {
    const NAME: &'static str = "ListEntitiesForPolicy";
    type Input = Input;
    type Output = Output;

    async fn run(call: &Call<'_>, input: Input) -> Result<Output, Fault> {
        call.policy(&input.policy_arn).await?;
        Ok(Output {
            policy_groups: having(call, Kind::Group, &input).await?,
            policy_users: having(call, Kind::User, &input).await?,
            policy_roles: having(call, Kind::Role, &input).await?,
            more: More::after(None),
        })
    }
}

async fn having(call: &Call<'_>, kind: Kind, input: &Input) -> Result<Vec<Value>, Fault> {
    let (word, id) = match kind {
        Kind::Role => ("RoleName", "RoleId"),
        Kind::User => ("UserName", "UserId"),
        Kind::Group => ("GroupName", "GroupId"),
    };
    let wanted = input.entity_filter.as_deref();
    if wanted.is_some_and(|wanted| !wanted.eq_ignore_ascii_case(kind.word())) {
        return Ok(Vec::new());
    }
    let usage = input.policy_usage_filter.as_deref();
    let has = |entity: &&Entity| {
        let permits = entity.attached.contains(&input.policy_arn);
        let bounds = entity.boundary.as_ref() == Some(&input.policy_arn);
        (permits && usage != Some("PermissionsBoundary"))
            || (bounds && usage != Some("PermissionsPolicy"))
    };
    let (mut found, mut page) = (Vec::new(), Page::default());
    loop {
        let (entities, next) = call.entities(kind, page.clone()).await?;
        let shown = entities.iter().filter(has);
        found.extend(shown.map(|entity| json!({word: entity.name, id: entity.id})));
        page.marker = next;
        if page.marker.is_none() {
            return Ok(found);
        }
    }
}
