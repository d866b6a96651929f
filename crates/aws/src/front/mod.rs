//! Tells requests of AWS' SDKs from others, and each service's from another's.

mod answer;
mod authenticate;
mod detect;
mod places;

pub use answer::router;
pub use detect::is_aws;
pub(crate) use places::{is_for_s3, place};
