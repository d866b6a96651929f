//! `ListAliases`: a page of names, all or those of one key.

use crate::fault::Fault;
use crate::kms::fault::fault;
use crate::kms::keys::{find, page};
use crate::operation::{Call, Operation};
use serde::Deserialize;
use serde_json::{Value, json};

pub(crate) struct ListAliases;

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Input {
    #[serde(default)]
    key_id: Option<String>,
    #[serde(default)]
    marker: Option<String>,
    #[serde(default)]
    limit: Option<usize>,
}

impl Operation for ListAliases {
    const NAME: &'static str = "ListAliases";
    type Input = Input;
    type Output = Value;

    async fn run(call: &Call<'_>, input: Input) -> Result<Value, Fault> {
        let mut keys = call.aws.objects.keys().keys().map_err(fault)?;
        if let Some(name) = &input.key_id {
            let wanted = find(call, name)?.id;
            keys.retain(|key| key.id == wanted);
        }
        let named = keys
            .iter()
            .flat_map(|key| key.aliases.iter().map(|alias| (alias.clone(), &key.id)));
        let mut all: Vec<(String, &String)> = named.collect();
        all.sort();
        let (page, next) = page(all, input.marker.as_deref(), input.limit)?;
        let aliases = page.iter().map(|(alias, key)| {
            json!({"AliasName": alias, "AliasArn": call.arn("kms", alias), "TargetKeyId": key})
        });
        let aliases: Vec<Value> = aliases.collect();
        let mut answer = json!({"Aliases": aliases, "Truncated": next.is_some()});
        if let Some(next) = next {
            answer["NextMarker"] = json!(next);
        }
        Ok(answer)
    }
}
