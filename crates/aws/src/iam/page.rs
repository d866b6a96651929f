//! Pages of lists, as every list of IAM has them.

use super::names::invalid;
use crate::fault::Fault;
use serde::Deserialize;

/// What a list is asked for; the form has no types, so that numbers are texts.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub(crate) struct Page {
    pub(crate) marker: Option<String>,
    max_items: Option<String>,
    pub(crate) path_prefix: Option<String>,
}

impl Page {
    /// Most items of this page.
    pub(crate) fn limit(&self) -> Result<u32, Fault> {
        let Some(text) = &self.max_items else {
            return Ok(100);
        };
        let number = text.parse::<u32>().ok().filter(|n| (1..=1_000).contains(n));
        number.ok_or_else(|| invalid("MaxItems must be a number from 1 to 1000"))
    }
}
