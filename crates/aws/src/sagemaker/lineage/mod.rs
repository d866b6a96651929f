//! Lineage: actions, artifacts and contexts, what is associated with what, and walks along it.

pub(crate) mod associations;
pub(crate) mod query;
