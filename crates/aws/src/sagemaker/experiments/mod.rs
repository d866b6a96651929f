//! Experiments, trials and trial components. A component is a document, or a view of the job that
//! it was made by; metrics that were put to it are kept in batches.

pub(crate) mod components;
pub(crate) mod jobs;
pub(crate) mod metrics;
pub(crate) mod trials;
