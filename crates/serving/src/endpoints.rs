//! All endpoints of one server.

use crate::budget::Budget;
use crate::call::{Request, Response};
use crate::capture::Recorder;
use crate::endpoint::{Around, Desired, Endpoint};
use crate::error::Error;
use crate::replica::ReplicaLauncher;
use crate::spec::{EndpointKey, EndpointSpec};
use crate::status::{EndpointStatus, Phase};
use crate::traces::{Spans, Trace};
use contracts::data_plane::CanaryReport;
use std::collections::BTreeMap;
use std::sync::{Arc, PoisonError, RwLock};
use tokio::sync::watch;

/// The data plane of one server; cheap to clone. Must be used within a tokio runtime.
#[derive(Clone)]
pub struct Endpoints {
    around: Around,
    all: Arc<RwLock<BTreeMap<EndpointKey, Arc<Endpoint>>>>,
}

impl Endpoints {
    /// A data plane whose replicas come from `launcher`.
    pub fn new(launcher: Arc<dyn ReplicaLauncher>) -> Self {
        Self {
            around: Around {
                launcher,
                budget: Arc::default(),
                announce: watch::Sender::new(0),
                recorder: None,
                spans: None,
            },
            all: Arc::default(),
        }
    }

    /// With so many bytes for all replicas together; warm floors are started whatever they take.
    #[must_use]
    pub fn with_memory(mut self, bytes: Option<u64>) -> Self {
        self.around.budget = Arc::new(Budget::new(bytes));
        self
    }

    /// With a place for what endpoints capture; without one nothing is captured.
    #[must_use]
    pub fn with_recorder(mut self, recorder: Recorder) -> Self {
        self.around.recorder = Some(recorder);
        self
    }

    /// With somebody who hears of every request that ended.
    #[must_use]
    pub fn with_spans(mut self, spans: Option<Spans>) -> Self {
        self.around.spans = spans;
        self
    }

    /// Who hears of every request that ended, if anybody does.
    pub fn spans(&self) -> Option<&Spans> {
        self.around.spans.as_ref()
    }

    /// What captures, if anything does.
    pub fn recorder(&self) -> Option<&Recorder> {
        self.around.recorder.as_ref()
    }

    /// Canaries that have been judged and whose endpoints have not been changed since.
    pub fn canaries(&self) -> Vec<CanaryReport> {
        let all = self.all.read().unwrap_or_else(PoisonError::into_inner);
        all.values()
            .filter_map(|endpoint| endpoint.judged())
            .collect()
    }

    /// Takes the desired state of an endpoint and returns at once; the rest is seen in
    /// [`Self::status`]. The same state of the same generation changes nothing.
    ///
    /// # Errors
    /// [`Error::Invalid`] for a spec that contradicts itself, [`Error::Stale`] for a generation
    /// that is older than the present one, or the same with another spec.
    pub fn apply(&self, spec: EndpointSpec, generation: u64) -> Result<(), Error> {
        spec.check()?;
        let spec = Arc::new(spec);
        let mut all = self.all.write().unwrap_or_else(PoisonError::into_inner);
        if let Some(endpoint) = all.get(&spec.key) {
            return endpoint.apply(spec, generation);
        }
        let key = spec.key.clone();
        let desired = Desired {
            generation,
            spec: Some(spec),
        };
        let endpoint = Endpoint::start(key.clone(), self.around.clone(), desired);
        all.insert(key, endpoint);
        Ok(())
    }

    /// What is seen of an endpoint; none when it is not here.
    pub fn status(&self, key: &EndpointKey) -> Option<EndpointStatus> {
        self.find(key).map(|endpoint| endpoint.status())
    }

    /// The slowest requests of an endpoint in the last minutes, the slowest first; none when it is
    /// not here.
    pub fn traces(&self, key: &EndpointKey) -> Option<Vec<Trace>> {
        self.find(key).map(|endpoint| endpoint.traces())
    }

    /// The endpoints that are here, in order.
    pub fn list(&self) -> Vec<EndpointKey> {
        self.all
            .read()
            .unwrap_or_else(PoisonError::into_inner)
            .keys()
            .cloned()
            .collect()
    }

    /// Completes when the endpoint serves at least `generation` with all its replicas, with what is
    /// seen then. Bound it with a timeout of your own.
    ///
    /// # Errors
    /// [`Error::NoEndpoint`] when it is removed meanwhile, [`Error::Invalid`] with the reason when
    /// a replica of it does not start.
    pub async fn settled(
        &self,
        key: &EndpointKey,
        generation: u64,
    ) -> Result<EndpointStatus, Error> {
        let mut changed = self.around.announce.subscribe();
        loop {
            changed.borrow_and_update();
            let status = self
                .status(key)
                .ok_or_else(|| Error::NoEndpoint(key.clone()))?;
            match &status.phase {
                Phase::Failing { message } if status.generation >= generation => {
                    return Err(Error::Invalid(message.clone()));
                }
                Phase::Ready if status.serving >= Some(generation) && status.full() => {
                    return Ok(status);
                }
                _ => {}
            }
            if changed.changed().await.is_err() {
                return Err(Error::NoEndpoint(key.clone()));
            }
        }
    }

    /// A receiver whose value changes whenever any status may have changed.
    pub fn changes(&self) -> watch::Receiver<u64> {
        self.around.announce.subscribe()
    }

    /// Answers a request on an endpoint.
    ///
    /// # Errors
    /// See [`Error`]; [`Error::status`] and [`Error::retry_after`] say it in HTTP.
    pub async fn invoke(&self, key: &EndpointKey, request: Request) -> Result<Response, Error> {
        let endpoint = self
            .find(key)
            .ok_or_else(|| Error::NoEndpoint(key.clone()))?;
        endpoint.invoke(request).await
    }

    /// Whether there is such an endpoint.
    pub fn has(&self, key: &EndpointKey) -> bool {
        let all = self.all.read().unwrap_or_else(PoisonError::into_inner);
        all.contains_key(key)
    }

    /// Takes an endpoint down: requests under way are answered, then all replicas end; completes
    /// when none is left. Absence is no error.
    pub async fn remove(&self, key: &EndpointKey) {
        let removed = self
            .all
            .write()
            .unwrap_or_else(PoisonError::into_inner)
            .remove(key);
        if let Some(endpoint) = removed {
            self.around.announce.send_modify(|count| *count += 1);
            endpoint.remove().await;
        }
    }

    /// Takes all endpoints down, at the same time.
    pub async fn shut_down(&self) {
        let keys = self.list();
        futures::future::join_all(keys.iter().map(|key| self.remove(key))).await;
        if let Some(recorder) = self.recorder() {
            recorder.flush().await;
        }
    }

    fn find(&self, key: &EndpointKey) -> Option<Arc<Endpoint>> {
        self.all
            .read()
            .unwrap_or_else(PoisonError::into_inner)
            .get(key)
            .cloned()
    }
}

impl EndpointStatus {
    /// True when every deployment has as many ready replicas as were asked for.
    pub fn full(&self) -> bool {
        self.deployments
            .iter()
            .all(|deployment| deployment.ready >= deployment.wanted)
    }
}
