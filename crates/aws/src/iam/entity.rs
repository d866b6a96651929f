//! Roles, users and groups: what policies are attached to, kept as documents of the caller's
//! workspace.

use super::{EXECUTION_ROLE, names};
use crate::fault::Fault;
use crate::operation::Call;
use control::Caller;
use control::documents::{DocumentFilter, NewDocument};
use domain::{Refusal, Timestamp};
use http::StatusCode;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// How often a change is tried again when somebody else was faster.
const TRIES: usize = 8;

/// What an entity is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    /// Something that is assumed for a while.
    Role,
    /// Something with keys of its own.
    User,
    /// Several users with policies in common.
    Group,
}

impl Kind {
    fn document(self) -> &'static str {
        match self {
            Self::Role => "aws/iam-role",
            Self::User => "aws/iam-user",
            Self::Group => "aws/iam-group",
        }
    }

    /// As ARNs spell it.
    pub(crate) fn word(self) -> &'static str {
        match self {
            Self::Role => "role",
            Self::User => "user",
            Self::Group => "group",
        }
    }

    /// As texts begin with it.
    fn capital(self) -> &'static str {
        match self {
            Self::Role => "Role",
            Self::User => "User",
            Self::Group => "Group",
        }
    }

    /// Longest name ("IAM and AWS STS quotas").
    fn longest(self) -> usize {
        match self {
            Self::Role | Self::User => 64,
            Self::Group => 128,
        }
    }

    /// How unique ids begin (IAM user guide, "IAM identifiers").
    fn prefix(self) -> &'static str {
        match self {
            Self::Role => "AROA",
            Self::User => "AIDA",
            Self::Group => "AGPA",
        }
    }
}

/// A role, a user or a group.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Entity {
    pub(crate) name: String,
    pub(crate) path: String,
    /// `AROA…`, `AIDA…` or `AGPA…`.
    pub(crate) id: String,
    pub(crate) created: Timestamp,
    pub(crate) description: Option<String>,
    /// Who may assume it; roles have one.
    pub(crate) trust: Option<String>,
    /// Longest session in seconds; roles have one.
    pub(crate) longest_session: i64,
    /// Policies of its own, by name.
    #[serde(default)]
    pub(crate) inline: BTreeMap<String, String>,
    /// ARNs of managed policies.
    #[serde(default)]
    pub(crate) attached: Vec<String>,
    #[serde(default)]
    pub(crate) tags: BTreeMap<String, String>,
    /// The groups that a user is in.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(crate) groups: Vec<String>,
    /// The ARN of the managed policy that a role or user may have no more than.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) boundary: Option<String>,
}

impl Entity {
    /// Its ARN in an account.
    pub(crate) fn arn(&self, kind: Kind, account: &str) -> String {
        let (word, path, name) = (kind.word(), &self.path, &self.name);
        format!("arn:aws:iam::{account}:{word}{path}{name}")
    }

    /// The role that every installation has: it may be assumed by all of the account and by the
    /// services, and may do everything.
    fn execution_role(account: &str) -> Self {
        let trust = format!(
            "{{\"Version\":\"2012-10-17\",\"Statement\":[{{\"Effect\":\"Allow\",\
             \"Principal\":{{\"AWS\":\"arn:aws:iam::{account}:root\",\
             \"Service\":[\"lambda.amazonaws.com\",\"sagemaker.amazonaws.com\"]}},\"Action\":\"sts:AssumeRole\"}}]}}"
        );
        Self {
            name: EXECUTION_ROLE.to_owned(),
            path: "/".to_owned(),
            id: "AROATRADEWINDEXECUTION".to_owned(),
            created: Timestamp(0),
            description: Some("what user code runs as unless told otherwise".to_owned()),
            trust: Some(trust),
            longest_session: 43_200,
            inline: BTreeMap::new(),
            attached: vec!["arn:aws:iam::aws:policy/AdministratorAccess".to_owned()],
            tags: BTreeMap::new(),
            groups: Vec::new(),
            boundary: None,
        }
    }
}

/// That there is no such thing.
pub(crate) fn missing(kind: Kind, name: &str) -> Fault {
    let text = format!("The {} with name {name} cannot be found.", kind.word());
    Fault::new("NoSuchEntity", text).with_status(StatusCode::NOT_FOUND)
}

fn is_built_in(kind: Kind, name: &str) -> bool {
    kind == Kind::Role && name == EXECUTION_ROLE
}

/// One that is being made.
pub(crate) struct Wanted {
    pub(crate) name: String,
    pub(crate) path: Option<String>,
    pub(crate) description: Option<String>,
    pub(crate) trust: Option<String>,
    pub(crate) longest_session: i64,
    pub(crate) tags: BTreeMap<String, String>,
    pub(crate) boundary: Option<String>,
}

impl Call<'_> {
    /// Makes a role or user.
    pub(crate) async fn make_entity(&self, kind: Kind, wanted: Wanted) -> Result<Entity, Fault> {
        names::check(&wanted.name, kind.longest())?;
        if let Some(boundary) = &wanted.boundary {
            self.policy(boundary).await?;
        }
        let path = names::path(wanted.path)?;
        let already = || {
            let text = format!(
                "{} with name {} already exists.",
                kind.capital(),
                wanted.name
            );
            Fault::new("EntityAlreadyExists", text).with_status(StatusCode::CONFLICT)
        };
        if is_built_in(kind, &wanted.name) {
            return Err(already());
        }
        let entity = Entity {
            path,
            id: format!("{}{}", kind.prefix(), self.aws.letters(17)),
            created: self.aws.control.world.now(),
            description: wanted.description,
            trust: wanted.trust,
            longest_session: wanted.longest_session,
            inline: BTreeMap::new(),
            attached: Vec::new(),
            tags: wanted.tags,
            groups: Vec::new(),
            boundary: wanted.boundary,
            name: wanted.name.clone(),
        };
        let caller = self.administrator()?;
        let new = document(kind, &entity)?;
        match self.aws.control.create_document(&caller, &new).await {
            Ok(_) => Ok(entity),
            Err(Refusal::AlreadyExists { .. }) => Err(already()),
            Err(refusal) => Err(refusal.into()),
        }
    }

    /// A role or user.
    pub(crate) async fn entity(&self, kind: Kind, name: &str) -> Result<Entity, Fault> {
        let found = super::find(self.aws, &self.caller(), kind, name).await?;
        found.ok_or_else(|| missing(kind, name))
    }

    /// Changes a role or user. `change` may run more than once, each time on what is there then.
    pub(crate) async fn change_entity<T>(
        &self,
        kind: Kind,
        name: &str,
        change: impl Fn(&mut Entity) -> Result<T, Fault>,
    ) -> Result<T, Fault> {
        let caller = self.administrator()?;
        if is_built_in(kind, name) {
            let text = format!("The role {name} belongs to this installation and stays as it is.");
            return Err(Fault::new("UnmodifiableEntity", text));
        }
        let control = &self.aws.control;
        for _ in 0..TRIES {
            let known = control
                .find_document(&caller, kind.document(), name)
                .await?;
            let known = known.ok_or_else(|| missing(kind, name))?;
            let mut entity = read(known.document.body)?;
            let result = change(&mut entity)?;
            let new = document(kind, &entity)?;
            match control
                .put_document(&caller, &new, Some(known.revision))
                .await
            {
                Ok(_) => return Ok(result),
                Err(Refusal::Conflict { .. }) => {}
                Err(refusal) => return Err(refusal.into()),
            }
        }
        let text = "The entity is being changed by somebody else; try again.";
        Err(Fault::new("ConcurrentModification", text).with_status(StatusCode::CONFLICT))
    }

    /// Deletes a role or user that has nothing left.
    pub(crate) async fn delete_entity(&self, kind: Kind, name: &str) -> Result<(), Fault> {
        self.change_entity(kind, name, |entity| {
            let conflict = |text: &str| {
                Err(Fault::new("DeleteConflict", text).with_status(StatusCode::CONFLICT))
            };
            if !entity.attached.is_empty() {
                return conflict("Cannot delete entity, must detach all policies first.");
            }
            if !entity.inline.is_empty() {
                return conflict("Cannot delete entity, must delete policies first.");
            }
            if !entity.groups.is_empty() {
                return conflict("Cannot delete entity, must remove user from its groups first.");
            }
            Ok(())
        })
        .await?;
        let caller = self.administrator()?;
        let control = &self.aws.control;
        Ok(control
            .delete_document(&caller, kind.document(), name)
            .await?)
    }

    /// A page of roles or users in the order of their names, and the marker of the next.
    pub(crate) async fn entities(
        &self,
        kind: Kind,
        page: super::page::Page,
    ) -> Result<(Vec<Entity>, Option<String>), Fault> {
        let filter = DocumentFilter {
            kind: kind.document().to_owned(),
            after: page.marker.clone(),
            limit: page.limit()?,
            ..DocumentFilter::default()
        };
        let (documents, next) = self.aws.control.documents(&self.caller(), &filter).await?;
        let mut entities: Vec<Entity> = Vec::new();
        if kind == Kind::Role && page.marker.is_none() {
            entities.push(Entity::execution_role(&self.aws.account.id));
        }
        for document in documents {
            entities.push(read(document.body)?);
        }
        let prefix = page.path_prefix.as_deref().unwrap_or("/");
        entities.retain(|entity| entity.path.starts_with(prefix));
        Ok((entities, next))
    }

    /// The caller, when it may change who may do what.
    pub(crate) fn administrator(&self) -> Result<Caller, Fault> {
        let caller = self.caller();
        caller.may_administer()?;
        Ok(caller)
    }
}

/// The entity of a name, if there is one.
pub(crate) async fn find(
    aws: &crate::Aws,
    caller: &Caller,
    kind: Kind,
    name: &str,
) -> Result<Option<Entity>, Fault> {
    if is_built_in(kind, name) {
        return Ok(Some(Entity::execution_role(&aws.account.id)));
    }
    if names::check(name, kind.longest()).is_err() {
        return Ok(None);
    }
    let found = aws
        .control
        .find_document(caller, kind.document(), name)
        .await?;
    found.map(|known| read(known.document.body)).transpose()
}

fn read(body: serde_json::Value) -> Result<Entity, Fault> {
    serde_json::from_value(body).map_err(|error| {
        Refusal::internal(format!("a role or user cannot be read: {error}")).into()
    })
}

fn document(kind: Kind, entity: &Entity) -> Result<NewDocument, Fault> {
    let body = serde_json::to_value(entity).map_err(|e| Refusal::internal(e.to_string()))?;
    Ok(NewDocument {
        kind: kind.document().to_owned(),
        id: entity.name.clone(),
        phase: "kept".to_owned(),
        body,
        ..NewDocument::default()
    })
}
