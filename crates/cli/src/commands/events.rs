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
    let query = [
        ("after", wanted.after.to_string()),
        ("limit", wanted.limit.to_string()),
    ];
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
    Ok(())
}
