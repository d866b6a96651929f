//! Listing versions and delete markers: by key, the newest of each first.

use super::fold::{Entry, Fold};
use crate::error::Error;
use crate::record::Object;
use crate::{ObjectStore, rows};
use contracts::objects::ListObjects;
use contracts::store::{Order, Query};
use domain::Workspace;

/// Most rows of a query.
const MOST_ROWS: usize = 1_000;

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

impl VersionListing {
    fn push(&mut self, object: Object, is_present: bool) {
        self.next = Some((object.key.clone(), object.version.clone()));
        self.versions.push((object, is_present));
    }
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
        let (delimiter, after) = (list.delimiter.as_deref(), list.after.as_deref());
        let mut fold = Fold::new(bucket, &list.prefix, delimiter, after, list.limit);
        let mut page = VersionListing::default();
        if let (Some(key), Some(version)) = (fold.after, version.filter(|text| !text.is_empty())) {
            // The rest of the marker's own key comes first.
            let rest = self.rest_of(workspace, (bucket, key), version, fold.limit);
            let (rest, is_cut) = rest.await?;
            for object in rest {
                page.push(object, false);
            }
            if is_cut {
                return Ok(page);
            }
        }
        let mut begin = fold.begin();
        'pages: while !fold.is_vain() {
            let (objects, is_last) = self.present_page(workspace, list, &fold, begin).await?;
            begin = None;
            for object in objects {
                let entry = fold.entry(&object.key);
                if let Entry::Seen(prefix) = entry {
                    begin = Some(fold.behind(&prefix));
                    continue 'pages;
                }
                let room = fold.limit - page.versions.len() - fold.prefixes.len();
                if room == 0 {
                    page.prefixes = fold.prefixes;
                    return Ok(page);
                }
                if let Entry::New(prefix) = entry {
                    page.next = Some((prefix.clone(), String::new()));
                    begin = Some(fold.behind(&prefix));
                    fold.prefixes.push(prefix);
                    continue 'pages;
                }
                begin = Some(format!("{bucket}/{}", object.key));
                let key = object.key.clone();
                page.push(object, true);
                let (earlier, is_cut) = self
                    .earlier_page(workspace, (bucket, &key), None, room - 1)
                    .await?;
                for object in earlier {
                    page.push(object, false);
                }
                if is_cut {
                    page.prefixes = fold.prefixes;
                    return Ok(page);
                }
            }
            if is_last {
                break;
            }
        }
        page.prefixes = fold.prefixes;
        page.next = None;
        Ok(page)
    }

    /// Present versions and markers of keys behind a row id, and whether these are the last.
    async fn present_page(
        &self,
        workspace: &Workspace,
        list: &ListObjects,
        fold: &Fold<'_>,
        begin: Option<String>,
    ) -> Result<(Vec<Object>, bool), Error> {
        let query = Query {
            kind: rows::OBJECT.to_owned(),
            workspace: Some(workspace.clone()),
            prefix: Some(format!("{}/{}", fold.bucket, list.prefix)),
            order: Order::Id,
            after_id: begin,
            limit: 200,
            ..Query::default()
        };
        let found = self.rows.list(&query).await?;
        let read = |row| rows::read_object(row).map(|stored| stored.value);
        let objects = found.rows.into_iter().map(read).collect::<Result<_, _>>()?;
        Ok((objects, found.next.is_none()))
    }

    /// Versions of one key behind a version of it, and whether there are more.
    async fn rest_of(
        &self,
        workspace: &Workspace,
        (bucket, key): (&str, &str),
        version: &str,
        limit: usize,
    ) -> Result<(Vec<Object>, bool), Error> {
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
        self.earlier_page(workspace, (bucket, key), order, limit)
            .await
    }

    /// At most so many earlier versions, and whether there are more.
    async fn earlier_page(
        &self,
        workspace: &Workspace,
        (bucket, key): (&str, &str),
        older_than: Option<i64>,
        limit: usize,
    ) -> Result<(Vec<Object>, bool), Error> {
        let wanted = (limit + 1).min(MOST_ROWS);
        let mut found = self
            .earlier_of(workspace, bucket, key, older_than, wanted)
            .await?;
        let is_cut = found.len() > limit || found.len() == MOST_ROWS;
        found.truncate(limit);
        Ok((found, is_cut))
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
            limit: u32::try_from(limit.clamp(1, MOST_ROWS)).unwrap_or(1_000),
            ..Query::default()
        };
        let rows = self.rows.list(&query).await?.rows;
        rows.into_iter()
            .map(|row| rows::read_object(row).map(|stored| stored.value))
            .collect()
    }
}
