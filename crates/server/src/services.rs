//! Endpoints, functions and buckets are looked at every few seconds, and what they used becomes
//! lines of the ledger every few minutes. What is not in the ledger yet is kept in its folder, so
//! that a server that is killed loses no more than what came after the last look.

mod buckets;
mod processes;

use self::buckets::Buckets;
use self::processes::Processes;
use contracts::store::{Key, Query};
use control::Control;
use control::rows::{Stored, read};
use costs::metering::services::{Meter, Service, Thing, Window};
use costs::query::MODEL_TAG;
use costs::{Amount, Ledger};
use domain::Name;
use domain::endpoint::{Endpoint, EndpointSpec};
use domain::function::Function;
use domain::{Span, Timestamp};
use objects::ObjectStore;
use serving::replica::Engine;
use serving::status::{DeploymentStatus, Role};
use serving::{EndpointKey, Endpoints};
use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::watch;

/// Pause between two looks.
const PAUSE: Duration = Duration::from_secs(15);
/// A pause of more than this was no pause: the machine slept.
const LONGEST: Span = Span::minutes(2);
/// A window is handed in when it is as long as this.
const WINDOW: Span = Span::minutes(5);
const HOUR: i128 = 3_600_000;
const GIB: i128 = 1 << 30;

type Failed = Box<dyn std::error::Error + Send + Sync>;
type Tags = BTreeMap<String, String>;

/// What is watched.
pub(crate) struct Watched {
    pub(crate) control: Arc<Control>,
    pub(crate) endpoints: Endpoints,
    pub(crate) objects: ObjectStore,
    pub(crate) ledger: Ledger,
}

/// Meters until `halted` turns true.
pub(crate) async fn keep_metering(watched: Watched, mut halted: watch::Receiver<bool>) {
    let now = watched.control.world.now();
    let window = match watched.ledger.open_window(now) {
        Ok(window) => window,
        Err(error) => {
            tracing::warn!(%error, "what was metered last cannot be read; metering begins anew");
            Window::new(1, now)
        }
    };
    let mut meter = Services {
        watched,
        window,
        seen: now,
        processes: Processes::default(),
        counts: BTreeMap::new(),
        buckets: Buckets::default(),
    };
    loop {
        let over = *halted.borrow();
        if let Err(error) = meter.look(over).await {
            tracing::warn!(%error, "endpoints, functions and buckets could not be metered; trying again");
        }
        if over {
            return;
        }
        tokio::select! {
            () = tokio::time::sleep(PAUSE) => {}
            _ = halted.changed() => {}
        }
    }
}

/// An endpoint's own tags, and the model that one of its deployments serves.
fn tags_of(spec: &EndpointSpec, deployment: &Name) -> Tags {
    let mut tags = spec.tags.clone();
    let mut all = spec.deployments.iter();
    if let Some(one) = all.find(|one| one.name == *deployment) {
        tags.insert(MODEL_TAG.to_owned(), one.model.to_string());
    }
    tags
}

struct Services {
    watched: Watched,
    window: Window,
    seen: Timestamp,
    processes: Processes,
    /// Requests and microseconds of computing at the last look.
    counts: BTreeMap<Thing, (u64, u64)>,
    buckets: Buckets,
}

impl Services {
    /// Adds what was used since the last look, and hands the window in when it is long enough or
    /// the server ends.
    async fn look(&mut self, over: bool) -> Result<(), Failed> {
        let now = self.watched.control.world.now();
        let elapsed = Span(now.since(self.seen).0.clamp(0, LONGEST.0));
        self.seen = now;
        self.processes.begin();
        self.endpoints(elapsed).await?;
        self.functions(elapsed).await?;
        if over {
            self.buckets.last_time();
        }
        let used = self.buckets.used(&self.watched, now, elapsed).await?;
        for (thing, tags, recent, old) in used {
            self.window.add(&thing, &tags, Meter::StorageRecent, recent);
            self.window.add(&thing, &tags, Meter::StorageOld, old);
        }
        self.processes.end();
        self.window.to = now;
        let is_open = self.window.length() < WINDOW && !over;
        let (ledger, window) = (self.watched.ledger.clone(), self.window.clone());
        let metered = tokio::task::spawn_blocking(move || {
            ledger.keep_window(&window)?;
            if is_open {
                return Ok::<u64, costs::Error>(0);
            }
            let lines = ledger.meter_window(&window)?;
            ledger.compact()?;
            Ok(lines)
        });
        let lines = metered.await??;
        if is_open {
            return Ok(());
        }
        tracing::debug!(lines, "endpoints, functions and buckets were metered");
        self.window = self.watched.ledger.open_window(now)?;
        crate::alerts::tell(&self.watched.control, &self.watched.ledger).await
    }

    async fn endpoints(&mut self, elapsed: Span) -> Result<(), Failed> {
        for key in self.watched.endpoints.list() {
            let Some(status) = self.watched.endpoints.status(&key) else {
                continue;
            };
            let store = &self.watched.control.store;
            let row = store
                .get(&Key::new(Endpoint::KIND, &key.workspace, &key.name))
                .await?;
            let spec = row.map(|row| read::<Endpoint>(&row)).transpose()?;
            let spec = spec.map(|endpoint| endpoint.spec);
            for deployment in &status.deployments {
                let tags = spec.as_ref().map(|spec| tags_of(spec, &deployment.name));
                self.deployment(&key, deployment, &tags.unwrap_or_default(), elapsed);
            }
        }
        Ok(())
    }

    fn deployment(
        &mut self,
        key: &EndpointKey,
        status: &DeploymentStatus,
        tags: &Tags,
        elapsed: Span,
    ) {
        let thing = Thing {
            service: Service::Endpoint,
            workspace: key.workspace.to_string(),
            name: key.name.to_string(),
            part: status.name.to_string(),
        };
        let replicas = hours(elapsed).times(Amount::whole(i64::from(status.ready)));
        self.window.add(&thing, tags, Meter::Replicas, replicas);
        let processes = status.replicas.iter().filter_map(|facts| facts.process);
        let (mut cpu, memory) = self.processes.used(processes, elapsed);
        if status.role == Role::Serving {
            let figures = &status.figures;
            let requests = figures.answered + figures.faults + figures.late + figures.hung;
            let computed = figures
                .latency
                .sum_micros
                .saturating_sub(figures.waiting.sum_micros);
            let busy = self.count(&thing, tags, requests, computed);
            // A model that this process evaluates has no process of its own: what it computed is
            // its CPU time.
            let is_native = |engine: &Engine| matches!(engine, Engine::Native { .. });
            if status.replicas.iter().any(|facts| is_native(&facts.engine)) {
                cpu += busy;
            }
        }
        self.window.add(&thing, tags, Meter::Cpu, cpu);
        self.window.add(&thing, tags, Meter::Memory, memory);
    }

    async fn functions(&mut self, elapsed: Span) -> Result<(), Failed> {
        let mut query = Query {
            kind: Function::KIND.to_owned(),
            limit: 1_000,
            ..Query::default()
        };
        loop {
            let page = self.watched.control.store.list(&query).await?;
            for row in &page.rows {
                self.function(&read::<Function>(row)?, elapsed);
            }
            query.after = page.next;
            if query.after.is_none() {
                return Ok(());
            }
        }
    }

    fn function(&mut self, function: &Function, elapsed: Span) {
        let plane = &self.watched.control.function_plane;
        let figures = plane.figures(&function.workspace, &function.name);
        let thing = Thing {
            service: Service::Function,
            workspace: function.workspace.to_string(),
            name: function.name.to_string(),
            part: String::new(),
        };
        let tags = &function.spec.tags;
        // Calls whose instances have ended since are counted too.
        let idle = figures.instances == 0 && figures.calls == 0;
        if idle && !self.counts.contains_key(&thing) {
            return;
        }
        let instances = hours(elapsed).times(Amount::whole(i64::from(figures.instances)));
        self.window.add(&thing, tags, Meter::Replicas, instances);
        let (cpu, memory) = self
            .processes
            .used(figures.processes.iter().copied(), elapsed);
        self.window.add(&thing, tags, Meter::Cpu, cpu);
        self.window.add(&thing, tags, Meter::Memory, memory);
        self.count(&thing, tags, figures.calls, figures.busy_micros);
    }

    /// Adds requests and computing since the last look; counters that fell began anew. Gives the
    /// hours of computing.
    fn count(&mut self, thing: &Thing, tags: &Tags, requests: u64, micros: u64) -> Amount {
        let before = self.counts.insert(thing.clone(), (requests, micros));
        let (requests_before, micros_before) = before.unwrap_or_default();
        let since = |now: u64, before: u64| now.checked_sub(before).unwrap_or(now);
        let requests = since(requests, requests_before);
        let requests = Amount::whole(i64::try_from(requests).unwrap_or(i64::MAX));
        let busy = since(micros, micros_before);
        let busy = Amount::ratio(i128::from(busy), HOUR * 1_000);
        self.window.add(thing, tags, Meter::Requests, requests);
        self.window.add(thing, tags, Meter::Busy, busy);
        busy
    }
}

fn hours(span: Span) -> Amount {
    Amount::ratio(i128::from(span.0), HOUR)
}

/// So many bytes for so long, in GiB-hours.
fn gib_hours(bytes: u64, span: Span) -> Amount {
    Amount::ratio(i128::from(bytes) * i128::from(span.0), GIB * HOUR)
}
