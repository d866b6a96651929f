//! Listing objects in the bytewise order of their keys, with prefix and delimiter. What a
//! delimiter folds away is skipped, not read: the next query begins behind the folded subtree.

use super::fold::{Entry, Fold};
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
    /// Key or prefix of the last entry.
    last: Option<String>,
    is_full: bool,
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
        crate::names::bucket_or_missing(bucket)?;
        let (delimiter, after) = (list.delimiter.as_deref(), list.after.as_deref());
        let mut fold = Fold::new(bucket, &list.prefix, delimiter, after, list.limit);
        let mut page = ObjectPage::default();
        let mut begin = fold.begin();
        while !fold.is_vain() {
            let room = fold.limit - page.objects.len() - fold.prefixes.len();
            let query = Query {
                kind: rows::OBJECT.to_owned(),
                workspace: Some(workspace.clone()),
                phases: vec![rows::LIVE.to_owned()],
                prefix: Some(format!("{bucket}/{}", list.prefix)),
                order: Order::Id,
                after_id: begin.take(),
                limit: if fold.folds() {
                    FOLDING
                } else {
                    (room as u32 + 1).min(MOST)
                },
                ..Query::default()
            };
            let found = self.rows.list(&query).await?;
            for row in found.rows {
                let object = rows::read_object(row)?.value;
                begin = page.take(&mut fold, object);
                if page.is_full {
                    break;
                }
            }
            if found.next.is_none() || page.is_full {
                break;
            }
        }
        page.prefixes = fold.prefixes;
        if page.objects.is_empty() && page.prefixes.is_empty() {
            // Only an empty page has to tell whether there is such a bucket.
            self.bucket(workspace, bucket).await?;
        }
        Ok(page)
    }
}

impl ObjectPage {
    /// Takes the next object in. Returns the row id behind which a further query begins.
    fn take(&mut self, fold: &mut Fold<'_>, object: Object) -> Option<String> {
        let entry = fold.entry(&object.key);
        if let Entry::Seen(prefix) = entry {
            return Some(fold.behind(&prefix));
        }
        if self.objects.len() + fold.prefixes.len() == fold.limit {
            self.is_full = true;
            self.next = self.last.take();
            return None;
        }
        if let Entry::New(prefix) = entry {
            let behind = fold.behind(&prefix);
            self.last = Some(prefix.clone());
            fold.prefixes.push(prefix);
            return Some(behind);
        }
        let id = format!("{}/{}", fold.bucket, object.key);
        self.last = Some(object.key.clone());
        self.objects.push(object);
        Some(id)
    }
}
