//! A trial of a tuning job: a training job of the tuner's definition with the values that were
//! proposed for it.

use super::{is_there_already, make, set};
use crate::fault::Fault;
use crate::operation::Call;
use contracts::activities::Activity;
use serde_json::{Map, Value, json};

/// The kind of activity.
pub(crate) const KIND: &str = "Trial";

/// Members of a tuner's definition that a training job has not, or under another name.
const OWN: &[&str] = &[
    "DefinitionName",
    "TuningObjective",
    "HyperParameterRanges",
    "StaticHyperParameters",
    "HyperParameterTuningResourceConfig",
    "RetryStrategy",
];

/// Makes the training job of a trial. The request has the definition as `template`, and the
/// proposed `values` as texts.
pub(super) async fn ensure(call: &Call<'_>, activity: &Activity) -> Result<Value, Fault> {
    let mut request = request(&activity.request);
    set(&mut request, "TrainingJobName", activity.name.clone());
    match make(call, "CreateTrainingJob", request).await {
        Ok(made) => Ok(made),
        Err(fault) if is_there_already(&fault) => Ok(json!({})),
        Err(fault) => Err(fault),
    }
}

fn request(asked: &Value) -> Value {
    let members = |name: &str| match asked.get(name) {
        Some(Value::Object(members)) => members.clone(),
        _ => Map::new(),
    };
    let mut request = members("template");
    let mut values = match request.get("StaticHyperParameters") {
        Some(Value::Object(fixed)) => fixed.clone(),
        _ => Map::new(),
    };
    values.extend(members("values"));
    if let Some(resources) = request.get("HyperParameterTuningResourceConfig").cloned() {
        request.entry("ResourceConfig").or_insert(resources);
    }
    request.retain(|name, _| !OWN.contains(&name.as_str()));
    request.insert("HyperParameters".to_owned(), Value::Object(values));
    Value::Object(request)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_definition_with_values_is_a_training_job() {
        let asked = json!({
            "template": {
                "RoleArn": "r", "StaticHyperParameters": {"a": "1", "b": "2"},
                "HyperParameterTuningResourceConfig": {"InstanceCount": 1},
            },
            "values": {"b": "3"},
        });
        assert_eq!(
            request(&asked),
            json!({"RoleArn": "r", "HyperParameters": {"a": "1", "b": "3"},
                   "ResourceConfig": {"InstanceCount": 1}})
        );
    }
}
