//! `keys`: API keys are made, shown and revoked.

use crate::arguments::{KeyAction, KeyArguments};
use crate::client::Client;
use crate::failure::Failure;
use crate::output::Output;
use serde_json::{Value, json};

pub(super) async fn run(
    client: &Client,
    wanted: &KeyArguments,
    output: Output,
) -> Result<(), Failure> {
    match &wanted.action {
        KeyAction::Make {
            name,
            role,
            workspace,
        } => {
            let body = json!({"name": name, "role": role, "workspace": workspace});
            let made: Value = client.post(&["keys"], &body).await?;
            output.document(&made);
            let secret = made
                .get("secret")
                .and_then(Value::as_str)
                .unwrap_or_default();
            output.say(format!("{secret}\nKeep it now: it is not shown again."));
        }
        KeyAction::Show => {
            output.document(&json!({"address": client.address(), "key": client.key()}));
            output.say(client.key());
        }
        KeyAction::Revoke { name } => {
            client.delete(&["keys", name]).await?;
            output.say(format!("revoked `{name}`"));
        }
    }
    Ok(())
}
