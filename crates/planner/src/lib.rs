//! The planner: the provably best place for every workload, with reasons, offline.

mod search;
