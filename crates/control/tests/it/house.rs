//! A house with two providers that can be full, on the simulation's store and clock.

use crate::backend::SimulatedBackend;
use crate::simulation::Simulation;
use contracts::backend::{
    Advice, Backend, BackendError, Observation, Provider, Removal, Unsupported, Workload,
};
use control::plans::{Offers, RunPlans};
use control::runs::NewRun;
use control::{Control, driver};
use domain::day::Day;
use domain::job::{Entry, Job, JobSpec, Placement};
use domain::offer::{Architecture, Exactness, Machine, Offer, OfferTable, Source};
use domain::pipeline::{PipelineSpec, StepAction, StepSpec};
use domain::policy::Policy;
use domain::{Money, Name, RunId, Span, TicketId, Timestamp};
use planner::market::Market;
use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

/// Two providers that sell one machine each, the first at half of the second's price.
pub(crate) struct TwoOffers;

fn price_lists() -> Arc<OfferTable> {
    let mut table = OfferTable::builder();
    let source = Source {
        name: "list".into(),
        note: "made by hand".into(),
        as_of: Day::from_days(20_000),
        exactness: Exactness::Exact,
    };
    let source = table.source(source).unwrap();
    for (provider, name, region, price) in
        [("alpha", "a1", "x", 100_000), ("beta", "b1", "y", 200_000)]
    {
        table.push(Offer {
            machine: Machine {
                provider: provider.into(),
                name: name.into(),
                vcpus_milli: 4_000,
                memory_bytes: 16 << 30,
                architecture: Architecture::X86_64,
                accelerator: None,
            },
            region: region.into(),
            zone: "".into(),
            prices: [Some(Money::micros(price)), None, None, None],
            sources: [source; 4],
            interruption_percent: None,
        });
    }
    Arc::new(table.build().unwrap())
}

pub(crate) fn market() -> Arc<Market> {
    let market = Market::builder(Arc::default(), Arc::default()).offers(price_lists());
    Arc::new(market.edition("two").build().unwrap())
}

impl Offers for TwoOffers {
    fn here(&self) -> (u32, u64) {
        (1_000, 1 << 30)
    }
    fn market(&self, further: bool, _now: Timestamp) -> Result<Arc<Market>, String> {
        assert!(further, "providers besides this machine are configured");
        Ok(market())
    }
    fn prices(&self) -> Result<Arc<OfferTable>, String> {
        Ok(price_lists())
    }
}

/// A provider that has no room for so many calls to come, or cannot run anything.
pub(crate) struct Full {
    pub(crate) inner: Arc<SimulatedBackend>,
    pub(crate) refusals: AtomicUsize,
    pub(crate) unable: AtomicBool,
    pub(crate) place: &'static str,
}

#[async_trait::async_trait]
impl Backend for Full {
    fn refuses(&self, _spec: &JobSpec) -> Vec<Unsupported> {
        if !self.unable.load(Ordering::SeqCst) {
            return Vec::new();
        }
        vec![Unsupported {
            demand: "image".to_owned(),
            reason: "it starts no images".to_owned(),
        }]
    }
    async fn ensure(
        &self,
        ticket: &TicketId,
        workload: &Workload,
        at: &Placement,
    ) -> Result<(), BackendError> {
        let place = format!("{} in {}", at.machine_type, at.region);
        assert_eq!(place, self.place, "a provider is asked for what it sells");
        let left = self.refusals.load(Ordering::SeqCst);
        if left > 0 {
            self.refusals.store(left - 1, Ordering::SeqCst);
            return Err(BackendError {
                message: format!("no {place} is left"),
                advice: Advice::PlanElsewhere,
                source: None,
            });
        }
        self.inner.ensure(ticket, workload, at).await
    }
    async fn observe(&self, tickets: &[TicketId]) -> Result<Vec<Observation>, BackendError> {
        self.inner.observe(tickets).await
    }
    async fn stop(&self, ticket: &TicketId) -> Result<(), BackendError> {
        self.inner.stop(ticket).await
    }
    async fn remove(&self, ticket: &TicketId) -> Result<Removal, BackendError> {
        self.inner.remove(ticket).await
    }
    async fn inventory(&self) -> Result<Vec<TicketId>, BackendError> {
        self.inner.inventory().await
    }
    async fn changed(&self) {
        std::future::pending::<()>().await;
    }
}

/// The house with its two providers.
pub(crate) struct House {
    pub(crate) simulation: Simulation,
    pub(crate) alpha: Arc<Full>,
    pub(crate) beta: Arc<Full>,
    _folder: tempfile::TempDir,
}

impl House {
    pub(crate) fn new() -> Self {
        let simulation = Simulation::new(7);
        simulation.fuse.off();
        let folder = tempfile::tempdir().unwrap();
        let model = folder.path().join("model.bin");
        std::fs::write(&model, b"model").unwrap();
        let provider = |place| {
            let (store, fuse) = (simulation.store.clone(), simulation.fuse.clone());
            Arc::new(Full {
                inner: Arc::new(SimulatedBackend::new(store, fuse, model.clone())),
                refusals: AtomicUsize::new(0),
                unable: AtomicBool::new(false),
                place,
            })
        };
        Self {
            alpha: provider("a1 in x"),
            beta: provider("b1 in y"),
            simulation,
            _folder: folder,
        }
    }

    /// A server that has met no refusal yet.
    pub(crate) fn server(&mut self) -> Control {
        let mut server = self.simulation.server(false);
        server.offers = Some(Arc::new(TwoOffers));
        let both = [("alpha", &self.alpha), ("beta", &self.beta)];
        let both = both.map(|(name, full)| {
            let provider = Provider {
                name: name.to_owned(),
                backend: full.clone(),
                remains: Some(full.inner.clone()),
            };
            (name.to_owned(), provider)
        });
        server.providers = BTreeMap::from(both);
        server
    }

    /// Time passes, workloads move, the server works.
    pub(crate) async fn pass(&self, server: &Control, time: Span) {
        self.simulation.advance(time);
        for full in [&self.alpha, &self.beta] {
            full.inner.tick(server.world.now());
        }
        driver::drain(server).await.unwrap();
    }

    pub(crate) async fn until_over(&self, server: &Control) -> Job {
        for _ in 0..60 {
            self.pass(server, Span::seconds(10)).await;
            let jobs = self.simulation.jobs().await;
            if jobs.iter().all(|it| it.phase.outcome().is_some()) {
                return jobs.into_iter().max_by_key(|it| it.created).unwrap();
            }
        }
        panic!("it does not end: {:#?}", self.simulation.jobs().await)
    }
}

pub(crate) fn spec() -> JobSpec {
    let mut spec = JobSpec::new(Entry::Command {
        argv: vec!["true".to_owned()],
    });
    spec.expected.run_time = Some(Span::hours(1));
    spec
}

/// A pipeline of one job, another one at another time, so that no run takes the result of the one
/// before.
fn pipeline(at: Timestamp) -> PipelineSpec {
    let mut spec = spec();
    spec.env.insert("AT".to_owned(), at.0.to_string());
    PipelineSpec {
        name: Name::new("churn").unwrap(),
        parameters: BTreeMap::new(),
        steps: vec![StepSpec {
            name: Name::new("train").unwrap(),
            needs: Vec::new(),
            for_each: None,
            action: StepAction::Job { job: spec.into() },
        }],
        policy: Policy {
            maximum_cost: Some(Money::dollars(1)),
            deadline: Some(Span::hours(3)),
            ..Policy::default()
        },
        tags: BTreeMap::new(),
    }
}

pub(crate) async fn submit(server: &Control) -> RunId {
    let new = NewRun {
        spec: pipeline(server.world.now()),
    };
    let run = server.submit_run(&Simulation::caller(), &new).await;
    run.unwrap().id
}

pub(crate) async fn plans(server: &Control, run: &RunId) -> RunPlans {
    server.run_plan(&Simulation::caller(), run).await.unwrap()
}

pub(crate) fn provider(plans: &RunPlans) -> String {
    let plan = plans.first.kept.plan().unwrap();
    plan.placed[0].offer.site.provider.to_string()
}

pub(crate) fn providers(job: &Job) -> Vec<&str> {
    let attempts = job.attempts.iter();
    attempts.map(|it| it.placement.provider.as_str()).collect()
}
