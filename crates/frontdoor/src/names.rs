//! The host names of the clouds, in one table: what the authority may sign, and whether a host is
//! answered here or reached through a tunnel.
//!
//! Sources: "AWS service endpoints" in the AWS General Reference, the discovery documents of
//! Google's APIs, and "Azure endpoints and service names" of Microsoft Learn.

use serde::Serialize;

/// A cloud whose names are listed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Cloud {
    /// Amazon Web Services.
    Aws,
    /// Google Cloud.
    Google,
    /// Microsoft Azure.
    Azure,
}

impl Cloud {
    /// Whether a dialect here answers for this cloud. Hosts of the others are reached through a
    /// tunnel like anybody's, so that nothing is swallowed that nobody here can answer.
    pub fn is_served(self) -> bool {
        match self {
            Self::Aws => true,
            Self::Google | Self::Azure => false,
        }
    }
}

/// A domain of a cloud: itself and everything below it.
#[derive(Debug, Clone, Copy)]
pub struct Domain {
    /// Whose it is.
    pub cloud: Cloud,
    /// `amazonaws.com`.
    pub name: &'static str,
}

const fn domain(cloud: Cloud, name: &'static str) -> Domain {
    Domain { cloud, name }
}

/// Every domain that the authority may sign names of.
pub const DOMAINS: &[Domain] = &[
    domain(Cloud::Aws, "amazonaws.com"),
    domain(Cloud::Aws, "amazonaws.com.cn"),
    domain(Cloud::Aws, "api.aws"),
    domain(Cloud::Google, "googleapis.com"),
    domain(Cloud::Google, "accounts.google.com"),
    domain(Cloud::Azure, "azure.com"),
    domain(Cloud::Azure, "windows.net"),
    domain(Cloud::Azure, "azureml.ms"),
    domain(Cloud::Azure, "login.microsoftonline.com"),
];

/// Labels under which AWS gives names to what its customers run: a load balancer, a machine, a
/// database, a registry. `rds.us-east-1.amazonaws.com` is the API, and
/// `mine.c1.us-east-1.rds.amazonaws.com` somebody's database, which nobody here can answer for.
const RESOURCES: &[&str] = &[
    "elb",
    "compute",
    "compute-1",
    "rds",
    "cache",
    "es",
    "aoss",
    "eks",
    "redshift",
    "redshift-serverless",
    "docdb",
    "neptune",
    "mq",
    "kafka",
    "iot",
    "execute-api",
    "dkr.ecr",
    "s3-website",
];

/// What a host name is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Host {
    /// A cloud's, answered here.
    Served(Cloud),
    /// A cloud's, but nothing here answers for it.
    Unserved(Cloud),
    /// Nobody's of the table.
    Other,
}

/// Lower case, without a final dot; `None` when it is no name of the domain name system (RFC 1123
/// §2.1, and underscores, which buckets have). An address is none.
pub fn normalized(host: &str) -> Option<String> {
    let host = host.strip_suffix('.').unwrap_or(host).to_ascii_lowercase();
    let label = |label: &str| {
        let inside = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_';
        (1..=63).contains(&label.len())
            && label.bytes().all(inside)
            && !label.starts_with('-')
            && !label.ends_with('-')
    };
    let is_name = host.len() <= 253 && host.split('.').all(label);
    let is_address = host
        .rsplit('.')
        .next()
        .is_some_and(|last| last.bytes().all(|byte| byte.is_ascii_digit()));
    (is_name && !is_address).then_some(host)
}

/// What a host name is. Whatever is not written like a name is [`Host::Other`].
pub fn classify(host: &str) -> Host {
    let Some(host) = normalized(host) else {
        return Host::Other;
    };
    for domain in DOMAINS {
        let Some(labels) = below(&host, domain.name) else {
            continue;
        };
        return if domain.cloud.is_served() && !is_resource(labels) {
            Host::Served(domain.cloud)
        } else {
            Host::Unserved(domain.cloud)
        };
    }
    Host::Other
}

/// The labels of a host before a domain; empty for the domain itself.
fn below<'a>(host: &'a str, domain: &str) -> Option<&'a str> {
    let rest = host.strip_suffix(domain)?;
    if rest.is_empty() {
        return Some(rest);
    }
    rest.strip_suffix('.')
}

/// Whether labels before AWS's domain name what a customer runs.
fn is_resource(labels: &str) -> bool {
    let labels = match labels.rsplit_once('.') {
        Some((before, last)) if is_region(last) => before,
        _ => labels,
    };
    RESOURCES.iter().any(|resource| {
        labels
            .strip_suffix(resource)
            .is_some_and(|before| before.len() > 1 && before.ends_with('.'))
    }) || labels
        .rsplit('.')
        .next()
        .is_some_and(|last| last.starts_with("s3-website-"))
}

/// Whether a label is written like `us-east-1` or `us-gov-west-1`.
fn is_region(label: &str) -> bool {
    let mut parts = label.split('-');
    let country = parts.next().unwrap_or("");
    let number = parts.next_back().unwrap_or("");
    let middle: Vec<&str> = parts.collect();
    country.len() == 2
        && number.len() == 1
        && number.bytes().all(|byte| byte.is_ascii_digit())
        && (1..=2).contains(&middle.len())
        && middle
            .iter()
            .all(|part| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_lowercase()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn apis_are_served_and_what_customers_run_is_not() {
        for api in [
            "sts.us-east-1.amazonaws.com",
            "STS.Amazonaws.COM.",
            "s3.amazonaws.com",
            "bucket.s3.amazonaws.com",
            "my.cache.s3.amazonaws.com",
            "my_bucket.s3.eu-central-1.amazonaws.com",
            "a.rds.s3.us-west-2.amazonaws.com",
            "rds.us-east-1.amazonaws.com",
            "eks.us-east-1.amazonaws.com",
            "api.ecr.us-gov-west-1.amazonaws.com",
            "runtime.sagemaker.us-east-1.amazonaws.com",
            "sagemaker.us-east-1.api.aws",
            "s3.cn-north-1.amazonaws.com.cn",
            "amazonaws.com",
        ] {
            assert_eq!(classify(api), Host::Served(Cloud::Aws), "{api}");
        }
        for resource in [
            "web-1.us-east-1.elb.amazonaws.com",
            "ec2-1-2-3-4.compute-1.amazonaws.com",
            "ec2-1-2-3-4.eu-west-1.compute.amazonaws.com",
            "mine.c1.us-east-1.rds.amazonaws.com",
            "abc.execute-api.us-east-1.amazonaws.com",
            "ABC.gr7.us-east-1.eks.amazonaws.com",
            "123456789012.dkr.ecr.us-east-1.amazonaws.com",
            "site.s3-website-us-east-1.amazonaws.com",
            "site.s3-website.eu-central-1.amazonaws.com",
        ] {
            assert_eq!(classify(resource), Host::Unserved(Cloud::Aws), "{resource}");
        }
    }

    #[test]
    fn clouds_without_a_dialect_are_known_and_not_served() {
        for (host, cloud) in [
            ("storage.googleapis.com", Cloud::Google),
            ("us-central1-aiplatform.googleapis.com", Cloud::Google),
            ("accounts.google.com", Cloud::Google),
            ("management.azure.com", Cloud::Azure),
            ("x.blob.core.windows.net", Cloud::Azure),
            ("login.microsoftonline.com", Cloud::Azure),
        ] {
            assert_eq!(classify(host), Host::Unserved(cloud), "{host}");
        }
    }

    #[test]
    fn look_alikes_are_others() {
        for host in [
            "amazonaws.com.evil.org",
            "evilamazonaws.com",
            "xamazonaws.com",
            "amazonaws.org",
            "google.com",
            "*.amazonaws.com",
            "s3..amazonaws.com",
            ".amazonaws.com",
            "-.amazonaws.com",
            "s3.amazonaws.com\0.evil.org",
            "s3.amazonaws.com/",
            "s3.amazonaws.com:443",
            "127.0.0.1",
            "[::1]",
            "::1",
            "",
            ".",
            "s3 .amazonaws.com",
            "ѕ3.amazonaws.com",
        ] {
            assert_eq!(classify(host), Host::Other, "{host}");
        }
        let long = format!("{}.amazonaws.com", "a.".repeat(130));
        assert_eq!(classify(&long), Host::Other);
    }
}
