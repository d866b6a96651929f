//! What callers read of endpoints.

use crate::rows::{Stored, read, shared};
use crate::{Caller, Control, Error};
use contracts::store::{Key, Query};
use domain::endpoint::Endpoint;
use domain::{EndpointName, Refusal};
use std::sync::Arc;

impl Control {
    /// An endpoint.
    pub async fn endpoint(
        &self,
        caller: &Caller,
        name: &EndpointName,
    ) -> Result<Endpoint, Refusal> {
        caller.may_read()?;
        let found = self
            .require(&Key::new(Endpoint::KIND, &caller.workspace, name))
            .await;
        found.map(|(endpoint, _)| endpoint).map_err(Refusal::from)
    }

    /// An endpoint, for looking only: who may send it requests may know how they find their way.
    pub async fn look_at_endpoint(
        &self,
        caller: &Caller,
        name: &EndpointName,
    ) -> Result<Arc<Endpoint>, Refusal> {
        caller.may_invoke()?;
        let key = Key::new(Endpoint::KIND, &caller.workspace, name);
        let row = self.store.get(&key).await.map_err(Error::from)?;
        let row = row.ok_or_else(|| Refusal::not_found(Endpoint::KIND, name))?;
        shared(&row).map_err(Refusal::from)
    }

    /// A page of endpoints, by name.
    pub async fn endpoints(
        &self,
        caller: &Caller,
        after: Option<String>,
        limit: u32,
    ) -> Result<(Vec<Endpoint>, Option<String>), Refusal> {
        caller.may_read()?;
        let query = Query {
            kind: Endpoint::KIND.to_owned(),
            workspace: Some(caller.workspace.clone()),
            after,
            limit,
            ..Query::default()
        };
        let page = self.store.list(&query).await.map_err(Error::from)?;
        let endpoints: Result<Vec<Endpoint>, Error> = page.rows.iter().map(read).collect();
        Ok((endpoints?, page.next))
    }
}
