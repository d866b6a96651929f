//! Feature groups: an entity with definitions, an online store of one document a record, and an
//! offline store that is written to a bucket as Parquet.

pub(crate) mod group;
pub(crate) mod metadata;
pub(crate) mod moment;
pub(crate) mod offline;
pub(crate) mod online;
mod parquet;
pub(crate) mod record;

pub use offline::flush;
