//! Why a request was not answered, and why a deployment is not there.

use crate::replica::Departure;
use crate::spec::EndpointKey;
use domain::{Name, Refusal, Span};
use http::StatusCode;
use serde::{Deserialize, Serialize};
use std::fmt;
use std::time::Duration;

/// What this crate answers instead of a prediction.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Error {
    /// No such endpoint here.
    #[error("endpoint `{0}` was not found")]
    NoEndpoint(EndpointKey),
    /// The endpoint has no such deployment.
    #[error("endpoint `{endpoint}` has no deployment `{variant}`")]
    NoVariant {
        /// The endpoint.
        endpoint: EndpointKey,
        /// The name asked for.
        variant: Name,
    },
    /// The desired state itself is wrong.
    #[error("{0}")]
    Invalid(String),
    /// An older or different desired state than the present one of that generation.
    #[error("generation {given} is not newer than {present}, which is being served")]
    Stale {
        /// The generation given.
        given: u64,
        /// The present one.
        present: u64,
    },
    /// The body is larger than the endpoint takes.
    #[error("the body has {bytes} bytes; this endpoint takes at most {most}")]
    TooLarge {
        /// Size of the body.
        bytes: usize,
        /// The limit.
        most: usize,
    },
    /// The queue is full.
    #[error(
        "deployment `{variant}` has {waiting} requests waiting, which is its limit; try again later"
    )]
    Busy {
        /// The deployment.
        variant: Name,
        /// How many wait.
        waiting: usize,
        /// When a place is likely free.
        after: Duration,
    },
    /// Nothing can answer right now.
    #[error("deployment `{variant}` cannot answer: {message}")]
    Unavailable {
        /// The deployment.
        variant: Name,
        /// Why.
        message: String,
        /// When it is tried again.
        after: Duration,
    },
    /// The caller's deadline passed before a replica was free; nothing was run.
    #[error("no replica of `{variant}` was free within {} ms", .waited.as_millis())]
    Crowded {
        /// The deployment.
        variant: Name,
        /// How long it waited.
        waited: Duration,
    },
    /// The caller's deadline passed while the handler ran.
    #[error("the deadline of {} ms passed while the handler of `{variant}` ran", .waited.as_millis())]
    Late {
        /// The deployment.
        variant: Name,
        /// How long the caller waited.
        waited: Duration,
    },
    /// The handler took longer than the deployment allows; its replica was replaced.
    #[error("the handler of `{variant}` did not answer within {} ms and was stopped", .limit.as_millis())]
    Hung {
        /// The deployment.
        variant: Name,
        /// The limit.
        limit: Duration,
    },
    /// The replica died in the middle of the call.
    #[error("the replica of `{variant}` died while answering: {departure}")]
    Crashed {
        /// The deployment.
        variant: Name,
        /// How it died.
        departure: Departure,
    },
    /// The request is wrong in the eyes of the handler's decoder.
    #[error("{message}")]
    Refused {
        /// 400, 406 or 415.
        status: StatusCode,
        /// What is wrong and what to send.
        message: String,
    },
    /// The user's code raised.
    #[error("{0}")]
    Fault(Box<Fault>),
    /// The answer is larger than the endpoint gives.
    #[error("the answer of `{variant}` has {bytes} bytes; the limit is {most}")]
    AnswerTooLarge {
        /// The deployment.
        variant: Name,
        /// Size of the answer.
        bytes: u64,
        /// The limit.
        most: usize,
    },
    /// A file of ours could not be written or a process not be prepared.
    #[error("{what}: {why}")]
    Machine {
        /// What was being done.
        what: String,
        /// The system's reason.
        why: String,
    },
}

/// An exception of user code, or a load that failed, as the worker describes it.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Fault {
    /// The exception's type.
    #[serde(rename = "type")]
    pub kind: String,
    /// Its message, shortened.
    pub message: String,
    /// `load` or `predict`.
    #[serde(default)]
    pub stage: String,
    /// The file of user code where it was raised.
    #[serde(default)]
    pub file: Option<String>,
    /// The line there.
    #[serde(default)]
    pub line: Option<u32>,
    /// The function there.
    #[serde(default)]
    pub function: Option<String>,
    /// The text of that line.
    #[serde(default)]
    pub code: Option<String>,
    /// The whole traceback, shortened; for logs.
    #[serde(default)]
    pub traceback: String,
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.kind == "LoadFault" {
            return f.write_str(&self.message);
        }
        write!(f, "{}: {}", self.kind, self.message)?;
        if let Some(file) = &self.file {
            write!(f, " ({file}")?;
            if let Some(line) = self.line {
                write!(f, ", line {line}")?;
            }
            if let Some(function) = &self.function {
                write!(f, ", in `{function}`")?;
            }
            f.write_str(")")?;
        }
        Ok(())
    }
}

impl Error {
    /// The HTTP status that says the same.
    pub fn status(&self) -> StatusCode {
        match self {
            Self::NoEndpoint(_) | Self::NoVariant { .. } => StatusCode::NOT_FOUND,
            Self::Invalid(_) => StatusCode::BAD_REQUEST,
            Self::Stale { .. } => StatusCode::CONFLICT,
            Self::TooLarge { .. } => StatusCode::PAYLOAD_TOO_LARGE,
            Self::Busy { .. } => StatusCode::TOO_MANY_REQUESTS,
            Self::Unavailable { .. } | Self::Crowded { .. } => StatusCode::SERVICE_UNAVAILABLE,
            Self::Late { .. } | Self::Hung { .. } => StatusCode::GATEWAY_TIMEOUT,
            Self::Crashed { .. } => StatusCode::BAD_GATEWAY,
            Self::Refused { status, .. } => *status,
            Self::Fault(_) | Self::AnswerTooLarge { .. } | Self::Machine { .. } => {
                StatusCode::INTERNAL_SERVER_ERROR
            }
        }
    }

    /// The Retry-After header in whole seconds, at least 1, where trying again makes sense.
    pub fn retry_after(&self) -> Option<u64> {
        match self {
            Self::Busy { after, .. } | Self::Unavailable { after, .. } => {
                Some(after.as_millis().div_ceil(1000).max(1) as u64)
            }
            Self::Crowded { .. } => Some(1),
            _ => None,
        }
    }
}

impl From<Error> for Refusal {
    fn from(error: Error) -> Self {
        let message = error.to_string();
        match error {
            Error::NoEndpoint(key) => Self::not_found("endpoint", key.name),
            Error::NoVariant { variant, .. } => Self::not_found("deployment", variant),
            Error::Invalid(_) | Error::TooLarge { .. } | Error::Refused { .. } => {
                Self::Invalid { message }
            }
            Error::Stale { .. } => Self::Conflict { message },
            Error::Busy { after, .. } => Self::Throttled {
                message,
                after: Span::from(after),
            },
            Error::Unavailable { .. }
            | Error::Crowded { .. }
            | Error::Late { .. }
            | Error::Hung { .. }
            | Error::Crashed { .. } => Self::Unavailable { message },
            Error::Fault(_) | Error::AnswerTooLarge { .. } => Self::ModelFailed { message },
            Error::Machine { .. } => Self::Internal { message },
        }
    }
}
