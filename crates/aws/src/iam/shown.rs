//! Roles, users and policies as they are answered.

use super::entity::{Entity, Kind};
use super::managed::Managed;
use super::tags::{self, Tag};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use serde::Serialize;

/// What stays as it is in a document that is answered (RFC 3986 §2.3).
const KEPT: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'-')
    .remove(b'_')
    .remove(b'.')
    .remove(b'~');

/// A policy document, percent-encoded as IAM answers it.
pub(crate) fn document(text: &str) -> String {
    utf8_percent_encode(text, KEPT).to_string()
}

/// A role.
#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Role {
    path: String,
    #[serde(rename = "RoleName")]
    name: String,
    #[serde(rename = "RoleId")]
    id: String,
    arn: String,
    create_date: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    assume_role_policy_document: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    description: Option<String>,
    max_session_duration: i64,
    tags: Vec<Tag>,
    #[serde(skip_serializing_if = "Option::is_none")]
    permissions_boundary: Option<Boundary>,
}

impl Role {
    pub(crate) fn of(entity: Entity, account: &str) -> Self {
        Self {
            arn: entity.arn(Kind::Role, account),
            create_date: crate::time::iso(entity.created),
            assume_role_policy_document: entity.trust.as_deref().map(document),
            max_session_duration: entity.longest_session,
            tags: tags::written(&entity.tags),
            permissions_boundary: entity.boundary.map(Boundary::of),
            path: entity.path,
            name: entity.name,
            id: entity.id,
            description: entity.description,
        }
    }
}

/// A user.
#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct User {
    path: String,
    #[serde(rename = "UserName")]
    name: String,
    #[serde(rename = "UserId")]
    id: String,
    arn: String,
    create_date: String,
    tags: Vec<Tag>,
    #[serde(skip_serializing_if = "Option::is_none")]
    permissions_boundary: Option<Boundary>,
}

impl User {
    pub(crate) fn of(entity: Entity, account: &str) -> Self {
        Self {
            arn: entity.arn(Kind::User, account),
            create_date: crate::time::iso(entity.created),
            tags: tags::written(&entity.tags),
            permissions_boundary: entity.boundary.map(Boundary::of),
            path: entity.path,
            name: entity.name,
            id: entity.id,
        }
    }
}

/// The most that a role or user may have.
#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Boundary {
    permissions_boundary_type: &'static str,
    permissions_boundary_arn: String,
}

impl Boundary {
    fn of(arn: String) -> Self {
        Self {
            permissions_boundary_type: "PermissionsBoundaryPolicy",
            permissions_boundary_arn: arn,
        }
    }
}

/// A group.
#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Group {
    path: String,
    #[serde(rename = "GroupName")]
    name: String,
    #[serde(rename = "GroupId")]
    id: String,
    arn: String,
    create_date: String,
}

impl Group {
    pub(crate) fn of(entity: Entity, account: &str) -> Self {
        Self {
            arn: entity.arn(Kind::Group, account),
            create_date: crate::time::iso(entity.created),
            path: entity.path,
            name: entity.name,
            id: entity.id,
        }
    }
}

/// A managed policy.
#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Policy {
    #[serde(rename = "PolicyName")]
    name: String,
    #[serde(rename = "PolicyId")]
    id: String,
    arn: String,
    path: String,
    default_version_id: String,
    is_attachable: bool,
    create_date: String,
    update_date: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    description: Option<String>,
}

impl Policy {
    pub(crate) fn of(managed: Managed) -> Self {
        let created = crate::time::iso(managed.created);
        let default_version_id = managed.default_id();
        Self {
            arn: managed.arn,
            name: managed.name,
            id: managed.id,
            path: managed.path,
            default_version_id,
            is_attachable: true,
            update_date: created.clone(),
            create_date: created,
            description: managed.description,
        }
    }
}

/// An attached policy.
#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Attached {
    policy_name: String,
    policy_arn: String,
}

impl Attached {
    pub(crate) fn of(arn: String) -> Self {
        Self {
            policy_name: arn.rsplit('/').next().unwrap_or("").to_owned(),
            policy_arn: arn,
        }
    }
}

/// A list that may go on.
#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct More {
    is_truncated: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    marker: Option<String>,
}

impl More {
    /// With the marker of the next page.
    pub(crate) fn after(marker: Option<String>) -> Self {
        Self {
            is_truncated: marker.is_some(),
            marker,
        }
    }
}
