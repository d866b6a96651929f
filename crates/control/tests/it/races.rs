//! Two commands on what hangs together, interleaved where it hurts most.

use crate::simulation::Simulation;
use contracts::store::{Claim, Commit, Idempotency, Key, Page, Query, Row, Store, StoreError};
use control::Control;
use control::models::NewVersion;
use domain::audit::Event;
use domain::endpoint::{Deployment, EndpointSpec};
use domain::{EndpointName, ModelName, Name, Share, Timestamp, Workspace};
use futures::future::BoxFuture;
use std::sync::{Arc, Mutex};

type Deed = BoxFuture<'static, ()>;

/// A store that lets something else happen between the look at endpoints and what follows it.
struct Interrupted {
    inner: Arc<dyn Store>,
    deed: Mutex<Option<Deed>>,
}

#[async_trait::async_trait]
impl Store for Interrupted {
    async fn get(&self, key: &Key) -> Result<Option<Row>, StoreError> {
        self.inner.get(key).await
    }
    async fn list(&self, query: &Query) -> Result<Page, StoreError> {
        let page = self.inner.list(query).await;
        let is_look = query.kind == "endpoint" && !query.labels.is_empty();
        let deed = is_look.then(|| self.deed.lock().unwrap().take()).flatten();
        if let Some(deed) = deed {
            deed.await;
        }
        page
    }
    async fn commit(&self, commit: Commit) -> Result<i64, StoreError> {
        self.inner.commit(commit).await
    }
    async fn claim(&self, claim: &Claim) -> Result<Vec<Row>, StoreError> {
        self.inner.claim(claim).await
    }
    async fn release(
        &self,
        key: &Key,
        owner: &str,
        due: Option<Timestamp>,
    ) -> Result<(), StoreError> {
        self.inner.release(key, owner, due).await
    }
    async fn changes(&self, after: i64, limit: u32) -> Result<Vec<Event>, StoreError> {
        self.inner.changes(after, limit).await
    }
    async fn newest_change(&self) -> Result<i64, StoreError> {
        self.inner.newest_change().await
    }
    async fn recall(
        &self,
        workspace: &Workspace,
        token: &str,
        now: Timestamp,
    ) -> Result<Option<Idempotency>, StoreError> {
        self.inner.recall(workspace, token, now).await
    }
    async fn changed_since(&self, sequence: i64) {
        self.inner.changed_since(sequence).await;
    }
}

async fn registered(server: &Control, name: &ModelName) {
    let new = NewVersion {
        artifact: "s3://models/one".to_owned(),
        serving: domain::model::ServingContract::default(),
        approval: domain::model::Approval::default(),
        metrics: std::collections::BTreeMap::new(),
        tags: std::collections::BTreeMap::new(),
    };
    let caller = Simulation::caller();
    server.register_version(&caller, name, &new).await.unwrap();
}

fn serving(model: &ModelName) -> EndpointSpec {
    let deployment = Deployment {
        name: Name::new("v1").unwrap(),
        model: model.clone(),
        version: 1,
        replicas: 1,
        share: Share::ALL,
        options: domain::endpoint::DeploymentOptions::default(),
    };
    EndpointSpec {
        deployments: vec![deployment],
        tags: std::collections::BTreeMap::new(),
        traffic: domain::traffic::Traffic::default(),
        capture: None,
    }
}

/// A deletion has looked for endpoints that use the version; then an endpoint comes to use it.
#[tokio::test]
async fn a_version_that_comes_into_use_during_its_deletion_stays() {
    for whole_model in [false, true] {
        let mut simulation = Simulation::new(11);
        simulation.fuse.off();
        let model = ModelName::new("teller").unwrap();
        let other = Arc::new(simulation.server(false));
        registered(&other, &model).await;
        let mut server = simulation.server(false);
        let (name, spec) = (EndpointName::new("asked").unwrap(), serving(&model));
        let deploying = other.clone();
        server.store = Arc::new(Interrupted {
            inner: server.store.clone(),
            deed: Mutex::new(Some(Box::pin(async move {
                let caller = Simulation::caller();
                deploying.put_endpoint(&caller, &name, &spec).await.unwrap();
            }))),
        });
        let caller = Simulation::caller();
        let deleted = if whole_model {
            server.delete_model(&caller, &model).await
        } else {
            server.delete_version(&caller, &model, 1).await
        };
        let refusal = deleted.unwrap_err().to_string();
        assert!(refusal.contains("asked"), "{refusal}");
        other.model(&caller, &model).await.unwrap();
    }
}
