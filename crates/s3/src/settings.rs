//! What an installation decides about its S3 service.

use contracts::world::World;

/// Settings of the service.
#[derive(Clone)]
pub struct Settings {
    /// Account id (12 digits) that anonymous callers see as the owner of buckets.
    pub account: String,
    /// Region of requests that name none.
    pub region: String,
    /// Domains besides Amazon's own and `localhost` under which a bucket's name may stand, such
    /// as `s3.example.org`.
    pub domains: Vec<String>,
    /// Time and randomness.
    pub world: World,
}

impl Settings {
    /// The defaults: account 123456789012, region `us-east-1`, no further domains.
    pub fn new(world: World) -> Self {
        Self {
            account: "123456789012".to_owned(),
            region: "us-east-1".to_owned(),
            domains: Vec::new(),
            world,
        }
    }
}

impl std::fmt::Debug for Settings {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Settings")
            .field("account", &self.account)
            .field("region", &self.region)
            .field("domains", &self.domains)
            .finish_non_exhaustive()
    }
}
