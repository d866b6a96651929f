//! Groups of users: who is in them is kept with the user, what they may with the group.

use super::entity::{Entity, Kind};
use super::page::Page;
use crate::fault::Fault;
use crate::operation::Call;
use http::StatusCode;

/// Most groups of a user ("IAM and AWS STS quotas").
const MOST: usize = 10;

impl Call<'_> {
    /// Puts a user into a group; one that is in it already stays so.
    pub(crate) async fn enter_group(&self, group: &str, user: &str) -> Result<(), Fault> {
        self.entity(Kind::Group, group).await?;
        self.change_entity(Kind::User, user, |entity| {
            if entity.groups.iter().any(|one| one == group) {
                return Ok(());
            }
            if entity.groups.len() >= MOST {
                let text = format!("Cannot exceed quota for GroupsPerUser: {MOST}");
                return Err(Fault::new("LimitExceeded", text).with_status(StatusCode::CONFLICT));
            }
            entity.groups.push(group.to_owned());
            Ok(())
        })
        .await
    }

    /// Takes a user out of a group.
    pub(crate) async fn leave_group(&self, group: &str, user: &str) -> Result<(), Fault> {
        self.entity(Kind::Group, group).await?;
        self.change_entity(Kind::User, user, |entity| {
            let before = entity.groups.len();
            entity.groups.retain(|one| one != group);
            if entity.groups.len() == before {
                let text = format!("The user with name {user} is not in the group {group}.");
                return Err(Fault::new("NoSuchEntity", text).with_status(StatusCode::NOT_FOUND));
            }
            Ok(())
        })
        .await
    }

    /// The users of a group.
    pub(crate) async fn members(&self, group: &str) -> Result<Vec<Entity>, Fault> {
        let (mut members, mut page) = (Vec::new(), Page::default());
        loop {
            let (users, next) = self.entities(Kind::User, page.clone()).await?;
            let inside = |user: &Entity| user.groups.iter().any(|one| one == group);
            members.extend(users.into_iter().filter(inside));
            match next {
                Some(marker) => page.marker = Some(marker),
                None => return Ok(members),
            }
        }
    }

    /// The groups of a user.
    pub(crate) async fn groups_of(&self, user: &str) -> Result<Vec<Entity>, Fault> {
        let mut groups = Vec::new();
        for name in self.entity(Kind::User, user).await?.groups {
            groups.push(self.entity(Kind::Group, &name).await?);
        }
        Ok(groups)
    }

    /// Deletes a group that nobody is in.
    pub(crate) async fn delete_group(&self, group: &str) -> Result<(), Fault> {
        self.entity(Kind::Group, group).await?;
        if !self.members(group).await?.is_empty() {
            let text = "Cannot delete entity, must remove users from group first.";
            return Err(Fault::new("DeleteConflict", text).with_status(StatusCode::CONFLICT));
        }
        self.delete_entity(Kind::Group, group).await
    }

    /// Sets or takes away the boundary of a role or user.
    pub(crate) async fn bound(
        &self,
        kind: Kind,
        name: &str,
        boundary: Option<&str>,
    ) -> Result<(), Fault> {
        if let Some(arn) = boundary {
            self.policy(arn).await?;
        }
        self.change_entity(kind, name, |entity| {
            if boundary.is_none() && entity.boundary.is_none() {
                let text = format!("{name} does not have a permission boundary.");
                return Err(Fault::new("NoSuchEntity", text).with_status(StatusCode::NOT_FOUND));
            }
            entity.boundary = boundary.map(str::to_owned);
            Ok(())
        })
        .await
    }
}
