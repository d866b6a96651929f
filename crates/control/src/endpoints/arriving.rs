//! Requests to an endpoint that this server's data plane does not have yet: after a start its
//! endpoints come one after the other, and until then a request waits as it does for a cold start.

use crate::rows::Stored;
use crate::{Control, Error};
use contracts::data_plane::{EndpointObservation, Invocation};
use contracts::store::Key;
use domain::endpoint::{Endpoint, EndpointPhase};
use domain::{EndpointName, Refusal, Span, Workspace};
use std::time::Duration;
use tokio::time::{Instant, sleep};

/// Pause between two looks.
const LOOK: Duration = Duration::from_millis(20);

impl Control {
    /// Waits for an endpoint that is stored, within the time of the request, which becomes less by it.
    pub(super) async fn arrived(
        &self,
        workspace: &Workspace,
        name: &EndpointName,
        request: &mut Invocation,
    ) -> Result<(), Refusal> {
        if self.data_plane.knows(workspace, name) || !self.is_served(workspace, name).await? {
            return Ok(());
        }
        let began = Instant::now();
        let patience = request.deadline.to_std();
        while !self.data_plane.knows(workspace, name) {
            let observed = self.data_plane.observe(workspace, name).await;
            if let EndpointObservation::Failed { message, .. } = observed {
                return Err(Refusal::Unavailable { message });
            }
            if began.elapsed() >= patience {
                let message = format!("endpoint `{name}` is still being started");
                return Err(Refusal::Unavailable { message });
            }
            sleep(LOOK).await;
        }
        let left = patience.saturating_sub(began.elapsed()).as_millis();
        request.deadline = Span(i64::try_from(left).unwrap_or(i64::MAX));
        Ok(())
    }

    /// Whether an endpoint is to be served, as far as the store says.
    async fn is_served(&self, workspace: &Workspace, name: &EndpointName) -> Result<bool, Error> {
        let key = Key::new(Endpoint::KIND, workspace, name);
        let found = self.find::<Endpoint>(&key).await?;
        Ok(found.is_some_and(|(endpoint, _)| endpoint.phase != EndpointPhase::Deleting))
    }
}
