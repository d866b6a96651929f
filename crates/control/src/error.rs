//! The errors of reconcilers and commands, and how they look to callers.

use contracts::backend::BackendError;
use contracts::objects::ObjectError;
use contracts::staging::StageError;
use contracts::store::StoreError;
use domain::Refusal;

/// What can go wrong inside.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// A refusal for the caller.
    #[error(transparent)]
    Refused(#[from] Refusal),
    /// The store.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// A provider.
    #[error(transparent)]
    Backend(#[from] BackendError),
    /// The object store.
    #[error(transparent)]
    Objects(#[from] ObjectError),
    /// An input.
    #[error(transparent)]
    Stage(#[from] StageError),
    /// A row whose JSON is not what this version writes.
    #[error("the stored {kind} `{id}` cannot be read; was it written by a newer version?")]
    Unreadable {
        /// Kind of the row.
        kind: String,
        /// Its id.
        id: String,
        /// Where the JSON differs.
        #[source]
        source: serde_json::Error,
    },
}

impl From<Error> for Refusal {
    fn from(error: Error) -> Self {
        match error {
            Error::Refused(refusal) => refusal,
            Error::Store(error) => of_store(error),
            Error::Objects(error) => of_objects(error),
            Error::Backend(error) => Self::Unavailable {
                message: error.message,
            },
            Error::Stage(StageError::Missing(message)) => Self::Invalid { message },
            Error::Stage(error) => Self::Unavailable {
                message: error.to_string(),
            },
            Error::Unreadable { .. } => Self::internal(error.to_string()),
        }
    }
}

fn of_store(error: StoreError) -> Refusal {
    match error {
        StoreError::Stale(_) => Refusal::conflict(error.to_string()),
        StoreError::Invalid(message) => Refusal::Invalid { message },
        StoreError::Full(message) | StoreError::Unavailable { message, .. } => {
            tracing::error!(message, "the store refused");
            Refusal::Unavailable { message }
        }
        StoreError::Incompatible(message) => Refusal::Internal { message },
    }
}

/// An object store's error as callers see it.
pub fn of_objects(error: ObjectError) -> Refusal {
    match error {
        ObjectError::NoSuchBucket(bucket) => Refusal::not_found("bucket", bucket),
        ObjectError::NoSuchObject { bucket, key } => {
            Refusal::not_found("object", format!("{bucket}/{key}"))
        }
        ObjectError::PreconditionFailed(_) => Refusal::PreconditionFailed {
            message: error.to_string(),
        },
        ObjectError::Invalid(message) => Refusal::Invalid { message },
        ObjectError::Incomplete(_) => Refusal::invalid(error.to_string()),
        ObjectError::Full(message) => Refusal::Unavailable { message },
        ObjectError::Failed { ref message, .. } => {
            tracing::error!(%error, "the object store failed");
            Refusal::Internal {
                message: message.clone(),
            }
        }
    }
}
