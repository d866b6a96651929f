//! What a server gives its functions.

use ::aws::{Aws, FunctionKeys};
use contracts::environments::Environments;
use contracts::functions::FunctionTarget;
use contracts::staging::Stager;
use contracts::world::World;
use control::Control;
use domain::Refusal;
use functions::{Config, EndpointWalls, FunctionPlane, Lender, WallSettings};
use objects::ObjectStore;
use std::collections::BTreeMap;
use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use tokio::sync::watch;

/// The functions of a server whose data folder this is. `shared` is where environments and tools
/// are, `supervisor` the command of this program that confines itself.
pub(crate) fn plane(
    data: &Path,
    shared: &Path,
    mut supervisor: Vec<OsString>,
    base: BTreeMap<String, String>,
    (stager, environments): (Arc<dyn Stager>, Arc<dyn Environments>),
    world: World,
) -> std::io::Result<FunctionPlane> {
    supervisor.push("--confined".into());
    FunctionPlane::new(Config {
        scratch: data.join("functions"),
        worker: data.join("worker"),
        hidden: hidden(data, &base),
        shared: vec![data.join("tools"), shared.join("tools")],
        confine: Some(supervisor),
        server: None,
        base,
        stager,
        environments,
        world,
    })
}

/// The walls around the workers of endpoints of a server whose data folder this is; see [`plane`].
pub(crate) fn walls(
    data: &Path,
    shared: &Path,
    mut supervisor: Vec<OsString>,
    base: &BTreeMap<String, String>,
) -> std::io::Result<EndpointWalls> {
    supervisor.push("--confined".into());
    EndpointWalls::new(WallSettings {
        scratch: data.join("workers"),
        hidden: hidden(data, base),
        shared: vec![
            data.join("worker"),
            data.join("tools"),
            shared.join("tools"),
        ],
        folders: data.join("folders"),
        confine: supervisor,
    })
}

/// What nobody's code may look into: the server's folder, and the home of its user.
fn hidden(data: &Path, base: &BTreeMap<String, String>) -> Vec<PathBuf> {
    let home = base.get("HOME").map(PathBuf::from);
    let home = home.filter(|home| home.is_absolute() && home != Path::new("/"));
    [data.to_owned()].into_iter().chain(home).collect()
}

/// Lets functions and workers whose network is only the loopback reach this server.
pub(crate) fn listens(plane: &FunctionPlane, walls: &EndpointWalls, address: &str) {
    let listening = address
        .split_once("://")
        .and_then(|(_, rest)| rest.trim_end_matches('/').parse().ok());
    if let Some(listening) = listening {
        plane.listens(listening);
        walls.listens(listening);
    }
}

/// Lets functions reach this installation by the SDKs of AWS.
struct Lent {
    address: String,
    keys: FunctionKeys,
}

#[async_trait::async_trait]
impl Lender for Lent {
    async fn lend(&self, target: &FunctionTarget) -> Result<BTreeMap<String, String>, Refusal> {
        let mut variables = self.keys.of(target).await?;
        if !variables.is_empty() {
            variables.insert("AWS_ENDPOINT_URL".to_owned(), self.address.clone());
        }
        Ok(variables)
    }
}

/// Gives functions that are made ready from now on the address of their server and keys.
pub(crate) fn lend(plane: &FunctionPlane, address: &str, aws: &Aws) {
    plane.lend(Arc::new(Lent {
        address: address.to_owned(),
        keys: aws.function_keys(),
    }));
}

/// Makes the calls that functions want for new objects, until told to stop.
pub(crate) async fn follow_objects(
    control: Arc<Control>,
    objects: ObjectStore,
    mut halted: watch::Receiver<bool>,
) {
    let Some(mut created) = objects.hear_of_objects() else {
        return;
    };
    loop {
        let heard = tokio::select! {
            heard = created.recv() => heard,
            _ = halted.changed() => return,
        };
        let Some((workspace, head)) = heard else {
            return;
        };
        if let Err(error) = control.object_was_created(&workspace, &head).await {
            tracing::warn!(%error, bucket = head.bucket, key = head.key, "no function was told");
        }
    }
}
