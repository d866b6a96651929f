//! What callers ask of endpoints.

use crate::rows::{Stored, version_id};
use crate::transact::{Draft, event};
use crate::{Caller, Control, Error};
use contracts::data_plane::{Answer, Invocation};
use contracts::store::{Commit, Expect, Key, Row};
use domain::endpoint::{Endpoint, EndpointPhase, EndpointSpec};
use domain::model::ModelVersion;
use domain::{EndpointName, Refusal, Timestamp, Workspace};
use serde_json::json;

impl Control {
    /// Makes an endpoint or changes what answers behind it.
    pub async fn put_endpoint(
        &self,
        caller: &Caller,
        name: &EndpointName,
        spec: &EndpointSpec,
    ) -> Result<Endpoint, Refusal> {
        caller.may_edit()?;
        spec.check()
            .map_err(|invalid| Refusal::invalid(invalid.to_string()))?;
        self.transact(caller, &("put-endpoint", name, spec), || {
            Box::pin(async {
                let mut expect = self.expect_versions(&caller.workspace, spec).await?;
                let key = Key::new(Endpoint::KIND, &caller.workspace, name);
                let found = self.find::<Endpoint>(&key).await?;
                if let Some((endpoint, _)) = &found {
                    if endpoint.phase == EndpointPhase::Deleting {
                        let message = format!("endpoint `{name}` is being deleted");
                        return Err(Refusal::conflict(message).into());
                    }
                    if endpoint.serves(spec) {
                        return Ok(Draft {
                            commit: Commit::default(),
                            answer: endpoint.clone(),
                        });
                    }
                }
                let action = if found.is_some() {
                    "updated"
                } else {
                    "created"
                };
                let now = self.world.now();
                let (endpoint, revision) =
                    changed(found, &caller.workspace, name, spec.clone(), now);
                expect.push(match revision {
                    None => Expect::Absent(key.clone()),
                    Some(revision) => Expect::Revision(key.clone(), revision),
                });
                let detail = json!({"generation": endpoint.generation});
                let commit = Commit {
                    expect,
                    put: vec![endpoint.row(Some(now))?],
                    events: vec![event(caller, &key, action, detail)],
                    ..Commit::default()
                };
                Ok(Draft {
                    commit,
                    answer: endpoint,
                })
            })
        })
        .await
    }

    /// Every version that is named exists and is not being deleted at the same moment.
    async fn expect_versions(
        &self,
        workspace: &Workspace,
        spec: &EndpointSpec,
    ) -> Result<Vec<Expect>, Error> {
        let mut expect = Vec::new();
        for deployment in &spec.deployments {
            let id = version_id(&deployment.model, deployment.version);
            let key = Key::new(ModelVersion::KIND, workspace, id);
            let row = self.store.get(&key).await?.ok_or_else(|| {
                let name = format!("{}:{}", deployment.model, deployment.version);
                Error::from(Refusal::not_found("model version", name))
            })?;
            expect.push(Expect::Revision(key, row.revision));
        }
        Ok(expect)
    }

    /// Takes an endpoint down; requests under way are answered first.
    pub async fn delete_endpoint(
        &self,
        caller: &Caller,
        name: &EndpointName,
    ) -> Result<(), Refusal> {
        caller.may_edit()?;
        self.transact(caller, &("delete-endpoint", name), || {
            Box::pin(async {
                let key = Key::new(Endpoint::KIND, &caller.workspace, name);
                let (mut endpoint, row) = self.require::<Endpoint>(&key).await?;
                if endpoint.phase == EndpointPhase::Deleting {
                    return Ok(Draft {
                        commit: Commit::default(),
                        answer: (),
                    });
                }
                endpoint.phase = EndpointPhase::Deleting;
                endpoint.generation += 1;
                let commit = Commit {
                    expect: vec![Expect::Revision(key.clone(), row.revision)],
                    put: vec![endpoint.row(Some(self.world.now()))?],
                    events: vec![event(caller, &key, "deleted", json!({}))],
                    ..Commit::default()
                };
                Ok(Draft { commit, answer: () })
            })
        })
        .await
    }

    /// Sends a request to an endpoint; whatever status its handler chooses is an answer.
    pub async fn invoke(
        &self,
        caller: &Caller,
        name: &EndpointName,
        request: Invocation,
    ) -> Result<Answer, Refusal> {
        caller.may_invoke()?;
        self.data_plane
            .invoke(&caller.workspace, name, request)
            .await
    }
}

/// The endpoint with a new spec, and the revision that it must still have.
pub(crate) fn changed(
    found: Option<(Endpoint, Row)>,
    workspace: &Workspace,
    name: &EndpointName,
    spec: EndpointSpec,
    now: Timestamp,
) -> (Endpoint, Option<i64>) {
    match found {
        None => {
            let endpoint = Endpoint {
                name: name.clone(),
                workspace: workspace.clone(),
                spec,
                generation: 1,
                phase: EndpointPhase::Creating,
                created: now,
                updated: now,
            };
            (endpoint, None)
        }
        Some((mut endpoint, row)) => {
            endpoint.spec = spec;
            endpoint.generation += 1;
            endpoint.phase = EndpointPhase::Updating;
            endpoint.updated = now;
            (endpoint, Some(row.revision))
        }
    }
}
