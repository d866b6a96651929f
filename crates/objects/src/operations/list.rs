//! Listing objects in the bytewise order of their keys, with prefix and delimiter. What a
//! delimiter folds away is skipped, not read: the next query begins behind the folded subtree.

use crate::error::Error;
use crate::record::Object;
use crate::{ObjectStore, rows};
use contracts::objects::{ListObjects, Listing};
use contracts::store::{Order, Query};
use domain::Workspace;

/// Most entries of a page.
const MOST: u32 = 1_000;
/// Rows of a query while prefixes are being folded.
const FOLDING: u32 = 100;

/// A page with the richer form of objects.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) struct ObjectPage {
    pub(crate) objects: Vec<Object>,
    pub(crate) prefixes: Vec<String>,
    pub(crate) next: Option<String>,
}

/// What sorts after every id that begins with `prefix` and before every other greater one.
pub(crate) fn after_all(prefix: &str) -> String {
    let mut text = prefix.to_owned();
    while text.len() <= prefix.len().max(rows_longest()) {
        text.push('\u{10FFFF}');
    }
    text
}

const fn rows_longest() -> usize {
    // Bucket, slash and key.
    63 + 1 + crate::names::LONGEST_KEY
}

impl ObjectStore {
    /// A page of present objects. `after` is a key, or a folded prefix, of an earlier page; keys
    /// and prefixes up to and with it are left out. A caller's own `start-after` can be given
    /// there too.
    pub async fn list_objects(
        &self,
        workspace: &Workspace,
        bucket: &str,
        list: &ListObjects,
    ) -> Result<Listing, Error> {
        let page = self.object_page(workspace, bucket, list).await?;
        Ok(Listing {
            objects: page.objects.iter().map(Object::head).collect(),
            prefixes: page.prefixes,
            next: page.next,
        })
    }

    /// As [`ObjectStore::list_objects`], with everything that is known of each object.
    pub async fn list_full(
        &self,
        workspace: &Workspace,
        bucket: &str,
        list: &ListObjects,
    ) -> Result<(Vec<Object>, Vec<String>, Option<String>), Error> {
        let page = self.object_page(workspace, bucket, list).await?;
        Ok((page.objects, page.prefixes, page.next))
    }

    pub(crate) async fn object_page(
        &self,
        workspace: &Workspace,
        bucket: &str,
        list: &ListObjects,
    ) -> Result<ObjectPage, Error> {
        let delimiter = list.delimiter.as_deref().filter(|text| !text.is_empty());
        let limit = match list.limit {
            0 => MOST,
            given => given.min(MOST),
        } as usize;
        if list.prefix.len() > crate::names::LONGEST_KEY || list.prefix.contains('\0') {
            return Ok(ObjectPage::default());
        }
        let mut page = ObjectPage::default();
        let mut after = list.after.as_deref().map(|after| {
            let folded = delimiter.and_then(|d| fold(after, &list.prefix, d));
            match folded {
                Some(prefix) if prefix == after => after_all(&format!("{bucket}/{prefix}")),
                _ => format!("{bucket}/{after}"),
            }
        });
        let mut last = None;
        loop {
            let room = limit - page.objects.len() - page.prefixes.len();
            let rows = match delimiter {
                Some(_) => FOLDING,
                None => u32::try_from(room + 1).unwrap_or(MOST).min(MOST),
            };
            let query = Query {
                kind: rows::OBJECT.to_owned(),
                workspace: Some(workspace.clone()),
                phases: vec![rows::LIVE.to_owned()],
                prefix: Some(format!("{bucket}/{}", list.prefix)),
                order: Order::Id,
                after_id: after.take(),
                limit: rows,
                ..Query::default()
            };
            let found = self.rows.list(&query).await?;
            let is_last = found.next.is_none();
            for row in found.rows {
                let object = rows::read_object(row)?.value;
                let folded = delimiter.and_then(|d| fold(&object.key, &list.prefix, d));
                if let Some(prefix) = &folded
                    && page.prefixes.last().is_some_and(|seen| seen == prefix)
                {
                    after = Some(after_all(&format!("{bucket}/{prefix}")));
                    continue;
                }
                if page.objects.len() + page.prefixes.len() == limit {
                    page.next = last;
                    return Ok(page);
                }
                if let Some(prefix) = folded {
                    after = Some(after_all(&format!("{bucket}/{prefix}")));
                    last = Some(prefix.clone());
                    page.prefixes.push(prefix);
                } else {
                    after = Some(format!("{bucket}/{}", object.key));
                    last = Some(object.key.clone());
                    page.objects.push(object);
                }
            }
            if is_last {
                break;
            }
        }
        if page.objects.is_empty() && page.prefixes.is_empty() {
            // Only an empty page has to tell whether there is such a bucket.
            self.bucket(workspace, bucket).await?;
        }
        Ok(page)
    }
}

/// What a key is folded to: up to and with the first delimiter behind the prefix.
fn fold(key: &str, prefix: &str, delimiter: &str) -> Option<String> {
    let rest = key.strip_prefix(prefix)?;
    let at = rest.find(delimiter)?;
    Some(key[..prefix.len() + at + delimiter.len()].to_owned())
}
