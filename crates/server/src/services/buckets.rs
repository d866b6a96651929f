//! How much is kept in buckets: counted every minute where it is little, else every hour.

use super::{Failed, Tags, Watched, gib_hours};
use contracts::objects::ListObjects;
use contracts::store::Query;
use costs::Amount;
use costs::metering::services::{OLD_DAYS, Service, Thing};
use domain::{Span, Timestamp, Workspace};
use std::collections::BTreeSet;

/// How long a count of many objects holds, and one of few.
const HOLDS: Span = Span::hours(1);
const FEW_HOLD: Span = Span::minutes(1);
/// So many objects and versions are few: they are counted in a blink.
const FEW: u64 = 10_000;

/// What was counted last.
#[derive(Default)]
pub(super) struct Buckets {
    counted: Option<Timestamp>,
    objects: u64,
    all: Vec<Kept>,
}

struct Kept {
    thing: Thing,
    tags: Tags,
    recent: u64,
    old: u64,
    objects: u64,
}

impl Buckets {
    /// The server ends: what is few is counted once more.
    pub(super) fn last_time(&mut self) {
        if self.objects <= FEW {
            self.counted = None;
        }
    }

    /// GiB-hours of every bucket since the last look: what was changed lately, and what is old.
    pub(super) async fn used(
        &mut self,
        watched: &Watched,
        now: Timestamp,
        elapsed: Span,
    ) -> Result<Vec<(Thing, Tags, Amount, Amount)>, Failed> {
        let holds = if self.objects <= FEW { FEW_HOLD } else { HOLDS };
        if self.counted.is_none_or(|at| now.since(at) >= holds) {
            self.all = count(watched, now).await?;
            self.objects = self.all.iter().map(|kept| kept.objects).sum();
            self.counted = Some(now);
        }
        let used = self.all.iter().map(|kept| {
            let (recent, old) = (
                gib_hours(kept.recent, elapsed),
                gib_hours(kept.old, elapsed),
            );
            (kept.thing.clone(), kept.tags.clone(), recent, old)
        });
        Ok(used.collect())
    }
}

/// Counts all buckets of all workspaces, earlier versions included.
async fn count(watched: &Watched, now: Timestamp) -> Result<Vec<Kept>, Failed> {
    let mut all = Vec::new();
    for workspace in workspaces(watched).await? {
        let mut after: Option<String> = None;
        loop {
            let page = watched
                .objects
                .list_buckets(&workspace, "", after.as_deref(), 1_000);
            let (buckets, next) = page.await?;
            for bucket in buckets {
                let [recent, old, objects] = sizes(watched, &workspace, &bucket.name, now).await?;
                all.push(Kept {
                    thing: Thing {
                        service: Service::Storage,
                        workspace: workspace.to_string(),
                        name: bucket.name,
                        part: String::new(),
                    },
                    tags: bucket.settings.tags,
                    recent,
                    old,
                    objects,
                });
            }
            after = next;
            if after.is_none() {
                break;
            }
        }
    }
    Ok(all)
}

/// The workspaces that have buckets.
async fn workspaces(watched: &Watched) -> Result<BTreeSet<Workspace>, Failed> {
    let mut query = Query {
        kind: "bucket".to_owned(),
        limit: 1_000,
        ..Query::default()
    };
    let mut found = BTreeSet::new();
    loop {
        let page = watched.control.store.list(&query).await?;
        found.extend(page.rows.into_iter().map(|row| row.row.key.workspace));
        query.after = page.next;
        if query.after.is_none() {
            return Ok(found);
        }
    }
}

/// Bytes that were changed lately, bytes that are old, and how many objects and versions.
async fn sizes(
    watched: &Watched,
    workspace: &Workspace,
    bucket: &str,
    now: Timestamp,
) -> Result<[u64; 3], Failed> {
    let mut list = ListObjects {
        limit: 1_000,
        ..ListObjects::default()
    };
    let mut version: Option<String> = None;
    let (mut recent, mut old, mut objects) = (0_u64, 0_u64, 0);
    loop {
        let page = watched
            .objects
            .list_versions(workspace, bucket, &list, version.as_deref());
        let page = page.await?;
        objects += page.versions.len() as u64;
        for (object, _) in &page.versions {
            let is_old = now.since(object.modified) >= Span::hours(24 * OLD_DAYS);
            let sum = if is_old { &mut old } else { &mut recent };
            *sum = sum.saturating_add(object.bytes);
        }
        let Some((key, last)) = page.next else {
            return Ok([recent, old, objects]);
        };
        list.after = Some(key);
        version = Some(last);
    }
}
