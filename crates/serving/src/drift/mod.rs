//! Whether what an endpoint is asked still looks like what its model was trained on.
//!
//! The records of the endpoint's data capture are compared, feature by feature, with a baseline:
//! training data in CSV, or the first requests that were captured. Everything is read from the
//! bucket when it is asked for, so a restart forgets nothing and several servers say the same.

mod columns;
mod compare;
mod statistics;
mod window;

pub use compare::{Change, FeatureDrift};

use crate::capture::place;
use crate::endpoints::Endpoints;
use crate::spec::EndpointKey;
use columns::Columns;
use contracts::objects::{ObjectError, Objects};
use domain::traffic::Capture;
use domain::{ByteSize, Location, Workspace};
use futures::StreamExt;
use serde::Serialize;
use window::Records;

/// Rows that the newest requests are compared by, at most.
const RECENT_ROWS: usize = 5_000;
/// Rows of the first requests that are the baseline where no training data was named.
const FIRST_ROWS: usize = 1_000;
/// Fewer rows on either side say nothing.
const LEAST_ROWS: usize = 50;
/// Largest training data that is read.
const LARGEST_BASELINE: u64 = 256 << 20;

/// The newest requests beside the baseline.
#[derive(Debug, Clone, PartialEq, Serialize, schemars::JsonSchema)]
pub struct DriftReport {
    /// `s3://…` of the training data, or `the first requests`.
    pub baseline: String,
    /// Its rows.
    pub baseline_rows: usize,
    /// Rows of the newest requests.
    pub rows: usize,
    /// Captured requests that could not be read as rows and count nowhere.
    pub unread: usize,
    /// Strongest first.
    pub features: Vec<FeatureDrift>,
}

/// Why there is no report.
#[derive(Debug, thiserror::Error)]
pub enum DriftError {
    /// The endpoint keeps no requests.
    #[error("endpoint `{0}` captures no requests; deploy it with `capture`")]
    NoCapture(EndpointKey),
    /// Not enough was captured.
    #[error(
        "{rows} rows were captured after the baseline's {baseline}; a comparison needs at least \
         {LEAST_ROWS} of each, and records reach the bucket within half a minute"
    )]
    TooFew {
        /// Rows of the baseline.
        baseline: usize,
        /// Newer rows.
        rows: usize,
    },
    /// The training data is none.
    #[error("the baseline `{place}` cannot be used: {reason}")]
    Baseline {
        /// Where it is.
        place: String,
        /// What is wrong with it.
        reason: String,
    },
    /// A bucket could not be read.
    #[error(transparent)]
    Objects(#[from] ObjectError),
}

/// Compares the newest captured requests of an endpoint with its baseline.
///
/// # Errors
/// See [`DriftError`].
pub async fn drift(
    endpoints: &Endpoints,
    key: &EndpointKey,
    capture: Option<&Capture>,
) -> Result<DriftReport, DriftError> {
    let none = || DriftError::NoCapture(key.clone());
    let (capture, recorder) = capture.zip(endpoints.recorder()).ok_or_else(none)?;
    recorder.flush().await;
    let objects = &**recorder.objects();
    let (bucket, prefix) = place(capture).ok_or_else(none)?;
    let names = names(endpoints, key);
    let under = format!("{prefix}{}/", key.name);
    let mut records = Records::list(objects, &key.workspace, &bucket, &under).await?;
    let (title, before) = if let Some(place) = &capture.baseline {
        let columns = training(objects, &key.workspace, place).await?;
        (place.clone(), columns)
    } else {
        let first = records.first(objects, FIRST_ROWS, names.as_deref()).await?;
        ("the first requests".to_owned(), first)
    };
    let now = records
        .newest(objects, RECENT_ROWS, names.as_deref())
        .await?;
    if before.rows() < LEAST_ROWS || now.rows() < LEAST_ROWS {
        return Err(DriftError::TooFew {
            baseline: before.rows(),
            rows: now.rows(),
        });
    }
    Ok(DriftReport {
        baseline: title,
        baseline_rows: before.rows(),
        rows: now.rows(),
        unread: records.unread(),
        features: compare::features(&before, &now),
    })
}

/// The names of the model's features, where a replica that is ready knows them.
fn names(endpoints: &Endpoints, key: &EndpointKey) -> Option<Vec<String>> {
    let status = endpoints.status(key)?;
    let mut facts = status.deployments.iter().flat_map(|one| &one.replicas);
    facts.find_map(|facts| facts.signature.as_ref()?.names.clone())
}

/// The columns of training data in CSV with names in its first line.
async fn training(
    objects: &dyn Objects,
    workspace: &Workspace,
    place: &str,
) -> Result<Columns, DriftError> {
    let wrong = |reason: &str| DriftError::Baseline {
        place: place.to_owned(),
        reason: reason.to_owned(),
    };
    let Ok(Location::Object { bucket, key }) = Location::parse(place) else {
        return Err(wrong("it is not an object of a bucket"));
    };
    let (head, mut stream) = objects.get(workspace, &bucket, &key, None).await?;
    if head.bytes > LARGEST_BASELINE {
        let limit = ByteSize(LARGEST_BASELINE);
        return Err(wrong(&format!(
            "it is larger than {limit}; name a sample of it"
        )));
    }
    let mut body = Vec::with_capacity(usize::try_from(head.bytes).unwrap_or(0));
    while let Some(piece) = stream.next().await {
        body.extend_from_slice(&piece?);
    }
    let mut columns = Columns::default();
    if !columns.read("text/csv; header=present", &body, None) {
        return Err(wrong(
            "it is not CSV of one width, without quotes, with names in its first line",
        ));
    }
    Ok(columns)
}
