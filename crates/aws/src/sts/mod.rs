//! STS: who a key is.

mod operations;

use crate::service::{Protocol, Service};

/// The row of the service's table.
pub(crate) const SERVICE: Service = Service {
    signing_name: "sts",
    title: "STS",
    protocol: Protocol::Query {
        namespace: "https://sts.amazonaws.com/doc/2011-06-15/",
    },
    served: operations::SERVED,
    known: include_str!("known.txt"),
};
