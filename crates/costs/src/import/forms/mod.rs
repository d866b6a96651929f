//! The forms of bills, each turned into lines of FOCUS.

mod aws;
mod azure;
mod fields;
mod focus;
pub(super) mod google;

use super::sink::Rows;
use crate::row::Reject;

/// A form of bill.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, serde::Deserialize, schemars::JsonSchema,
)]
#[serde(rename_all = "kebab-case")]
pub enum Form {
    /// FOCUS of any version from 1.0.
    Focus,
    /// AWS Cost and Usage Report, legacy or 2.0.
    Aws,
    /// Google Cloud billing export to BigQuery, as JSON lines or Parquet.
    Google,
    /// Azure cost and usage details with actual cost.
    Azure,
    /// Azure cost and usage details with amortised cost.
    AzureAmortized,
}

impl Form {
    /// All of them.
    pub const ALL: [Self; 5] = [
        Self::Focus,
        Self::Aws,
        Self::Google,
        Self::Azure,
        Self::AzureAmortized,
    ];

    /// Its name on the command line.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Focus => "focus",
            Self::Aws => "aws",
            Self::Google => "google",
            Self::Azure => "azure",
            Self::AzureAmortized => "azure-amortized",
        }
    }

    /// The form of a name.
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|form| form.name() == name)
    }
}

/// The cells of a record, in the order of the header; empty ones are unset.
#[derive(Clone, Copy)]
pub(super) struct Cells<'a>(pub(super) &'a [Option<&'a str>]);

impl<'a> Cells<'a> {
    /// The cell at a place that the header may not have.
    pub(super) fn at(self, place: Option<usize>) -> Option<&'a str> {
        self.0.get(place?).copied().flatten()
    }
}

/// A form whose header is known.
pub(super) trait Flat {
    fn form(&self) -> Form;
    /// Things to know about the header.
    fn notes(&self) -> Vec<String>;
    /// Makes the lines of a record.
    fn lines(&mut self, cells: Cells<'_>, rows: &mut Rows) -> Result<(), Reject>;
}

/// The form that a header belongs to.
pub(super) fn bind(headers: &[String], wanted: Option<Form>) -> Result<Box<dyn Flat>, String> {
    let found = wanted.or_else(|| {
        if focus::fits(headers) {
            Some(Form::Focus)
        } else if aws::fits(headers) {
            Some(Form::Aws)
        } else if azure::fits(headers) {
            Some(Form::Azure)
        } else {
            None
        }
    });
    match found {
        Some(Form::Focus) => focus::bind(headers),
        Some(Form::Aws) => aws::bind(headers),
        Some(form @ (Form::Azure | Form::AzureAmortized)) => azure::bind(headers, form),
        Some(Form::Google) => {
            Err("the form `google` is read from JSON lines or Parquet".to_owned())
        }
        None => Err(format!(
            "its columns ({}) are those of no known bill: FOCUS has `BilledCost`, AWS \
             `line_item_unblended_cost`, Azure `costInBillingCurrency`",
            headers
                .iter()
                .take(8)
                .map(String::as_str)
                .collect::<Vec<_>>()
                .join(", ")
        )),
    }
}
