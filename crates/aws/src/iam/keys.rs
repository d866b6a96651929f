//! Access keys of users.

use super::entity::{Entity, Kind};
use crate::credentials::{AccessKey, Holder};
use crate::fault::Fault;
use crate::operation::Call;
use http::StatusCode;

/// Most keys of a user ("IAM and AWS STS quotas").
const MOST: usize = 2;

impl Call<'_> {
    /// The user that is named, else the one that signed.
    pub(crate) async fn user(&self, name: Option<String>) -> Result<Entity, Fault> {
        if let Some(name) = name {
            return self.entity(Kind::User, &name).await;
        }
        match super::entity_of(&self.principal.arn) {
            Some((Kind::User, name)) => self.entity(Kind::User, name).await,
            _ => Err(super::names::invalid(
                "Must specify userName when calling with non-User credentials",
            )),
        }
    }

    /// Makes a key of a user. It may do no more in the workspace than the key that made it.
    pub(crate) async fn make_key(&self, user: &Entity) -> Result<AccessKey, Fault> {
        self.administrator()?;
        let arn = user.arn(Kind::User, &self.aws.account.id);
        if self
            .aws
            .access_keys(&arn, &self.principal.workspace)
            .await?
            .len()
            >= MOST
        {
            let text = format!("Cannot exceed quota for AccessKeysPerUser: {MOST}");
            return Err(Fault::new("LimitExceeded", text).with_status(StatusCode::CONFLICT));
        }
        let holder = Holder {
            arn,
            user_id: user.id.clone(),
            workspace: self.principal.workspace.clone(),
            role: self.principal.role,
            session: None,
            active: true,
        };
        Ok(self.aws.make_access_key(&holder).await?)
    }

    /// Refuses a key id that is none of the user's.
    pub(crate) async fn own_key(&self, user: &Entity, id: &str) -> Result<(), Fault> {
        self.administrator()?;
        let arn = user.arn(Kind::User, &self.aws.account.id);
        let keys = self
            .aws
            .access_keys(&arn, &self.principal.workspace)
            .await?;
        if keys.iter().any(|key| key.id == id) {
            return Ok(());
        }
        let text = format!("The Access Key with id {id} cannot be found.");
        Err(Fault::new("NoSuchEntity", text).with_status(StatusCode::NOT_FOUND))
    }
}
