//! `delete`: something is forgotten.

use crate::arguments::DeleteArguments;
use crate::client::Client;
use crate::failure::Failure;
use crate::output::Output;
use domain::endpoint::Endpoint;
use std::time::Duration;

/// Pause between two looks at an endpoint that is being taken down.
const POLL: Duration = Duration::from_millis(50);

pub(super) async fn run(
    client: &Client,
    wanted: &DeleteArguments,
    output: Output,
) -> Result<(), Failure> {
    let name = wanted.name.as_str();
    match (wanted.kind.as_str(), name.split_once(':')) {
        ("model", Some((model, version))) => {
            client
                .delete(&["models", model, "versions", version])
                .await?;
        }
        ("model", None) => client.delete(&["models", name]).await?,
        ("job", _) => client.delete(&["jobs", name]).await?,
        ("run", _) => client.delete(&["runs", name]).await?,
        _ => endpoint(client, name).await?,
    }
    output.say(format!("deleted {} `{name}`", wanted.kind));
    Ok(())
}

/// Has an endpoint taken down and waits until it is gone, so that its name is free again.
async fn endpoint(client: &Client, name: &str) -> Result<(), Failure> {
    let path = ["endpoints", name];
    client.delete(&path).await?;
    while client.found::<Endpoint>(&path).await?.is_some() {
        tokio::time::sleep(POLL).await;
    }
    Ok(())
}
