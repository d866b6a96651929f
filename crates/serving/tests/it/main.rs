//! The data plane with real Python processes, and its routing with replicas in memory.

mod codecs;
mod handlers;
mod lifecycle;
mod oip;
mod plane;
mod protocol_abuse;
mod rollout;
mod scikit_learn;
mod support;
mod trouble;
