//! EC2 over what Tradewind started: a job's attempt and an endpoint's worker are instances, and
//! the catalog's offers are instance types with their prices. Machines are not rented by hand.

mod fault;
mod filter;
pub(crate) mod instances;
mod offers;
mod operations;
mod reading;

use crate::service::{Protocol, Service};

/// The row of the service's table.
pub(crate) const SERVICE: Service = Service {
    signing_name: "ec2",
    title: "EC2",
    protocol: Protocol::Ec2 {
        namespace: "http://ec2.amazonaws.com/doc/2016-11-15/",
    },
    served: operations::SERVED,
    known: include_str!("known.txt"),
};
