//! Keeps this server's data plane at what the store wants, whoever wrote it.

use crate::rows::{Stored, read, version_id};
use crate::{Control, Error};
use contracts::data_plane::{DesiredEndpoint, ResolvedDeployment};
use contracts::store::{Key, Query};
use domain::endpoint::{Endpoint, EndpointPhase};
use domain::model::ModelVersion;
use domain::{EndpointName, NetworkPolicy, Workspace};

impl Control {
    /// Applies every endpoint; a server begins with this.
    pub(crate) async fn apply_all_endpoints(&self) {
        let mut query = Query {
            kind: Endpoint::KIND.to_owned(),
            limit: 1_000,
            ..Query::default()
        };
        loop {
            let page = match self.store.list(&query).await {
                Ok(page) => page,
                Err(error) => {
                    tracing::warn!(%error, "endpoints could not be listed");
                    return;
                }
            };
            for row in page.rows {
                match read::<Endpoint>(&row) {
                    Ok(endpoint) => self.apply_logging(&endpoint).await,
                    Err(error) => tracing::error!(%error, "an endpoint is passed over"),
                }
            }
            query.after = page.next;
            if query.after.is_none() {
                return;
            }
        }
    }

    /// Applies one endpoint that changed.
    pub(crate) async fn follow_endpoint(&self, workspace: &Workspace, name: &str) {
        let key = Key::new(Endpoint::KIND, workspace, name);
        match self.find::<Endpoint>(&key).await {
            Ok(Some((endpoint, _))) => self.apply_logging(&endpoint).await,
            Ok(None) => {
                if let Ok(name) = EndpointName::new(name) {
                    self.data_plane.remove(workspace, &name).await;
                }
            }
            Err(error) => tracing::warn!(%error, endpoint = name, "not applied"),
        }
    }

    async fn apply_logging(&self, endpoint: &Endpoint) {
        if let Err(error) = self.apply_endpoint(endpoint).await {
            tracing::warn!(endpoint = %endpoint.name, error = ?error, "not applied");
        }
    }

    /// Hands the desired state to the data plane, with every artifact on this machine.
    pub(super) async fn apply_endpoint(&self, endpoint: &Endpoint) -> Result<(), Error> {
        if endpoint.phase == EndpointPhase::Deleting {
            self.data_plane
                .remove(&endpoint.workspace, &endpoint.name)
                .await;
            return Ok(());
        }
        let mut deployments = Vec::new();
        for wanted in &endpoint.spec.deployments {
            let id = version_id(&wanted.model, wanted.version);
            let key = Key::new(ModelVersion::KIND, &endpoint.workspace, id);
            let (version, _) = self.require::<ModelVersion>(&key).await?;
            let workspace = &endpoint.workspace;
            let model_folder = self.stager.folder(workspace, &version.artifact).await?;
            let code_folder = match &version.serving.code {
                Some(code) => Some(self.stager.folder(workspace, &code.location).await?),
                None => None,
            };
            deployments.push(ResolvedDeployment {
                name: wanted.name.clone(),
                model: format!("{}:{}", wanted.model, wanted.version),
                model_folder,
                code_folder,
                handler: version.serving.handler.clone(),
                environment: version.serving.environment.clone(),
                env: version.serving.env.clone(),
                network: NetworkPolicy::of_worker(version.serving.network, wanted.options.network),
                replicas: wanted.replicas,
                most_replicas: wanted.most_replicas(),
                share: wanted.share,
                options: wanted.options.clone(),
            });
        }
        let desired = DesiredEndpoint {
            workspace: endpoint.workspace.clone(),
            name: endpoint.name.clone(),
            generation: endpoint.generation,
            deployments,
            traffic: endpoint.spec.traffic.clone(),
            capture: endpoint.spec.capture.clone(),
        };
        self.data_plane.apply(desired).await;
        Ok(())
    }
}
