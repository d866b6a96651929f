//! One activation of an endpoint: apply, observe, say how it stands.

use crate::rows::{Stored, read};
use crate::transact::system_event;
use crate::{Control, Error};
use contracts::data_plane::EndpointObservation;
use contracts::staging::StageError;
use contracts::store::{Commit, Expect, Row};
use domain::endpoint::{Endpoint, EndpointPhase};
use domain::{Span, Timestamp};
use serde_json::json;

/// Pause between two looks while it moves, besides being woken.
const POLL: Span = Span::milliseconds(500);

impl Control {
    /// Moves a claimed endpoint along; returns when it is due again.
    pub(crate) async fn activate_endpoint(&self, row: Row) -> Result<Option<Timestamp>, Error> {
        let mut endpoint: Endpoint = read(&row)?;
        let again = Some(self.world.now() + POLL);
        let applied = match endpoint.phase {
            EndpointPhase::Ready | EndpointPhase::Failed { .. } => return Ok(None),
            _ => self.apply_endpoint(&endpoint).await,
        };
        let seen = match applied {
            Ok(()) => {
                self.data_plane
                    .observe(&endpoint.workspace, &endpoint.name)
                    .await
            }
            Err(Error::Refused(refusal)) => {
                let generation = endpoint.generation;
                EndpointObservation::Failed {
                    generation,
                    message: refusal.to_string(),
                }
            }
            Err(Error::Stage(StageError::Missing(message))) => EndpointObservation::Failed {
                generation: endpoint.generation,
                message,
            },
            Err(error) => return Err(error),
        };
        let Some(next) = decide(&endpoint, &seen) else {
            return Ok(again);
        };
        let key = endpoint.key();
        let mut commit = Commit {
            now: self.world.now(),
            expect: vec![Expect::Revision(key.clone(), row.revision)],
            ..Commit::default()
        };
        match next {
            Next::Gone => commit.delete.push(key),
            Next::Phase(phase) => {
                let detail = match &phase {
                    EndpointPhase::Failed { message } => json!({"message": message}),
                    _ => json!({"generation": endpoint.generation}),
                };
                endpoint.phase = phase;
                commit
                    .events
                    .push(system_event(&key, endpoint.phase.word(), detail));
                commit.put.push(endpoint.row(None)?);
            }
        }
        self.store.commit(commit).await?;
        Ok(None)
    }
}

#[derive(Debug, PartialEq, Eq)]
enum Next {
    Phase(EndpointPhase),
    Gone,
}

/// What becomes of an endpoint that is under way; `None` while it goes on.
fn decide(endpoint: &Endpoint, seen: &EndpointObservation) -> Option<Next> {
    if endpoint.phase == EndpointPhase::Deleting {
        return (*seen == EndpointObservation::Absent).then_some(Next::Gone);
    }
    match seen {
        EndpointObservation::Ready { generation } if *generation == endpoint.generation => {
            Some(Next::Phase(EndpointPhase::Ready))
        }
        EndpointObservation::Failed {
            generation,
            message,
        } if *generation == endpoint.generation => Some(Next::Phase(EndpointPhase::Failed {
            message: message.clone(),
        })),
        _ => None,
    }
}
