//! The places that run workloads, one folder each: this machine, clusters, clouds.

pub mod local;
