//! Two servers over one store and one provider, which die and come back.

use crate::backend::SimulatedBackend;
use crate::dialect::SimulatedDialect;
use crate::fuse::Fuse;
use crate::fused::Fused;
use crate::mutations::{MutatedBackend, MutatedStore, Mutation};
use crate::seams::{EmptyStager, InstantPlane, NoFunctions, SimulatedClock, world};
use crate::store::FusedStore;
use contracts::backend::{Backend, Provider};
use contracts::data_plane::DataPlane;
use contracts::objects::Objects;
use contracts::staging::Stager;
use contracts::store::memory::Memory;
use contracts::store::{Query, Store};
use contracts::telemetry::Telemetry;
use contracts::telemetry::memory::Memory as TelemetryMemory;
use contracts::world::World;
use control::context::Pace;
use control::driver::hints::Hints;
use control::jobs::checkpoints::Copies;
use control::rows::{Stored, read};
use control::runs::KnownRuns;
use control::{Caller, Control, driver};
use domain::job::{Job, Phase};
use domain::{Span, Workspace};
use std::collections::BTreeMap;
use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Arc, Mutex};

pub(crate) struct Simulation {
    pub(crate) store: Arc<Memory>,
    pub(crate) telemetry: Arc<TelemetryMemory>,
    pub(crate) backend: Arc<SimulatedBackend>,
    pub(crate) fuse: Arc<Fuse>,
    pub(crate) dialect: Arc<SimulatedDialect>,
    /// The law that its servers break.
    pub(crate) mutation: Option<Mutation>,
    clock: Arc<SimulatedClock>,
    world: World,
    objects: Arc<contracts::objects::memory::Memory>,
    pub(crate) plane: Arc<InstantPlane>,
    servers: [Option<Control>; 2],
    /// Up to how many bytes runs that go on are one row: with every second seed none is.
    whole_run: usize,
    born: u64,
    _folder: tempfile::TempDir,
}

impl Simulation {
    pub(crate) fn new(seed: u64) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let model = folder.path().join("model.bin");
        std::fs::write(&model, b"model").unwrap();
        let clock = Arc::new(SimulatedClock(AtomicI64::new(1_000_000)));
        let world = world(clock.clone());
        let (store, fuse) = (Arc::new(Memory::new()), Arc::new(Fuse::new(seed)));
        let backend = Arc::new(SimulatedBackend::new(store.clone(), fuse.clone(), model));
        let objects =
            contracts::objects::memory::Memory::new(world.clone(), folder.path().join("objects"));
        let dialect = SimulatedDialect::new(store.clone(), fuse.clone());
        Self {
            dialect: Arc::new(dialect),
            mutation: None,
            store,
            telemetry: Arc::new(TelemetryMemory::new()),
            backend,
            fuse,
            clock,
            world,
            objects: Arc::new(objects),
            plane: Arc::new(InstantPlane::default()),
            servers: [None, None],
            whole_run: if seed % 4 < 2 { 0 } else { 1 << 20 },
            born: 0,
            _folder: folder,
        }
    }

    /// A server whose calls go through the fuse, or not.
    pub(crate) fn server(&mut self, fused: bool) -> Control {
        self.born += 1;
        let mut store: Arc<dyn Store> = if fused {
            Arc::new(FusedStore {
                inner: self.store.clone(),
                fuse: self.fuse.clone(),
            })
        } else {
            self.store.clone()
        };
        let mut backend: Arc<dyn Backend> = self.backend.clone();
        if let Some(mutation) = self.mutation.filter(|_| fused) {
            store = Arc::new(MutatedStore {
                inner: store,
                backend: self.backend.clone(),
                mutation,
            });
            backend = Arc::new(MutatedBackend {
                inner: self.backend.clone(),
                mutation,
                asked: Mutex::default(),
            });
        }
        let provider = Provider {
            name: "simulated".to_owned(),
            backend,
            remains: Some(self.backend.clone()),
        };
        let mut telemetry: Arc<dyn Telemetry> = self.telemetry.clone();
        let mut objects: Arc<dyn Objects> = self.objects.clone();
        let mut stager: Arc<dyn Stager> = Arc::new(EmptyStager);
        let mut data_plane: Arc<dyn DataPlane> = self.plane.clone();
        if fused {
            telemetry = Arc::new(Fused::new(telemetry, &self.fuse));
            objects = Arc::new(Fused::new(objects, &self.fuse));
            stager = Arc::new(Fused::new(stager, &self.fuse));
            data_plane = Arc::new(Fused::new(data_plane, &self.fuse));
        }
        let dialects = control::activities::Dialects::default();
        dialects.add("simulated", self.dialect.clone());
        Control {
            store,
            telemetry,
            objects,
            stager,
            spending: Arc::new(contracts::spending::Unlimited),
            offers: None,
            refusals: control::plans::RefusalMemory::default(),
            providers: BTreeMap::from([("simulated".to_owned(), provider)]),
            data_plane,
            function_plane: Arc::new(NoFunctions),
            function_events: tokio::sync::Notify::new(),
            world: self.world.clone(),
            pace: Pace {
                live_jobs: 3,
                whole_run: self.whole_run,
                ..Pace::default()
            },
            job_env: std::sync::OnceLock::new(),
            job_keys: std::sync::OnceLock::new(),
            owner: format!("server-{}", self.born),
            hints: Hints::default(),
            copies: Copies::default(),
            known_runs: KnownRuns::default(),
            known_plans: control::plans::KnownPlans::default(),
            dialects,
        }
    }

    pub(crate) fn caller() -> Caller {
        Caller::system(Workspace::default())
    }

    /// Time passes.
    pub(crate) fn advance(&self, time: Span) {
        self.clock.0.fetch_add(time.0, Ordering::SeqCst);
    }

    /// One step: time passes, workloads move, one server works until it has nothing to do or
    /// dies; then the invariants must hold.
    pub(crate) async fn step(&mut self) {
        let pause = 200 + self.fuse.below(4_000) as i64;
        self.clock.0.fetch_add(pause, Ordering::SeqCst);
        self.backend.tick(self.world.now());
        let which = self.fuse.below(2) as usize;
        let server = match self.servers[which].take() {
            Some(server) => server,
            None => self.server(true),
        };
        let sweeps = self.fuse.below(8) == 0;
        let worked = async {
            if sweeps {
                let _ = server.sweep_orphans().await;
            }
            let _ = driver::drain(&server).await;
        };
        let died = tokio::select! {
            biased;
            () = self.fuse.crashed() => true,
            () = worked => false,
        };
        if !died {
            self.servers[which] = Some(server);
        }
        self.check().await;
    }

    /// All jobs.
    pub(crate) async fn jobs(&self) -> Vec<Job> {
        let query = Query {
            kind: Job::KIND.to_owned(),
            limit: 1_000,
            ..Query::default()
        };
        let rows = self.store.list(&query).await.unwrap().rows;
        rows.iter().map(|row| read(row).unwrap()).collect()
    }

    async fn check(&self) {
        self.backend.check();
        let live = self.backend.tickets();
        for job in self.jobs().await {
            if let Phase::Ended { .. } = job.phase {
                for attempt in &job.attempts {
                    assert!(
                        !live.contains(&attempt.ticket),
                        "`{}` has ended and left `{}` behind",
                        job.id,
                        attempt.ticket
                    );
                }
            }
            let mut tickets: Vec<_> = job.attempts.iter().map(|a| &a.ticket).collect();
            tickets.dedup();
            assert_eq!(
                tickets.len(),
                job.attempts.len(),
                "an attempt was recorded twice"
            );
        }
    }

    /// Goes on without faults until everything is at rest.
    pub(crate) async fn settle(&mut self) {
        self.fuse.off();
        self.servers = [None, None];
        let server = self.server(false);
        for _ in 0..400 {
            self.clock
                .0
                .fetch_add(Span::seconds(30).0, Ordering::SeqCst);
            self.backend.tick(self.world.now());
            let worked = driver::drain(&server).await.unwrap();
            self.check().await;
            if worked == 0 && self.is_at_rest().await {
                server.sweep_orphans().await.unwrap();
                return;
            }
        }
        panic!(
            "the simulation does not come to rest: {:#?}",
            self.restless().await
        );
    }

    async fn is_at_rest(&self) -> bool {
        self.restless().await.is_empty()
    }

    /// Rows that are still due some day, with their states.
    async fn restless(&self) -> Vec<String> {
        let mut restless = Vec::new();
        for kind in ["job", "run", "endpoint", "execution", "tuning"] {
            let query = Query {
                kind: kind.to_owned(),
                limit: 1_000,
                ..Query::default()
            };
            for row in self.store.list(&query).await.unwrap().rows {
                if row.row.due.is_some() {
                    let (id, phase) = (&row.row.key.id, &row.row.phase);
                    let steps = &row.row.body.value().unwrap()["steps"];
                    restless.push(format!("{kind} {id} {phase} due {:?} {steps}", row.row.due));
                }
            }
        }
        restless
    }
}
