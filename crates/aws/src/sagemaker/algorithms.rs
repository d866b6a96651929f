//! Built-in algorithms of SageMaker, by the images that they are named by: what runs when a request
//! brings no program of its own. XGBoost is the one that is here; the others' containers are
//! nobody's to be had and are refused by name
//! (<https://docs.aws.amazon.com/sagemaker/latest/dg/algos.html>).

use super::jobs::{channels, embedded};
use crate::fault::Fault;
use crate::operation::Call;
use domain::job::{CodeArchive, Entry, JobSpec};
use domain::metric::MetricPattern;

/// Where a job finds the algorithm.
const FOLDER: &str = "/opt/ml/algorithm";
/// The input that it is.
const CHANNEL: &str = "tradewind-algorithm";

const TRAIN: &str = "xgboost_train.py";
const SERVE: &str = "xgboost_serve.py";

const TRAINS: &[(&str, &str)] = &[(
    TRAIN,
    include_str!("../../../../python/algorithms/xgboost_train.py"),
)];
const SERVES: &[(&str, &str)] = &[(
    SERVE,
    include_str!("../../../../python/algorithms/xgboost_serve.py"),
)];

/// What XGBoost's container reports of each channel
/// (<https://docs.aws.amazon.com/sagemaker/latest/dg/xgboost-tuning.html>).
const METRICS: &[&str] = &[
    "accuracy",
    "auc",
    "aucpr",
    "cox-nloglik",
    "error",
    "f1",
    "f1_macro",
    "gamma-deviance",
    "gamma-nloglik",
    "logloss",
    "mae",
    "map",
    "mape",
    "merror",
    "mlogloss",
    "mse",
    "ndcg",
    "poisson-nloglik",
    "precision",
    "recall",
    "rmse",
    "rmsle",
    "tweedie-nloglik",
];

/// Whether an image is XGBoost's.
pub(crate) fn is_xgboost(image: &str) -> bool {
    let path = image.rsplit_once('/').map_or(image, |(_, path)| path);
    path.split([':', '@']).next() == Some("sagemaker-xgboost")
}

/// Why an image without a program of the request's own is refused.
pub(crate) fn refused(image: &str) -> Fault {
    let name: String = image.chars().take(200).collect();
    Fault::unsupported(format!(
        "the algorithm of the image `{name}` cannot be run here: XGBoost's (`sagemaker-xgboost`) \
         is the one that can; with any other image give an entry point (the hyperparameters \
         `sagemaker_program` and `sagemaker_submit_directory`, or `ContainerEntrypoint`)"
    ))
}

/// What is started in a training job without a program.
pub(crate) fn entry() -> Entry {
    Entry::Command {
        argv: vec!["python3".to_owned(), format!("{FOLDER}/{TRAIN}")],
    }
}

/// Gives a training job the algorithm, and the metrics that it reports.
pub(crate) async fn train(call: &Call<'_>, spec: &mut JobSpec) -> Result<(), Fault> {
    if spec.resources.nodes > 1 {
        return Err(Fault::unsupported(
            "the built-in XGBoost is served on one instance; set InstanceCount to 1",
        ));
    }
    if let Some(channel) = spec.pipes.keys().next() {
        return Err(Fault::unsupported(format!(
            "the built-in XGBoost reads files; use the input mode File for `{channel}`"
        )));
    }
    let location = embedded::folder(call, "algorithms", TRAINS).await?;
    spec.inputs.insert(CHANNEL.to_owned(), vec![location]);
    spec.input_paths
        .insert(CHANNEL.to_owned(), FOLDER.to_owned());
    for channel in ["train", "validation"] {
        for metric in METRICS {
            spec.metrics.push(MetricPattern {
                name: format!("{channel}:{metric}"),
                regex: format!("#011{channel}-{metric}(?:@[0-9]+)?:([-+0-9.eEnaif]+)"),
            });
        }
    }
    Ok(())
}

/// The code that answers for a model of XGBoost, and its handler.
pub(crate) async fn serving(call: &Call<'_>) -> Result<(CodeArchive, String), Fault> {
    let location = embedded::folder(call, "algorithms", SERVES).await?;
    let code = channels::code(call, &location).await?;
    Ok((code, SERVE.to_owned()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn xgboost_is_known_by_its_repository() {
        let ecr = "683313688378.dkr.ecr.us-east-1.amazonaws.com";
        assert!(is_xgboost(&format!("{ecr}/sagemaker-xgboost:1.7-1")));
        assert!(is_xgboost(&format!("{ecr}/sagemaker-xgboost@sha256:00")));
        assert!(!is_xgboost(&format!("{ecr}/linear-learner:1")));
        assert!(!is_xgboost("sagemaker-xgboost-other"));
    }
}
