//! The other seams, as simple as they may be.

use contracts::data_plane::{
    Answer, CanaryReport, DataPlane, DesiredEndpoint, EndpointObservation, Invocation,
};
use contracts::functions::{
    FunctionAnswer, FunctionCall, FunctionFigures, FunctionLogLine, FunctionObservation,
    FunctionTarget, Functions,
};
use contracts::staging::{StageError, StagedInputs, Stager};
use contracts::world::{Clock, Entropy, World};
use domain::job::JobSpec;
use domain::{EndpointName, FunctionName, Name, Refusal, Timestamp, Workspace};
use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::atomic::{AtomicI64, AtomicU64, Ordering};
use std::sync::{Arc, Mutex};

/// A clock that the simulation moves.
pub(crate) struct SimulatedClock(pub(crate) AtomicI64);

impl Clock for SimulatedClock {
    fn now(&self) -> Timestamp {
        Timestamp(self.0.load(Ordering::SeqCst))
    }
}

/// Numbers in order: unique, and the same in every run.
#[derive(Default)]
pub(crate) struct Counting(AtomicU64);

impl Entropy for Counting {
    fn fill(&self, buffer: &mut [u8]) {
        let number = self.0.fetch_add(1, Ordering::SeqCst).to_le_bytes();
        for (index, byte) in buffer.iter_mut().enumerate() {
            *byte = number[index % number.len()];
        }
    }
}

pub(crate) fn world(clock: Arc<SimulatedClock>) -> World {
    World {
        clock,
        entropy: Arc::new(Counting::default()),
    }
}

/// Every location exists and is empty.
pub(crate) struct EmptyStager;

#[async_trait::async_trait]
impl Stager for EmptyStager {
    async fn stage(&self, _: &Workspace, _: &JobSpec) -> Result<StagedInputs, StageError> {
        Ok(StagedInputs::default())
    }
    async fn folder(&self, _: &Workspace, location: &str) -> Result<PathBuf, StageError> {
        Ok(PathBuf::from("/nowhere").join(location.len().to_string()))
    }
    async fn content_hash(&self, _: &Workspace, location: &str) -> Result<String, StageError> {
        Ok(format!("{:064x}", location.len()))
    }
}

/// Endpoints are ready as soon as they are applied.
#[derive(Default)]
pub(crate) struct InstantPlane(
    Mutex<BTreeMap<EndpointName, u64>>,
    /// What it says of canaries.
    pub(crate) Mutex<Vec<CanaryReport>>,
);

#[async_trait::async_trait]
impl DataPlane for InstantPlane {
    async fn apply(&self, desired: DesiredEndpoint) {
        self.0
            .lock()
            .unwrap()
            .insert(desired.name, desired.generation);
    }
    async fn observe(&self, _: &Workspace, name: &EndpointName) -> EndpointObservation {
        match self.0.lock().unwrap().get(name) {
            None => EndpointObservation::Absent,
            Some(generation) => EndpointObservation::Ready {
                generation: *generation,
            },
        }
    }
    async fn remove(&self, _: &Workspace, name: &EndpointName) {
        self.0.lock().unwrap().remove(name);
    }
    async fn invoke(
        &self,
        _: &Workspace,
        name: &EndpointName,
        request: Invocation,
    ) -> Result<Answer, Refusal> {
        if !self.0.lock().unwrap().contains_key(name) {
            return Err(Refusal::not_found("endpoint", name));
        }
        Ok(Answer {
            status: http::StatusCode::OK,
            headers: Vec::new(),
            content_type: "application/json".to_owned(),
            body: request.body,
            deployment: Name::new("v1").unwrap(),
            model: "model:1".to_owned(),
            microseconds: 1,
        })
    }
    fn canaries(&self) -> Vec<CanaryReport> {
        self.1.lock().unwrap().clone()
    }
    async fn changed(&self) {
        std::future::pending::<()>().await;
    }
}

/// No function was ever made ready.
pub(crate) struct NoFunctions;

#[async_trait::async_trait]
impl Functions for NoFunctions {
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
