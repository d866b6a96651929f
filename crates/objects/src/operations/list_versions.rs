//! Listing versions and delete markers: by key, the newest of each first.

use crate::error::Error;
use crate::record::Object;
use crate::{ObjectStore, rows};
use contracts::objects::ListObjects;
use contracts::store::{Order, Query};
use domain::Workspace;

/// A page of versions.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct VersionListing {
    /// Versions and delete markers, and whether each is the present one of its key.
    pub versions: Vec<(Object, bool)>,
    /// Prefixes up to the delimiter, in order.
    pub prefixes: Vec<String>,
    /// Key and version of the last entry (the version is empty for a folded prefix), for the next
    /// page; `None` when this was the last.
    pub next: Option<(String, String)>,
}

impl ObjectStore {
    /// A page of versions. `list.after` is the key marker; `version` the version marker, with
    /// which the page begins behind that version of that key, else behind the whole key.
    pub async fn list_versions(
        &self,
        workspace: &Workspace,
        bucket: &str,
        list: &ListObjects,
        version: Option<&str>,
    ) -> Result<VersionListing, Error> {
        self.bucket(workspace, bucket).await?;
        let limit = match list.limit {
            0 => 1_000,
            given => given.min(1_000),
        } as usize;
        let delimiter = list.delimiter.as_deref().filter(|text| !text.is_empty());
        let mut page = VersionListing::default();
        let mut last: Option<(String, String)> = None;
        let version = version.filter(|version| !version.is_empty());
        if let (Some(key), Some(version)) = (&list.after, version) {
            // The rest of the marker's own key comes first.
            let rest = self
                .rest_of(workspace, bucket, key, version, limit + 1)
                .await?;
            let is_cut = rest.len() >= 1_000;
            for entry in rest {
                if page.versions.len() == limit {
                    page.next = last;
                    return Ok(page);
                }
                last = Some((key.clone(), entry.0.version.clone()));
                page.versions.push(entry);
            }
            if is_cut {
                page.next = last;
                return Ok(page);
            }
        }
        let mut after = list.after.clone();
        'pages: loop {
            let (keys, next) = self
                .present_page(workspace, bucket, list, after.as_deref())
                .await?;
            for key in keys {
                let full = page.versions.len() + page.prefixes.len() == limit;
                let folded = delimiter.and_then(|d| {
                    let rest = key.key.strip_prefix(list.prefix.as_str())?;
                    let at = rest.find(d)? + d.len() + list.prefix.len();
                    Some(key.key[..at].to_owned())
                });
                if let Some(prefix) = folded {
                    let is_seen = page.prefixes.last() == Some(&prefix)
                        || list.after.as_ref() == Some(&prefix);
                    if !is_seen {
                        if full {
                            page.next = last;
                            return Ok(page);
                        }
                        last = Some((prefix.clone(), String::new()));
                        page.prefixes.push(prefix.clone());
                    }
                    after = Some(crate::operations::after_all(&prefix));
                    continue 'pages;
                }
                after = Some(key.key.clone());
                if full {
                    page.next = last;
                    return Ok(page);
                }
                let room = limit - page.versions.len() - page.prefixes.len();
                let name = key.key.clone();
                last = Some((name.clone(), key.version.clone()));
                page.versions.push((key, true));
                let mut earlier = self
                    .earlier_of(workspace, bucket, &name, None, room)
                    .await?;
                let is_cut = earlier.len() == room;
                earlier.truncate(room - 1);
                for object in earlier {
                    last = Some((name.clone(), object.version.clone()));
                    page.versions.push((object, false));
                }
                if is_cut {
                    page.next = last;
                    return Ok(page);
                }
            }
            if next.is_none() {
                return Ok(page);
            }
        }
    }

    /// Present versions and markers of keys behind `after`.
    async fn present_page(
        &self,
        workspace: &Workspace,
        bucket: &str,
        list: &ListObjects,
        after: Option<&str>,
    ) -> Result<(Vec<Object>, Option<String>), Error> {
        let query = Query {
            kind: rows::OBJECT.to_owned(),
            workspace: Some(workspace.clone()),
            prefix: Some(format!("{bucket}/{}", list.prefix)),
            order: Order::Id,
            after_id: after.map(|key| format!("{bucket}/{key}")),
            limit: 200,
            ..Query::default()
        };
        let found = self.rows.list(&query).await?;
        let read = |row| rows::read_object(row).map(|stored| stored.value);
        let objects = found.rows.into_iter().map(read).collect::<Result<_, _>>()?;
        Ok((objects, found.next))
    }

    /// Versions of one key behind a version of it.
    async fn rest_of(
        &self,
        workspace: &Workspace,
        bucket: &str,
        key: &str,
        version: &str,
        limit: usize,
    ) -> Result<Vec<(Object, bool)>, Error> {
        let present = self.present(workspace, bucket, key).await?;
        let is_present = present.is_some_and(|stored| stored.value.version == version);
        let order = if is_present {
            None
        } else {
            match self.earlier(workspace, bucket, key, version).await? {
                Some(found) => Some(found.value.order),
                // The marker was deleted meanwhile; its id still tells its place.
                None => rows::order_of(version),
            }
        };
        let rest = self
            .earlier_of(workspace, bucket, key, order, limit)
            .await?;
        Ok(rest.into_iter().map(|object| (object, false)).collect())
    }

    /// Earlier versions of a key, older than that order, the newest first.
    pub(crate) async fn earlier_of(
        &self,
        workspace: &Workspace,
        bucket: &str,
        key: &str,
        older_than: Option<i64>,
        limit: usize,
    ) -> Result<Vec<Object>, Error> {
        let after = older_than.map(|order| rows::version_key(workspace, bucket, key, order).id);
        let query = Query {
            kind: rows::VERSION.to_owned(),
            workspace: Some(workspace.clone()),
            prefix: Some(rows::version_prefix(bucket, key)),
            order: Order::Id,
            after_id: after,
            limit: u32::try_from(limit.clamp(1, 1_000)).unwrap_or(1_000),
            ..Query::default()
        };
        let rows = self.rows.list(&query).await?.rows;
        rows.into_iter()
            .map(|row| rows::read_object(row).map(|stored| stored.value))
            .collect()
    }
}
