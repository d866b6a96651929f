//! Buckets: listed, made, told whether to keep versions.

use crate::arguments::VersionsWord;
use crate::client::Client;
use crate::commands::jobs::Page;
use crate::failure::Failure;
use crate::output::{Output, ago};
use domain::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::json;

#[derive(Debug, Serialize, Deserialize)]
struct Bucket {
    name: String,
    created: Timestamp,
    versioning: String,
}

pub(super) async fn list(client: &Client, output: Output) -> Result<(), Failure> {
    let mut all = Vec::new();
    let mut query = Vec::new();
    loop {
        let page: Page<Bucket> = client.get(&["buckets"], &query).await?;
        all.extend(page.items);
        let Some(next) = page.next else { break };
        query = vec![("after", next)];
    }
    output.table(&["bucket", "versions", "made"], &all, |bucket| {
        vec![
            format!("s3://{}/", bucket.name),
            bucket.versioning.clone(),
            ago(bucket.created),
        ]
    });
    Ok(())
}

pub(super) async fn make(
    client: &Client,
    name: &str,
    versions: Option<VersionsWord>,
    output: Output,
) -> Result<(), Failure> {
    let wanted = json!({"versioning": versions.map(VersionsWord::word)});
    let made: Bucket = client.put(&["buckets", name], &wanted).await?;
    output.document(&made);
    output.say(format!("s3://{}/ versions: {}", made.name, made.versioning));
    Ok(())
}
