//! Which version a call is for, from rows.

use super::rows::{alias_id, version_id};
use crate::rows::Stored;
use crate::transact::hexadecimal;
use crate::{Control, Error};
use contracts::functions::FunctionTarget;
use contracts::store::Key;
use domain::function::{Alias, Function, FunctionSpec, FunctionVersion, Qualifier};
use domain::{FunctionName, Refusal, Workspace};
use serde_json::json;
use sha2::{Digest, Sha256};
use std::sync::Arc;

/// `$LATEST`, as it is written.
const LATEST: &str = "$LATEST";

impl Control {
    /// The version that answers a call; an alias with two draws one of them.
    pub(super) async fn resolve(
        &self,
        workspace: &Workspace,
        name: &FunctionName,
        qualifier: &Qualifier,
    ) -> Result<FunctionTarget, Error> {
        let version = match qualifier {
            Qualifier::Latest => None,
            Qualifier::Version(version) => Some(*version),
            Qualifier::Alias(alias) => {
                let key = Key::new(Alias::KIND, workspace, alias_id(name, alias));
                let (alias, _) = self.require::<Alias>(&key).await?;
                alias.pick(self.draw())
            }
        };
        let Some(version) = version else {
            let key = Key::new(Function::KIND, workspace, name);
            let (function, _) = self.require::<Function>(&key).await?;
            return target(workspace, name, LATEST, function.spec);
        };
        let key = Key::new(FunctionVersion::KIND, workspace, version_id(name, version));
        let (found, _) = self.require::<FunctionVersion>(&key).await?;
        // Instances may be as many as the function says now.
        let key = Key::new(Function::KIND, workspace, name);
        let (function, _) = self.require::<Function>(&key).await?;
        let spec = FunctionSpec {
            scale: function.spec.scale,
            ..found.spec
        };
        target(workspace, name, &version.to_string(), spec)
    }

    /// A number from 0 to 9,999, evenly but for what 2^32 leaves over.
    fn draw(&self) -> u16 {
        let mut random = [0; 4];
        self.world.entropy.fill(&mut random);
        (u32::from_be_bytes(random) % 10_000) as u16
    }
}

/// `$LATEST` of a function.
pub(super) fn latest(function: &Function) -> Result<FunctionTarget, Error> {
    let spec = function.spec.clone();
    target(&function.workspace, &function.name, LATEST, spec)
}

/// A published version.
pub(super) fn published(version: &FunctionVersion) -> Result<FunctionTarget, Error> {
    let number = version.version.to_string();
    let spec = version.spec.clone();
    target(&version.workspace, &version.function, &number, spec)
}

fn target(
    workspace: &Workspace,
    name: &FunctionName,
    version: &str,
    spec: FunctionSpec,
) -> Result<FunctionTarget, Error> {
    // All that makes instances alike; see `FunctionSpec::same_instances`.
    let same = json!([
        version,
        spec.form,
        spec.code,
        spec.handler,
        spec.runtime,
        spec.environment,
        spec.env,
        spec.memory,
        spec.milli_cpus,
        spec.timeout,
        spec.temporary,
        spec.layers,
        spec.network,
    ]);
    let text = serde_json::to_vec(&same).map_err(|e| Refusal::internal(e.to_string()))?;
    Ok(FunctionTarget {
        workspace: workspace.clone(),
        name: name.clone(),
        version: version.to_owned(),
        revision: hexadecimal(&Sha256::digest(text)),
        spec: Arc::new(spec),
    })
}
