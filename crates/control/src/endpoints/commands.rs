//! What callers ask of endpoints.

use crate::rows::{Stored, version_id};
use crate::transact::{Draft, event};
use crate::{Caller, Control, Error};
use contracts::data_plane::{Answer, Invocation};
use contracts::store::{Commit, Expect, Key, NewRow, Row};
use domain::endpoint::{Endpoint, EndpointPhase, EndpointSpec};
use domain::model::ModelVersion;
use domain::{EndpointName, ModelName, Refusal, Timestamp, Workspace};
use serde_json::json;
use std::collections::BTreeSet;

/// The versions that a spec names.
fn named(spec: &EndpointSpec) -> impl Iterator<Item = (&ModelName, u32)> {
    let deployments = spec.deployments.iter();
    deployments.map(|one| (&one.model, one.version))
}

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
                let before = found.as_ref().map(|(endpoint, _)| &endpoint.spec);
                let (mut expect, mut put) =
                    self.held_versions(&caller.workspace, spec, before).await?;
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
                put.push(endpoint.row(Some(now))?);
                let commit = Commit {
                    expect,
                    put,
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

    /// Every version that is named exists. The rows of those that are newly named are written again
    /// as they are: a deletion that saw no endpoint name its version then conflicts with this commit
    /// whichever of the two comes first.
    async fn held_versions(
        &self,
        workspace: &Workspace,
        spec: &EndpointSpec,
        before: Option<&EndpointSpec>,
    ) -> Result<(Vec<Expect>, Vec<NewRow>), Error> {
        let (mut expect, mut put) = (Vec::new(), Vec::new());
        let named_before: BTreeSet<_> = before.into_iter().flat_map(named).collect();
        for (model, version) in named(spec).collect::<BTreeSet<_>>() {
            let row = self.version_row(workspace, model, version).await?;
            expect.push(Expect::Revision(row.row.key.clone(), row.revision));
            if !named_before.contains(&(model, version)) {
                put.push(row.row);
            }
        }
        Ok((expect, put))
    }

    /// The row of a version that is to be served.
    pub(crate) async fn version_row(
        &self,
        workspace: &Workspace,
        model: &ModelName,
        version: u32,
    ) -> Result<Row, Error> {
        let id = version_id(model, version);
        let key = Key::new(ModelVersion::KIND, workspace, id);
        self.store.get(&key).await?.ok_or_else(|| {
            let name = format!("{model}:{version}");
            Error::from(Refusal::not_found("model version", name))
        })
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
        mut request: Invocation,
    ) -> Result<Answer, Refusal> {
        caller.may_invoke()?;
        self.arrived(&caller.workspace, name, &mut request).await?;
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
