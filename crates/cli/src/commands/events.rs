//! `events`: who changed what and when.

use super::jobs::Page;
use crate::arguments::EventArguments;
use crate::client::Client;
use crate::failure::Failure;
use crate::output::{Output, ago};
use domain::audit::{Actor, Event};

pub(super) async fn run(
    client: &Client,
    wanted: &EventArguments,
    output: Output,
) -> Result<(), Failure> {
    let from = match (wanted.after, wanted.before) {
        (Some(after), _) => ("after", after.to_string()),
        (None, before) => ("before", before.unwrap_or(i64::MAX).to_string()),
    };
    let query = [from, ("limit", wanted.limit.to_string())];
    let page: Page<Event> = client.get(&["events"], &query).await?;
    output.table(
        &["number", "when", "who", "what", "which"],
        &page.items,
        |event| {
            vec![
                event.sequence.to_string(),
                ago(event.at),
                match &event.actor {
                    Actor::Key { name } => format!("key {name}"),
                    Actor::System => "tradewind".to_owned(),
                },
                format!("{} {}", event.resource, event.action),
                event.id.clone(),
            ]
        },
    );
    let earliest = page.items.first().map_or(1, |event| event.sequence);
    let is_more = page.next.and_then(|next| next.parse().ok()) > Some(1_i64);
    if wanted.after.is_none() && is_more && !page.items.is_empty() {
        output.say(format!(
            "earlier ones: `tradewind events --before {earliest}`"
        ));
    }
    Ok(())
}
