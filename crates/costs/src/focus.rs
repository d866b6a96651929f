//! The columns of FOCUS 1.2 (focus.finops.org/focus-specification), with those that 1.3 added, as
//! one table: names, types, null rules and closed lists of values.

/// What a column holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// Any text, also JSON that is carried as it is.
    Text,
    /// A decimal number.
    Decimal,
    /// An instant, UTC.
    Time,
    /// Key-value pairs.
    Tags,
}

/// When a column must be there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Level {
    /// Always.
    Mandatory,
    /// When the provider has the thing that it speaks of.
    Conditional,
    /// When it can be had.
    Recommended,
}

/// Whether a line may leave it out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Nulls {
    /// It may.
    Nullable,
    /// It may not.
    Required,
}

/// What the specification says of a column.
#[derive(Debug, Clone, Copy)]
pub struct Rule {
    /// The column's name in FOCUS.
    pub name: &'static str,
    /// What it holds.
    pub kind: Kind,
    /// When it must be there.
    pub level: Level,
    /// Whether it may be null.
    pub nulls: Nulls,
    /// The only values it may have; empty when they are open.
    pub allowed: &'static [&'static str],
}

macro_rules! columns {
    ($($name:ident: $kind:ident, $level:ident, $nulls:ident, [$($value:literal),*];)+) => {
        /// A column of FOCUS, named as the specification names it.
        #[derive(
            Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash,
            serde::Serialize, serde::Deserialize, schemars::JsonSchema,
        )]
        #[expect(missing_docs, reason = "the specification says what each is")]
        pub enum Column { $($name,)+ }

        impl Column {
            /// All of them, in alphabetical order with the later ones last.
            pub const ALL: &'static [Self] = &[$(Self::$name,)+];

            /// What the specification says of it.
            pub const fn rule(self) -> Rule {
                match self {
                    $(Self::$name => Rule {
                        name: stringify!($name),
                        kind: Kind::$kind,
                        level: Level::$level,
                        nulls: Nulls::$nulls,
                        allowed: &[$($value),*],
                    },)+
                }
            }
        }
    };
}

columns! {
    AvailabilityZone: Text, Recommended, Nullable, [];
    BilledCost: Decimal, Mandatory, Required, [];
    BillingAccountId: Text, Mandatory, Required, [];
    BillingAccountName: Text, Mandatory, Nullable, [];
    BillingAccountType: Text, Conditional, Required, [];
    BillingCurrency: Text, Mandatory, Required, [];
    BillingPeriodEnd: Time, Mandatory, Required, [];
    BillingPeriodStart: Time, Mandatory, Required, [];
    CapacityReservationId: Text, Conditional, Nullable, [];
    CapacityReservationStatus: Text, Conditional, Nullable, ["Used", "Unused"];
    ChargeCategory: Text, Mandatory, Required, ["Usage", "Purchase", "Tax", "Credit", "Adjustment"];
    ChargeClass: Text, Mandatory, Nullable, ["Correction"];
    ChargeDescription: Text, Mandatory, Nullable, [];
    ChargeFrequency: Text, Recommended, Required, ["One-Time", "Recurring", "Usage-Based"];
    ChargePeriodEnd: Time, Mandatory, Required, [];
    ChargePeriodStart: Time, Mandatory, Required, [];
    CommitmentDiscountCategory: Text, Conditional, Nullable, ["Spend", "Usage"];
    CommitmentDiscountId: Text, Conditional, Nullable, [];
    CommitmentDiscountName: Text, Conditional, Nullable, [];
    CommitmentDiscountQuantity: Decimal, Conditional, Nullable, [];
    CommitmentDiscountStatus: Text, Conditional, Nullable, ["Used", "Unused"];
    CommitmentDiscountType: Text, Conditional, Nullable, [];
    CommitmentDiscountUnit: Text, Conditional, Nullable, [];
    ConsumedQuantity: Decimal, Conditional, Nullable, [];
    ConsumedUnit: Text, Conditional, Nullable, [];
    ContractedCost: Decimal, Mandatory, Required, [];
    ContractedUnitPrice: Decimal, Conditional, Nullable, [];
    EffectiveCost: Decimal, Mandatory, Required, [];
    InvoiceId: Text, Recommended, Nullable, [];
    InvoiceIssuerName: Text, Mandatory, Required, [];
    ListCost: Decimal, Mandatory, Required, [];
    ListUnitPrice: Decimal, Conditional, Nullable, [];
    PricingCategory: Text, Conditional, Nullable, ["Standard", "Dynamic", "Committed", "Other"];
    PricingCurrency: Text, Conditional, Nullable, [];
    PricingCurrencyContractedUnitPrice: Decimal, Conditional, Nullable, [];
    PricingCurrencyEffectiveCost: Decimal, Conditional, Nullable, [];
    PricingCurrencyListUnitPrice: Decimal, Conditional, Nullable, [];
    PricingQuantity: Decimal, Mandatory, Nullable, [];
    PricingUnit: Text, Mandatory, Nullable, [];
    ProviderName: Text, Mandatory, Required, [];
    PublisherName: Text, Mandatory, Required, [];
    RegionId: Text, Conditional, Nullable, [];
    RegionName: Text, Conditional, Nullable, [];
    ResourceId: Text, Conditional, Nullable, [];
    ResourceName: Text, Conditional, Nullable, [];
    ResourceType: Text, Conditional, Nullable, [];
    ServiceCategory: Text, Mandatory, Required, [];
    ServiceName: Text, Mandatory, Required, [];
    ServiceSubcategory: Text, Recommended, Required, [];
    SkuId: Text, Conditional, Nullable, [];
    SkuMeter: Text, Conditional, Nullable, [];
    SkuPriceDetails: Text, Conditional, Nullable, [];
    SkuPriceId: Text, Conditional, Nullable, [];
    SubAccountId: Text, Conditional, Nullable, [];
    SubAccountName: Text, Conditional, Nullable, [];
    SubAccountType: Text, Conditional, Nullable, [];
    Tags: Tags, Conditional, Nullable, [];
    AllocatedMethodDetails: Text, Recommended, Nullable, [];
    AllocatedMethodId: Text, Recommended, Nullable, [];
    AllocatedResourceId: Text, Recommended, Nullable, [];
    AllocatedResourceName: Text, Recommended, Nullable, [];
    AllocatedTags: Text, Recommended, Nullable, [];
    ContractApplied: Text, Recommended, Nullable, [];
    HostProviderName: Text, Recommended, Nullable, [];
    ServiceProviderName: Text, Recommended, Nullable, [];
}

impl Column {
    /// How many there are.
    pub const COUNT: usize = Self::ALL.len();

    /// Its name in FOCUS.
    pub const fn name(self) -> &'static str {
        self.rule().name
    }

    /// What it holds.
    pub const fn kind(self) -> Kind {
        self.rule().kind
    }

    /// Its number in [`Column::ALL`].
    pub const fn index(self) -> usize {
        self as usize
    }

    /// The column of a name, whatever its case.
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL
            .iter()
            .copied()
            .find(|column| column.name().eq_ignore_ascii_case(name.trim()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_are_found_by_name() {
        assert_eq!(Column::ALL[Column::Tags.index()], Column::Tags);
        assert_eq!(Column::named("SkuPriceid"), Some(Column::SkuPriceId));
        assert_eq!(Column::named("x_Team"), None);
        assert_eq!(Column::ALL.len(), 65);
    }
}
