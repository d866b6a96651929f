//! What lines are grouped and filtered by.

use crate::Error;
use crate::focus::{Column, Kind};
use serde::{Deserialize, Serialize};

/// The tag that Tradewind gives to what it runs: the pipeline or job that a cost belongs to.
pub const WORKLOAD_TAG: &str = "tradewind:workload";

/// The tag of the workspace in which Tradewind ran something.
pub const WORKSPACE_TAG: &str = "tradewind:workspace";
/// The tag of the pipeline that a job's run was of.
pub const PIPELINE_TAG: &str = "tradewind:pipeline";
/// The tag of the run.
pub const RUN_TAG: &str = "tradewind:run";
/// The tag of the step that a job executed.
pub const STEP_TAG: &str = "tradewind:step";
/// The tag of the job.
pub const JOB_TAG: &str = "tradewind:job";
/// The tag of the model: the one that a deployment serves, or that a run's pipeline registers.
pub const MODEL_TAG: &str = "tradewind:model";

/// Short names of the tags that Tradewind gives.
const OWN: [(&str, &str); 7] = [
    ("workload", WORKLOAD_TAG),
    ("workspace", WORKSPACE_TAG),
    ("pipeline", PIPELINE_TAG),
    ("run", RUN_TAG),
    ("step", STEP_TAG),
    ("job", JOB_TAG),
    ("model", MODEL_TAG),
];

/// The tag of lines of a machine that nobody used.
pub const IDLE_TAG: &str = "tradewind:idle";

/// A key.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub enum Key {
    /// The hour in which a charge starts, UTC.
    Hour,
    /// The day on which it starts, UTC.
    Day,
    /// The month in which it starts, UTC.
    Month,
    /// The month of the bill.
    BillingMonth,
    /// A tag's value.
    Tag(String),
    /// Any text column.
    Column(Column),
}

/// Short names of columns.
const SHORT: [(&str, Column); 15] = [
    ("service", Column::ServiceName),
    ("category", Column::ServiceCategory),
    ("provider", Column::ProviderName),
    ("publisher", Column::PublisherName),
    ("region", Column::RegionId),
    ("zone", Column::AvailabilityZone),
    ("account", Column::SubAccountId),
    ("billing-account", Column::BillingAccountId),
    ("resource", Column::ResourceId),
    ("resource-type", Column::ResourceType),
    ("sku", Column::SkuId),
    ("charge", Column::ChargeCategory),
    ("pricing", Column::PricingCategory),
    ("commitment", Column::CommitmentDiscountId),
    ("unit", Column::ConsumedUnit),
];

impl Key {
    /// Reads `service`, `day`, `tag:team`, `workload`, or the name of a FOCUS column.
    ///
    /// # Errors
    /// When there is no such key; the message has the nearest one.
    pub fn parse(text: &str) -> Result<Self, Error> {
        let text = text.trim();
        match text {
            "hour" => return Ok(Self::Hour),
            "day" => return Ok(Self::Day),
            "month" => return Ok(Self::Month),
            "billing-month" => return Ok(Self::BillingMonth),
            _ => {}
        }
        if let Some((_, tag)) = OWN.iter().find(|(name, _)| *name == text) {
            return Ok(Self::Tag((*tag).to_owned()));
        }
        if let Some(tag) = text.strip_prefix("tag:").filter(|tag| !tag.is_empty()) {
            return Ok(Self::Tag(tag.to_owned()));
        }
        if let Some((_, column)) = SHORT.iter().find(|(name, _)| *name == text) {
            return Ok(Self::Column(*column));
        }
        if let Some(column) = Column::named(text).filter(|column| column.kind() == Kind::Text) {
            return Ok(Self::Column(column));
        }
        let names = ["hour", "day", "month", "billing-month", "tag:NAME"].into_iter();
        let names = names.chain(OWN.iter().map(|(name, _)| *name));
        let names: Vec<&str> = names.chain(SHORT.iter().map(|(name, _)| *name)).collect();
        let known = names.join(", ");
        Err(Error::Invalid(format!(
            "`{text}` is no key to group by; there are {known}, and FOCUS columns of text"
        )))
    }

    /// Its name.
    pub fn name(&self) -> String {
        match self {
            Self::Hour => "hour".to_owned(),
            Self::Day => "day".to_owned(),
            Self::Month => "month".to_owned(),
            Self::BillingMonth => "billing-month".to_owned(),
            Self::Tag(tag) => OWN
                .iter()
                .find(|(_, own)| own == tag)
                .map_or_else(|| format!("tag:{tag}"), |(name, _)| (*name).to_owned()),
            Self::Column(column) => SHORT
                .iter()
                .find(|(_, known)| known == column)
                .map_or_else(|| column.name().to_owned(), |(name, _)| (*name).to_owned()),
        }
    }

    /// The column it is read from.
    pub(crate) fn source(&self) -> Column {
        match self {
            Self::Hour | Self::Day | Self::Month => Column::ChargePeriodStart,
            Self::BillingMonth => Column::BillingPeriodStart,
            Self::Tag(_) => Column::Tags,
            Self::Column(column) => *column,
        }
    }

    /// Whether it is a span of time.
    pub fn is_time(&self) -> bool {
        matches!(
            self,
            Self::Hour | Self::Day | Self::Month | Self::BillingMonth
        )
    }
}

impl TryFrom<String> for Key {
    type Error = Error;
    fn try_from(text: String) -> Result<Self, Error> {
        Self::parse(&text)
    }
}

impl From<Key> for String {
    fn from(key: Key) -> Self {
        key.name()
    }
}

impl schemars::JsonSchema for Key {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "CostKey".into()
    }
    fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
        schemars::json_schema!({
            "type": "string",
            "description": "day, month, billing-month, service, provider, region, account, \
                            workload, workspace, pipeline, run, step, job, model, tag:NAME, … \
                            or the name of a FOCUS column"
        })
    }
}
