//! The data plane: what answers predictions.
//!
//! [`Endpoints`] is given the desired state of each endpoint and makes it so: replicas are started,
//! kept alive, replaced without a failed request and shared out by traffic shares. What a replica
//! is stays behind [`ReplicaLauncher`] and [`Replica`]: today a Python process ([`python`]), in
//! tests a closure ([`memory`]); a fork server or a native predictor is another launcher, and
//! autoscaling another caller of the same pools. Nothing here knows HTTP servers: requests and
//! answers are plain values, and [`oip`] translates the Open Inference Protocol into them.

mod backoff;
pub mod batching;
mod budget;
pub mod call;
pub mod capture;
pub mod conformance;
pub mod drift;
mod endpoint;
mod endpoints;
pub mod error;
pub mod figures;
pub mod histogram;
pub mod logs;
pub mod memory;
mod memory_of;
pub mod native;
pub mod oip;
mod plane;
mod pool;
pub mod prometheus;
pub mod python;
mod rate;
pub mod replica;
pub mod spec;
mod split;
pub mod status;
pub mod traces;
mod traffic;
pub mod usage;

pub use call::{Answer, Call, Request, Response};
pub use domain::endpoint::Retry;
pub use endpoints::Endpoints;
pub use error::{Error, Fault};
pub use plane::Plane;
pub use replica::{Departure, LaunchError, LaunchOrder, Replica, ReplicaError, ReplicaLauncher};
pub use spec::{DeploymentSpec, EndpointKey, EndpointSpec, Form, Handler, Limits, Timing};
pub use status::{DeploymentStatus, EndpointStatus, Phase};
