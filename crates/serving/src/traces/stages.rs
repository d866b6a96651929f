//! The stages of one request, noted by whoever brings it on.

use super::parent::{Parent, drawn};
use super::{StageReport, milliseconds};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use tokio::time::Instant;

/// What lasts no longer is not worth a line.
const MOMENT: Duration = Duration::from_micros(50);

/// What a request went through; the default notes nothing.
#[derive(Debug, Clone, Default)]
pub struct Stages(Option<Arc<Notes>>);

#[derive(Debug)]
struct Notes {
    began: Instant,
    parent: Option<Parent>,
    span_id: String,
    stages: Mutex<Vec<Stage>>,
}

/// One stage.
#[derive(Debug, Clone, Copy)]
pub struct Stage {
    /// What was done.
    pub name: &'static str,
    /// From when.
    pub from: Instant,
    /// Until when.
    pub until: Instant,
}

impl Stages {
    /// Of a request that begins now.
    pub(crate) fn begin(parent: Option<Parent>) -> Self {
        // A span of ours is named only where somebody could hear of it.
        let span_id = parent.as_ref().map(|_| drawn(16)).unwrap_or_default();
        Self(Some(Arc::new(Notes {
            began: Instant::now(),
            parent,
            span_id,
            stages: Mutex::default(),
        })))
    }

    /// Notes a stage that ends now, if it was more than a moment.
    pub(crate) fn note(&self, name: &'static str, from: Instant) {
        if let Some(notes) = &self.0 {
            let until = Instant::now();
            if until.saturating_duration_since(from) < MOMENT {
                return;
            }
            let stages = notes.stages.lock();
            let mut stages = stages.unwrap_or_else(PoisonError::into_inner);
            stages.push(Stage { name, from, until });
        }
    }

    /// What whoever is called in the course of the request is told of its trace, if its caller said
    /// one.
    pub fn traceparent(&self) -> Option<String> {
        let notes = self.0.as_ref()?;
        let parent = notes.parent.as_ref()?;
        Some(parent.passed_on(&notes.span_id))
    }

    pub(super) fn parent(&self) -> (Option<&Parent>, String) {
        let notes = self.0.as_ref();
        let parent = notes.and_then(|notes| notes.parent.as_ref());
        let span_id = notes.map(|notes| notes.span_id.clone());
        let span_id = span_id.filter(|id| !id.is_empty());
        (parent, span_id.unwrap_or_else(|| drawn(16)))
    }

    pub(super) fn reports(&self) -> Vec<StageReport> {
        let Some(notes) = &self.0 else {
            return Vec::new();
        };
        let stages = notes.stages.lock().unwrap_or_else(PoisonError::into_inner);
        let report = |stage: &Stage| StageReport {
            name: stage.name,
            from_ms: milliseconds(stage.from.saturating_duration_since(notes.began)),
            milliseconds: milliseconds(stage.until.saturating_duration_since(stage.from)),
        };
        stages.iter().map(report).collect()
    }
}
