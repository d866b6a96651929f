//! Holds a request against the published model of its service before an operation sees it, so
//! that what AWS would refuse is refused here with AWS's own text.

mod check;
mod model;

pub(crate) use check::check;
pub(crate) use model::Model;

use std::sync::LazyLock;

/// What SageMaker's requests may hold.
pub(crate) static SAGEMAKER: LazyLock<Model> =
    LazyLock::new(|| Model::read(include_str!("../../model/sagemaker.json")));

/// What CloudWatch Logs' requests may hold.
pub(crate) static LOGS: LazyLock<Model> =
    LazyLock::new(|| Model::read(include_str!("../../model/logs.json")));

/// What requests about budgets may hold.
pub(crate) static BUDGETS: LazyLock<Model> =
    LazyLock::new(|| Model::read(include_str!("../../model/budgets.json")));

/// What Cost Explorer's requests may hold.
pub(crate) static COST_EXPLORER: LazyLock<Model> =
    LazyLock::new(|| Model::read(include_str!("../../model/ce.json")));
