//! A year and a half of one series, minute by minute at the ends.

use super::*;
use crate::monitoring::series::{Name, Values};
use contracts::data_plane::{Answer, DataPlane, DesiredEndpoint, EndpointObservation, Invocation};
use contracts::functions::{
    FunctionAnswer, FunctionCall, FunctionFigures, FunctionLogLine, FunctionObservation,
    FunctionTarget, Functions,
};
use contracts::staging::{StageError, StagedInputs, Stager};
use contracts::world::{Clock, Entropy, World};
use domain::job::JobSpec;
use domain::{EndpointName, FunctionName, Span, Workspace};
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, AtomicU64, Ordering};

/// Whatever is not asked here.
struct Nothing;

#[async_trait::async_trait]
impl Stager for Nothing {
    async fn stage(&self, _: &Workspace, _: &JobSpec) -> Result<StagedInputs, StageError> {
        Ok(StagedInputs::default())
    }
    async fn folder(&self, _: &Workspace, _: &str) -> Result<PathBuf, StageError> {
        Ok(PathBuf::new())
    }
    async fn content_hash(&self, _: &Workspace, _: &str) -> Result<String, StageError> {
        Ok(String::new())
    }
}

#[async_trait::async_trait]
impl DataPlane for Nothing {
    async fn apply(&self, _: DesiredEndpoint) {}
    async fn observe(&self, _: &Workspace, _: &EndpointName) -> EndpointObservation {
        EndpointObservation::Absent
    }
    async fn remove(&self, _: &Workspace, _: &EndpointName) {}
    async fn invoke(
        &self,
        _: &Workspace,
        name: &EndpointName,
        _: Invocation,
    ) -> Result<Answer, Refusal> {
        Err(Refusal::not_found("endpoint", name))
    }
    fn canaries(&self) -> Vec<contracts::data_plane::CanaryReport> {
        Vec::new()
    }
    async fn changed(&self) {
        std::future::pending::<()>().await;
    }
}

#[async_trait::async_trait]
impl Functions for Nothing {
    async fn prepare(&self, _: &FunctionTarget) {}
    async fn observe(&self, _: &FunctionTarget) -> FunctionObservation {
        FunctionObservation::Absent
    }
    async fn invoke(
        &self,
        target: &FunctionTarget,
        _: FunctionCall,
    ) -> Result<FunctionAnswer, Refusal> {
        Err(Refusal::not_found("function", &target.name))
    }
    async fn retire(&self, _: &Workspace, _: &FunctionName, _: &[String]) {}
    fn log(&self, _: &Workspace, _: &FunctionName, _: usize) -> Vec<FunctionLogLine> {
        Vec::new()
    }
    fn figures(&self, _: &Workspace, _: &FunctionName) -> FunctionFigures {
        FunctionFigures::default()
    }
    async fn changed(&self) {
        std::future::pending::<()>().await;
    }
}

struct Moved(AtomicI64);

impl Clock for Moved {
    fn now(&self) -> Timestamp {
        Timestamp(self.0.load(Ordering::SeqCst))
    }
}

struct Counting(AtomicU64);

impl Entropy for Counting {
    fn fill(&self, buffer: &mut [u8]) {
        let number = self.0.fetch_add(1, Ordering::SeqCst).to_le_bytes();
        for (place, byte) in buffer.iter_mut().enumerate() {
            *byte = number[place % number.len()];
        }
    }
}

fn control(clock: Arc<Moved>) -> Control {
    let world = World {
        clock,
        entropy: Arc::new(Counting(AtomicU64::new(0))),
    };
    let objects = contracts::objects::memory::Memory::new(world.clone(), PathBuf::new());
    Control {
        store: Arc::new(contracts::store::memory::Memory::default()),
        telemetry: Arc::new(contracts::telemetry::memory::Memory::default()),
        objects: Arc::new(objects),
        stager: Arc::new(Nothing),
        spending: Arc::new(contracts::spending::Unlimited),
        offers: None,
        refusals: control::plans::RefusalMemory::default(),
        providers: BTreeMap::new(),
        data_plane: Arc::new(Nothing),
        function_plane: Arc::new(Nothing),
        function_events: tokio::sync::Notify::new(),
        world,
        pace: control::context::Pace::default(),
        job_env: std::sync::OnceLock::new(),
        job_keys: std::sync::OnceLock::new(),
        owner: "server".to_owned(),
        hints: control::driver::hints::Hints::default(),
        copies: control::jobs::checkpoints::Copies::default(),
        known_runs: control::runs::KnownRuns::default(),
        known_plans: control::plans::KnownPlans::default(),
        dialects: control::activities::Dialects::default(),
    }
}

const MINUTE: i64 = 60_000;
const DAY_LONG: i64 = 24 * 60 * MINUTE;

async fn put(control: &Control, caller: &Caller, minutes: i64) {
    let name = Name::new("Own", "load", Vec::new());
    for minute in 0..minutes {
        let sample = Sample {
            at: control.world.now() - Span(minute * MINUTE),
            unit: None,
            values: Values::Each(vec![(minute as f64, 1.0)]),
        };
        crate::monitoring::series::keep(control, caller, &name, &[sample])
            .await
            .unwrap();
    }
}

/// All pieces: how many documents, how many samples, and how many values they stand for.
async fn kept(control: &Control) -> (usize, usize, f64) {
    let (mut documents, mut samples, mut values, mut after) = (0, 0, 0.0, None);
    loop {
        let filter = DocumentFilter {
            kind: PIECE.to_owned(),
            after,
            limit: 500,
            ..DocumentFilter::default()
        };
        let (page, next) = control.documents_anywhere(&filter).await.unwrap();
        for document in page {
            documents += 1;
            for sample in read(&document).unwrap() {
                samples += 1;
                if let Values::Each(each) = &sample.values {
                    values += each.iter().map(|(_, count)| count).sum::<f64>();
                }
            }
        }
        after = next;
        if after.is_none() {
            return (documents, samples, values);
        }
    }
}

#[tokio::test]
async fn values_grow_coarser_with_their_age_and_go_at_last() {
    // Noon of a day.
    let clock = Arc::new(Moved(AtomicI64::new(20_000 * DAY_LONG + DAY_LONG / 2)));
    let control = control(clock.clone());
    let caller = Caller::system(Workspace::default());
    let pass = |days: i64| {
        clock.0.fetch_add(days * DAY_LONG, Ordering::SeqCst);
        let control = &control;
        async move {
            super::pass(control, &mut Retained::default())
                .await
                .unwrap();
        }
    };
    put(&control, &caller, 600).await;
    pass(0).await;
    // What came in the last three hours is as it came: 180 values, and one document for the rest.
    assert_eq!(kept(&control).await, (181, 600, 600.0));
    pass(0).await;
    assert_eq!(kept(&control).await, (181, 600, 600.0));
    pass(15).await;
    assert_eq!(kept(&control).await, (1, 600, 600.0));
    pass(1).await;
    let (documents, samples, values) = kept(&control).await;
    assert_eq!((documents, values), (1, 600.0));
    assert!((120..=121).contains(&samples), "{samples}");
    pass(48).await;
    let (documents, samples, values) = kept(&control).await;
    assert_eq!((documents, values), (1, 600.0));
    assert!((10..=11).contains(&samples), "{samples}");
    // Old values that come late join their day, however coarse it is.
    let series = DocumentFilter {
        kind: SERIES.to_owned(),
        ..DocumentFilter::default()
    };
    assert_eq!(
        control.documents_anywhere(&series).await.unwrap().0.len(),
        1
    );
    pass(391).await;
    let (documents, _, values) = kept(&control).await;
    assert_eq!((documents, values), (1, 600.0));
    pass(1).await;
    assert_eq!(kept(&control).await, (0, 0, 0.0));
    assert!(
        control
            .documents_anywhere(&series)
            .await
            .unwrap()
            .0
            .is_empty()
    );
}
