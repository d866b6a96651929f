//! `CreateHyperParameterTuningJob`'s request as a search
//! (<https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_CreateHyperParameterTuningJob.html>).

use crate::fault::Fault;
use crate::sagemaker::tags::Tag;
use control::tuning::search::combinations;
use domain::Span;
use domain::metric::Finite;
use domain::tuning::{Dimension, Goal, Range, Scale, Strategy, TuningSpec};
use serde::Deserialize;
use serde_json::Value;

/// Trials of a search that names no number: a grid has its own.
const DEFAULT_TRIALS: u32 = 100;
/// From this ratio of its ends on, a range is looked at logarithmically unless told otherwise.
const WIDE: f64 = 100.0;

#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Request {
    pub(crate) hyper_parameter_tuning_job_name: String,
    hyper_parameter_tuning_job_config: Config,
    #[serde(default)]
    pub(crate) training_job_definition: Option<Value>,
    #[serde(default)]
    training_job_definitions: Vec<Value>,
    #[serde(default)]
    pub(crate) warm_start_config: Option<super::warm::Config>,
    #[serde(default)]
    autotune: Option<Value>,
    #[serde(default)]
    pub(crate) tags: Vec<Tag>,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Config {
    strategy: String,
    #[serde(default)]
    strategy_config: Option<StrategyConfig>,
    #[serde(default)]
    hyper_parameter_tuning_job_objective: Option<Objective>,
    resource_limits: Limits,
    #[serde(default)]
    parameter_ranges: Option<Ranges>,
    #[serde(default)]
    training_job_early_stopping_type: Option<String>,
    #[serde(default)]
    tuning_job_completion_criteria: Option<Criteria>,
    #[serde(default)]
    random_seed: Option<u64>,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct StrategyConfig {
    #[serde(default)]
    hyperband_strategy_config: Option<Hyperband>,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Hyperband {
    #[serde(default)]
    min_resource: Option<u32>,
    #[serde(default)]
    max_resource: Option<u32>,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Objective {
    #[serde(rename = "Type")]
    of: String,
    metric_name: String,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Limits {
    #[serde(default)]
    max_number_of_training_jobs: Option<u32>,
    max_parallel_training_jobs: u32,
    #[serde(default)]
    max_runtime_in_seconds: Option<u32>,
}

#[derive(Debug, Clone, Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
struct Ranges {
    integer_parameter_ranges: Vec<Numbers>,
    continuous_parameter_ranges: Vec<Numbers>,
    categorical_parameter_ranges: Vec<Words>,
    auto_parameters: Vec<Value>,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Numbers {
    name: String,
    min_value: String,
    max_value: String,
    #[serde(default)]
    scaling_type: Option<String>,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Words {
    name: String,
    values: Vec<String>,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Criteria {
    #[serde(default)]
    target_objective_metric_value: Option<f64>,
    #[serde(default)]
    best_objective_not_improving: Option<NotImproving>,
    #[serde(default)]
    convergence_detected: Option<Value>,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct NotImproving {
    #[serde(default)]
    max_number_of_training_jobs_not_improving: Option<u32>,
}

impl Request {
    /// What is searched; `seed` counts when the request has none.
    pub(crate) fn spec(&self, seed: u64) -> Result<TuningSpec, Fault> {
        self.refuse_what_is_not_served()?;
        let config = &self.hyper_parameter_tuning_job_config;
        let objective = config.hyper_parameter_tuning_job_objective.as_ref();
        let objective = objective
            .ok_or_else(|| Fault::validation("HyperParameterTuningJobObjective must be given"))?;
        let goal = match objective.of.as_str() {
            "Maximize" => Goal::Maximize,
            "Minimize" => Goal::Minimize,
            other => {
                return Err(Fault::validation(format!(
                    "the objective's Type `{other}` is neither Maximize nor Minimize"
                )));
            }
        };
        let space = space(config.parameter_ranges.as_ref())?;
        let strategy = strategy(config)?;
        let limits = &config.resource_limits;
        let trials = match (strategy, limits.max_number_of_training_jobs) {
            (Strategy::Grid, given) => {
                let all = combinations(&space).unwrap_or(0);
                given.map_or(all, |given| given.min(all))
            }
            (_, given) => given.unwrap_or(DEFAULT_TRIALS),
        };
        let criteria = config.tuning_job_completion_criteria.as_ref();
        let not_improving = criteria.and_then(|c| c.best_objective_not_improving.as_ref());
        let target = criteria.and_then(|criteria| criteria.target_objective_metric_value);
        Ok(TuningSpec {
            space,
            metric: objective.metric_name.clone(),
            goal,
            strategy,
            trials,
            parallel: limits.max_parallel_training_jobs,
            stop_early: config.training_job_early_stopping_type.as_deref() == Some("Auto"),
            longest: limits
                .max_runtime_in_seconds
                .map(|seconds| Span::seconds(i64::from(seconds))),
            target: target.and_then(Finite::new),
            not_improving: not_improving.and_then(|n| n.max_number_of_training_jobs_not_improving),
            seed: config.random_seed.unwrap_or(seed),
            prior: Vec::new(),
        })
    }

    fn refuse_what_is_not_served(&self) -> Result<(), Fault> {
        let config = &self.hyper_parameter_tuning_job_config;
        if !self.training_job_definitions.is_empty() {
            return Err(Fault::unsupported(
                "tuning over several TrainingJobDefinitions is not served; make a tuning job for \
                 each",
            ));
        }
        let ranges = config.parameter_ranges.as_ref();
        if self.autotune.is_some() || ranges.is_some_and(|r| !r.auto_parameters.is_empty()) {
            return Err(Fault::unsupported(
                "Autotune is not served; give the ranges of the hyperparameters",
            ));
        }
        let criteria = config.tuning_job_completion_criteria.as_ref();
        if criteria.is_some_and(|criteria| criteria.convergence_detected.is_some()) {
            return Err(Fault::unsupported(
                "ConvergenceDetected is not served; use BestObjectiveNotImproving",
            ));
        }
        Ok(())
    }
}

fn strategy(config: &Config) -> Result<Strategy, Fault> {
    Ok(match config.strategy.as_str() {
        "Random" => Strategy::Random,
        "Grid" => Strategy::Grid,
        "Bayesian" => Strategy::Bayesian,
        "Hyperband" => {
            if config.training_job_early_stopping_type.as_deref() == Some("Auto") {
                return Err(Fault::validation(
                    "TrainingJobEarlyStoppingType must be Off with the strategy Hyperband, which \
                     stops training jobs by itself",
                ));
            }
            let given = config.strategy_config.as_ref();
            let given = given.and_then(|config| config.hyperband_strategy_config.as_ref());
            let max_resource = given.and_then(|hyperband| hyperband.max_resource);
            Strategy::Hyperband {
                min_resource: given
                    .and_then(|hyperband| hyperband.min_resource)
                    .unwrap_or(1),
                max_resource: max_resource.ok_or_else(|| {
                    Fault::validation(
                        "the strategy Hyperband needs StrategyConfig.HyperbandStrategyConfig with \
                         MaxResource",
                    )
                })?,
            }
        }
        other => {
            return Err(Fault::validation(format!(
                "1 validation error detected: Value '{other}' at \
                 'hyperParameterTuningJobConfig.strategy' failed to satisfy constraint: Member \
                 must satisfy enum value set: [Bayesian, Random, Hyperband, Grid]"
            )));
        }
    })
}

fn space(ranges: Option<&Ranges>) -> Result<Vec<Dimension>, Fault> {
    let none = Ranges::default();
    let ranges = ranges.unwrap_or(&none);
    let mut space = Vec::new();
    for numbers in &ranges.integer_parameter_ranges {
        let (min, max): (i64, i64) = (number(numbers, false)?, number(numbers, true)?);
        let scale = scale(numbers, min as f64, max as f64)?;
        let range = Range::Integer { min, max, scale };
        let name = numbers.name.clone();
        space.push(Dimension { name, range });
    }
    for numbers in &ranges.continuous_parameter_ranges {
        let (min, max): (f64, f64) = (number(numbers, false)?, number(numbers, true)?);
        let scale = scale(numbers, min, max)?;
        let finite = |value| Finite::new(value).ok_or_else(|| no_number(&numbers.name));
        let (min, max) = (finite(min)?, finite(max)?);
        let range = Range::Continuous { min, max, scale };
        let name = numbers.name.clone();
        space.push(Dimension { name, range });
    }
    for words in &ranges.categorical_parameter_ranges {
        space.push(Dimension {
            name: words.name.clone(),
            range: Range::Categorical {
                values: words.values.clone(),
            },
        });
    }
    Ok(space)
}

fn number<T: std::str::FromStr>(numbers: &Numbers, greatest: bool) -> Result<T, Fault> {
    let text = if greatest {
        &numbers.max_value
    } else {
        &numbers.min_value
    };
    text.trim().parse().map_err(|_| no_number(&numbers.name))
}

fn no_number(name: &str) -> Fault {
    Fault::validation(format!(
        "MinValue and MaxValue of the hyperparameter {name} must be numbers of its kind"
    ))
}

fn scale(numbers: &Numbers, min: f64, max: f64) -> Result<Scale, Fault> {
    Ok(match numbers.scaling_type.as_deref() {
        None | Some("Auto") if min > 0.0 && max / min >= WIDE => Scale::Logarithmic,
        None | Some("Auto" | "Linear") => Scale::Linear,
        Some("Logarithmic") => Scale::Logarithmic,
        Some("ReverseLogarithmic") => Scale::ReverseLogarithmic,
        Some(other) => {
            return Err(Fault::validation(format!(
                "the ScalingType `{other}` of {} is not known",
                numbers.name
            )));
        }
    })
}
