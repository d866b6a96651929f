//! Gathers records and writes them as objects.

use super::key::{Moment, key};
use super::{Captured, Message, place, record};
use bytes::Bytes;
use contracts::objects::{ObjectError, Objects, PutOptions};
use contracts::world::World;
use domain::Timestamp;
use futures::StreamExt;
use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::time::Duration;
use tokio::sync::mpsc;
use tokio::time::{Instant, sleep_until};

/// An object is written when it has so many records or bytes.
const RECORDS: usize = 1_000;
const BYTES: usize = 4 << 20;

/// Where an object goes, up to what tells it from the ones before.
type Place = (domain::Workspace, String, String, String, String);

pub(super) struct Writer {
    objects: Arc<dyn Objects>,
    world: World,
    every: Duration,
    left_out: Arc<AtomicU64>,
    open: BTreeMap<Place, Open>,
}

/// An object that is being gathered.
struct Open {
    began: Timestamp,
    text: String,
    records: usize,
}

impl Writer {
    pub(super) fn new(
        objects: Arc<dyn Objects>,
        world: World,
        every: Duration,
        left_out: Arc<AtomicU64>,
    ) -> Self {
        Self {
            objects,
            world,
            every,
            left_out,
            open: BTreeMap::new(),
        }
    }

    pub(super) async fn run(mut self, mut records: mpsc::Receiver<Message>) {
        let mut due = Instant::now() + self.every;
        loop {
            tokio::select! {
                message = records.recv() => match message {
                    None => return self.write_all().await,
                    Some(Message::Keep(captured)) => {
                        if self.open.is_empty() {
                            due = Instant::now() + self.every;
                        }
                        self.keep(&captured).await;
                    }
                    Some(Message::Flush(done)) => {
                        self.write_all().await;
                        // Whoever asked may have left.
                        let _ = done.send(());
                    }
                },
                () = sleep_until(due), if !self.open.is_empty() => self.write_all().await,
            }
        }
    }

    async fn keep(&mut self, captured: &Captured) {
        let Some((bucket, prefix)) = place(&captured.what) else {
            self.left_out.fetch_add(1, Relaxed);
            return;
        };
        let endpoint = &captured.endpoint;
        let to = (
            endpoint.workspace.clone(),
            bucket,
            prefix,
            endpoint.name.to_string(),
            captured.variant.to_string(),
        );
        let now = self.world.now();
        let id = self.world.fresh_id("capture");
        let open = self.open.entry(to.clone()).or_insert_with(|| Open {
            began: now,
            text: String::new(),
            records: 0,
        });
        open.text += &record::line(captured, &id, &Moment::of(now).text());
        open.records += 1;
        if (open.records >= RECORDS || open.text.len() >= BYTES)
            && let Some(full) = self.open.remove(&to)
        {
            self.write(to, full).await;
        }
    }

    async fn write_all(&mut self) {
        for (to, open) in std::mem::take(&mut self.open) {
            self.write(to, open).await;
        }
    }

    async fn write(&self, to: Place, open: Open) {
        let records = open.records;
        if let Err(error) = self.put(&to, open).await {
            let (_, bucket, _, endpoint, _) = to;
            tracing::warn!(%error, bucket, endpoint, records, "records were not kept");
            self.left_out.fetch_add(records as u64, Relaxed);
        }
    }

    async fn put(&self, to: &Place, open: Open) -> Result<(), ObjectError> {
        let (workspace, bucket, prefix, endpoint, variant) = to;
        let id = self.world.fresh_id("records");
        let key = key(prefix, endpoint, variant, open.began, &id);
        self.objects.ensure_bucket(workspace, bucket).await?;
        let body = Bytes::from(open.text);
        let body = futures::stream::once(std::future::ready(Ok(body))).boxed();
        let options = PutOptions {
            content_type: Some("application/jsonlines".to_owned()),
            ..PutOptions::default()
        };
        let put = self.objects.put(workspace, bucket, &key, body, options);
        put.await.map(drop)
    }
}
