//! AWS Budgets over Tradewind's own: a budget made here is one that `tradewind budgets` shows and
//! that refuses what would pass it, and the other way round. What only AWS knows of a budget, its
//! notifications and who subscribed to them, is kept in documents beside it.

pub(crate) mod ended;
mod fault;
mod kept;
mod notifications;
mod operations;
mod page;
mod shown;
mod wire;

use crate::service::{Protocol, Service};
use crate::validation;

/// The row of the service's table.
pub(crate) const SERVICE: Service = Service {
    signing_name: "budgets",
    title: "Budgets",
    protocol: Protocol::Json {
        target: "AWSBudgetServiceGateway",
        content_type: "application/x-amz-json-1.1",
        model: Some((&validation::BUDGETS, "InvalidParameterException")),
    },
    served: operations::SERVED,
    known: include_str!("known.txt"),
};
