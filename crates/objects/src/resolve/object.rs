//! Objects as files.

use super::{Counter, Found, StagingLimits};
use crate::ObjectStore;
use crate::error::Error;
use crate::record::Object;
use contracts::backend::StagedFile;
use contracts::objects::ListObjects;
use domain::{Location, Workspace};

pub(super) async fn find(
    store: &ObjectStore,
    workspace: &Workspace,
    bucket: &str,
    key: &str,
    limits: StagingLimits,
) -> Result<Vec<Found>, Error> {
    let location = Location::Object {
        bucket: bucket.to_owned(),
        key: key.to_owned(),
    };
    let mut counter = Counter::new(location.to_string(), limits);
    if !key.is_empty() && !key.ends_with('/') {
        match store.head_object(workspace, bucket, key, None).await {
            Ok(object) => {
                counter.add(object.bytes)?;
                let name = key.rsplit_once('/').map_or(key, |(_, name)| name);
                return Ok(vec![staged(store, &object, name, &counter).await?]);
            }
            Err(Error::NoSuchObject { .. } | Error::DeleteMarker { .. }) => {}
            Err(error) => return Err(error),
        }
    }
    let folder = match key {
        "" => String::new(),
        key if key.ends_with('/') => key.to_owned(),
        key => format!("{key}/"),
    };
    let mut found = below(store, workspace, bucket, &folder, &folder, &mut counter).await?;
    if found.is_empty() && !key.is_empty() && !key.ends_with('/') {
        let relative = key.rfind('/').map_or("", |at| &key[..=at]);
        found = below(store, workspace, bucket, key, relative, &mut counter).await?;
    }
    if found.is_empty() {
        return Err(counter.fail("there is no object of that key and none below it"));
    }
    Ok(found)
}

/// The object of exactly this bucket and key, as a file called `name`.
pub(super) async fn exact(
    store: &ObjectStore,
    workspace: &Workspace,
    (bucket, key): (&str, &str),
    name: &str,
    counter: &mut Counter,
) -> Result<Found, Error> {
    let object = store.head_object(workspace, bucket, key, None).await?;
    counter.add(object.bytes)?;
    staged(store, &object, name, counter).await
}

/// All objects with a prefix, relative to what their keys begin with.
async fn below(
    store: &ObjectStore,
    workspace: &Workspace,
    bucket: &str,
    prefix: &str,
    relative: &str,
    counter: &mut Counter,
) -> Result<Vec<Found>, Error> {
    let mut found = Vec::new();
    let mut list = ListObjects {
        prefix: prefix.to_owned(),
        ..ListObjects::default()
    };
    loop {
        let page = store.object_page(workspace, bucket, &list).await?;
        for object in page.objects {
            let name = object.key.strip_prefix(relative).unwrap_or(&object.key);
            // Consoles make empty objects that stand for folders.
            if object.bytes == 0 && (name.is_empty() || name.ends_with('/')) {
                continue;
            }
            counter.add(object.bytes)?;
            found.push(staged(store, &object, name, counter).await?);
        }
        list.after = page.next;
        if list.after.is_none() {
            return Ok(found);
        }
    }
}

async fn staged(
    store: &ObjectStore,
    object: &Object,
    name: &str,
    counter: &Counter,
) -> Result<Found, Error> {
    check_path(name, counter)?;
    Ok(Found {
        file: StagedFile {
            path: name.to_owned(),
            source: store.file_of(object).await?,
            bytes: object.bytes,
        },
        sha256: object.sha256.clone(),
    })
}

/// A key may be any text; a path in a job's folder may not.
fn check_path(path: &str, counter: &Counter) -> Result<(), Error> {
    let is_fit = path
        .split('/')
        .all(|part| !part.is_empty() && part != "." && part != ".." && part.len() <= 255);
    if is_fit {
        return Ok(());
    }
    Err(counter.fail(format!(
        "the key `{}` cannot be a path: its parts must have 1 to 255 bytes and not be `.` or `..`",
        path.chars().take(200).collect::<String>()
    )))
}
