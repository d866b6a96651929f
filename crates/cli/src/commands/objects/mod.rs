//! `objects`: the bucket store.

mod buckets;
mod get;
mod list;
mod parts;
mod send;

use crate::arguments::{ObjectAction, ObjectArguments};
use crate::client::Client;
use crate::failure::Failure;
use crate::output::Output;
use domain::Location;
use serde::{Deserialize, Serialize};

pub(super) use send::{Sending, sha256, upload};

/// What a deletion did.
#[derive(Debug, Serialize, Deserialize)]
struct Deletion {
    found: bool,
    marker: Option<String>,
    restored: bool,
}

pub(super) async fn run(
    client: &Client,
    wanted: &ObjectArguments,
    output: Output,
) -> Result<(), Failure> {
    match &wanted.action {
        ObjectAction::Ls {
            location,
            versions,
            uploads,
        } => match location {
            None => buckets::list(client, output).await,
            Some(location) if *versions => list::versions(client, &place(location)?, output).await,
            Some(location) if *uploads => list::uploads(client, &place(location)?, output).await,
            Some(location) => list::objects(client, &place(location)?, output).await,
        },
        ObjectAction::Put(wanted) => send::put(client, wanted, output).await,
        ObjectAction::Get {
            location,
            file,
            version,
        } => {
            let named = object(location)?;
            get::run(client, &named, version.as_deref(), file, output).await
        }
        ObjectAction::Rm { location, version } => {
            remove(client, location, version.as_deref(), output).await
        }
        ObjectAction::Abort { location, upload } => {
            let (bucket, key) = object(location)?;
            parts::abort(client, &bucket, &key, upload).await?;
            output.say(format!("gave up {upload} and threw its parts away"));
            Ok(())
        }
        ObjectAction::Mb { bucket, versions } => {
            buckets::make(client, &bucket_name(bucket)?, *versions, output).await
        }
        ObjectAction::Rb { bucket } => {
            let bucket = bucket_name(bucket)?;
            client.delete(&["buckets", &bucket]).await?;
            output.say(format!("deleted s3://{bucket}"));
            Ok(())
        }
    }
}

async fn remove(
    client: &Client,
    location: &str,
    version: Option<&str>,
    output: Output,
) -> Result<(), Failure> {
    let (bucket, key) = object(location)?;
    let path = ["buckets", &bucket, "objects", &key];
    let deleted: Deletion = client.delete_with(&path, &of_version(version)).await?;
    output.document(&deleted);
    output.say(match &deleted {
        Deletion { found: false, .. } => format!("there is no {location}"),
        Deletion {
            marker: Some(marker),
            ..
        } => format!("deleted {location} by the marker {marker}; its versions are still there"),
        Deletion { restored: true, .. } => {
            format!("deleted a marker of {location}: the version before it is back")
        }
        Deletion { .. } => format!("deleted {location}"),
    });
    Ok(())
}

fn of_version(version: Option<&str>) -> Vec<(&'static str, String)> {
    let version = version.map(|version| ("version", version.to_owned()));
    version.into_iter().collect()
}

/// Bucket and key, or the beginning of one.
fn place(text: &str) -> Result<(String, String), Failure> {
    match Location::parse(text).map_err(|error| Failure::usage(error.to_string()))? {
        Location::Object { bucket, key } => Ok((bucket, key)),
        Location::Path { .. } | Location::Package { .. } => Err(Failure::usage(format!(
            "`{text}` is not in a bucket: write `s3://bucket/key`"
        ))),
    }
}

fn object(text: &str) -> Result<(String, String), Failure> {
    let (bucket, key) = place(text)?;
    if key.is_empty() {
        return Err(Failure::usage(format!(
            "`{text}` names a bucket, not an object"
        )));
    }
    Ok((bucket, key))
}

/// A bucket's name, alone or as a location.
fn bucket_name(text: &str) -> Result<String, Failure> {
    if !text.contains("://") && !text.contains('/') {
        return Ok(text.to_owned());
    }
    let (bucket, key) = place(text)?;
    if key.is_empty() {
        return Ok(bucket);
    }
    Err(Failure::usage(format!(
        "`{text}` names an object, not a bucket"
    )))
}
