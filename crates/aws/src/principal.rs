//! Who signed a request.

use crate::iam::Who;
use control::Caller;
use control::access::Role;
use domain::Workspace;
use domain::audit::Actor;

/// The owner of the access key that signed a request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Principal {
    /// `arn:aws:sts::…:assumed-role/Name/session` or `arn:aws:iam::…:user/Name`.
    pub(crate) arn: String,
    /// `AROA…:session` or `AIDA…`.
    pub(crate) user_id: String,
    /// The access key id that signed.
    pub(crate) access_key: String,
    /// What the key opens.
    pub(crate) workspace: Workspace,
    /// What the key may do at most; policies narrow it.
    pub(crate) role: Role,
    /// The policies of the key's session, which narrow it further; see [`Who::session`].
    pub(crate) session: Vec<String>,
}

impl Principal {
    /// As the one whose policies are asked.
    pub(crate) fn who(&self) -> Who<'_> {
        Who {
            workspace: &self.workspace,
            arn: &self.arn,
            session: &self.session,
        }
    }

    /// As a caller of commands and queries, with an idempotency token when the request has one.
    pub(crate) fn caller(&self, token: Option<String>) -> Caller {
        Caller {
            actor: Actor::Key {
                name: self.arn.clone(),
            },
            workspace: self.workspace.clone(),
            role: self.role,
            token,
        }
    }
}
