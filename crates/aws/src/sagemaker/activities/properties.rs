//! What later steps may refer to beyond a description: the best trials of a tuning step.

use super::perform;
use crate::fault::Fault;
use crate::operation::Call;
use serde_json::{Value, json};

/// Trials that can be referred to; the SDK's `get_top_model_s3_uri` takes up to 50.
const TOP: u32 = 50;

/// Adds the trials of a tuning job, the best first.
pub(super) async fn with_trials(
    call: &Call<'_>,
    name: &str,
    mut described: Value,
) -> Result<Value, Fault> {
    let objective =
        &described["HyperParameterTuningJobConfig"]["HyperParameterTuningJobObjective"]["Type"];
    let order = if objective.as_str() == Some("Minimize") {
        "Ascending"
    } else {
        "Descending"
    };
    let asked = json!({
        "HyperParameterTuningJobName": name,
        "SortBy": "FinalObjectiveMetricValue",
        "SortOrder": order,
        "MaxResults": TOP,
    });
    let listed = perform(call, "ListTrainingJobsForHyperParameterTuningJob", asked).await?;
    if let Value::Object(members) = &mut described {
        let trials = listed.get("TrainingJobSummaries").cloned();
        members.insert(
            "TrainingJobSummaries".to_owned(),
            trials.unwrap_or_default(),
        );
    }
    Ok(described)
}
