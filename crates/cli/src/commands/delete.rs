//! `delete`: something is forgotten.

use crate::arguments::DeleteArguments;
use crate::client::Client;
use crate::failure::Failure;
use crate::output::Output;

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
        _ => client.delete(&["endpoints", name]).await?,
    }
    output.say(format!("deleted {} `{name}`", wanted.kind));
    Ok(())
}
