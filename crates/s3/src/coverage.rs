//! Which operations of S3 are served, and why the others are not. The coverage page is made of
//! this, and so are the refusals themselves.

use crate::operations::SERVED;

/// What becomes of an operation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Coverage {
    /// It is served.
    Served,
    /// It is refused with `NotImplemented`, for this reason.
    Refused(&'static str),
}

const ANALYTICS: &str = "this store makes no analytics, inventory or metrics reports";
const REPLICATION: &str = "this store has one place and replicates nowhere";
const ARCHIVE: &str = "this store has one storage class; nothing is archived or restored";
const WEBSITE: &str = "buckets are not served as web sites";
const DIRECTORY: &str = "directory buckets and tables are not there; buckets are general purpose";
const ACL: &str = "access is governed by policies; access control lists are disabled, as they are in new buckets of Amazon S3";

/// Operations that are refused, and why.
const REFUSED: &[(&str, &str)] = &[
    ("CreateBucketMetadataTableConfiguration", DIRECTORY),
    ("CreateSession", DIRECTORY),
    ("DeleteBucketAnalyticsConfiguration", ANALYTICS),
    ("DeleteBucketIntelligentTieringConfiguration", ARCHIVE),
    ("DeleteBucketInventoryConfiguration", ANALYTICS),
    ("DeleteBucketMetadataTableConfiguration", DIRECTORY),
    ("DeleteBucketMetricsConfiguration", ANALYTICS),
    ("DeleteBucketOwnershipControls", ACL),
    ("DeleteBucketReplication", REPLICATION),
    ("DeleteBucketWebsite", WEBSITE),
    ("GetBucketAnalyticsConfiguration", ANALYTICS),
    ("GetBucketIntelligentTieringConfiguration", ARCHIVE),
    ("GetBucketInventoryConfiguration", ANALYTICS),
    ("GetBucketMetadataTableConfiguration", DIRECTORY),
    ("GetBucketMetricsConfiguration", ANALYTICS),
    (
        "GetObjectTorrent",
        "torrents are no longer made by Amazon S3 either",
    ),
    ("ListBucketAnalyticsConfigurations", ANALYTICS),
    ("ListBucketIntelligentTieringConfigurations", ARCHIVE),
    ("ListBucketInventoryConfigurations", ANALYTICS),
    ("ListBucketMetricsConfigurations", ANALYTICS),
    ("ListDirectoryBuckets", DIRECTORY),
    (
        "PutBucketAccelerateConfiguration",
        "there is no transfer acceleration",
    ),
    ("PutBucketAnalyticsConfiguration", ANALYTICS),
    ("PutBucketIntelligentTieringConfiguration", ARCHIVE),
    ("PutBucketInventoryConfiguration", ANALYTICS),
    (
        "PutBucketLogging",
        "server access logs are not written into buckets",
    ),
    ("PutBucketMetricsConfiguration", ANALYTICS),
    ("PutBucketReplication", REPLICATION),
    ("PutBucketRequestPayment", "nobody pays for requests"),
    ("PutBucketWebsite", WEBSITE),
    ("RestoreObject", ARCHIVE),
    (
        "SelectObjectContent",
        "queries inside objects are no longer offered to new customers of Amazon S3 either",
    ),
    ("WriteGetObjectResponse", "there are no object lambdas"),
];

/// Why an operation is refused; `None` when it is served.
pub(crate) fn refusal(operation: &str) -> Option<&'static str> {
    let listed = REFUSED.iter().find(|(name, _)| *name == operation);
    match listed {
        Some((_, why)) => Some(why),
        None if SERVED.contains(&operation) => None,
        None => Some("this operation is not known"),
    }
}

/// Every operation with what becomes of it, by name.
pub fn coverage() -> Vec<(&'static str, Coverage)> {
    let served = SERVED.iter().map(|name| (*name, Coverage::Served));
    let refused = REFUSED
        .iter()
        .map(|(name, why)| (*name, Coverage::Refused(why)));
    let mut all: Vec<_> = served.chain(refused).collect();
    all.sort_unstable_by_key(|(name, _)| *name);
    all
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_operation_is_listed_once() {
        let all = coverage();
        let names: std::collections::BTreeSet<_> = all.iter().map(|(name, _)| *name).collect();
        assert_eq!(names.len(), all.len());
        assert!(names.len() >= 70);
    }
}
