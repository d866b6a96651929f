//! What lines are held against.

use super::Reject;
use crate::focus::{Column, Nulls};
use crate::instant;
use crate::segment::read_tags;
use domain::Timestamp;
use hashbrown::HashSet;

/// What is remembered from line to line while lines are checked.
pub(crate) struct Checks {
    /// Numbers whose digits beyond the eighteenth decimal were rounded.
    pub(crate) rounded: u64,
    /// Lines in which a column was null that may not be, by column.
    pub(crate) nulls: Vec<u64>,
    /// The currency of lines that name none.
    pub(crate) currency: Option<String>,
    /// Charges and billing periods start within these.
    bounds: Option<std::ops::Range<i64>>,
    pub(super) required: Vec<Column>,
    tags: HashSet<String>,
    last: String,
}

/// 2000-01-01: no bill of a cloud is older.
const FIRST: i64 = 946_684_800_000;
/// Years in which charges may start after the bill is imported.
const YEARS_AHEAD: i32 = 10;

/// Sets of tags that are remembered as well-formed before the memory is emptied.
const KNOWN_TAGS: usize = 50_000;

impl Checks {
    pub(crate) fn new(currency: Option<String>) -> Self {
        Self {
            rounded: 0,
            nulls: vec![0; Column::COUNT],
            currency,
            bounds: None,
            required: Column::ALL
                .iter()
                .copied()
                .filter(|column| column.rule().nulls == Nulls::Required)
                .collect(),
            tags: HashSet::new(),
            last: String::new(),
        }
    }

    /// Those of a bill that is imported at `now`: a year before 2000, or more than ten years ahead, is a
    /// mistake, and would make a series of millennia.
    pub(crate) fn of_a_bill(currency: Option<String>, now: Timestamp) -> Self {
        Self {
            bounds: Some(FIRST..instant::month_start(now, 12 * YEARS_AHEAD).0),
            ..Self::new(currency)
        }
    }

    /// Refuses an instant that no bill has.
    pub(super) fn bound(&self, column: Column, at: Option<i64>) -> Result<(), Reject> {
        let (Some(bounds), Some(at)) = (&self.bounds, at) else {
            return Ok(());
        };
        if bounds.contains(&at) {
            return Ok(());
        }
        let at = instant::write(Timestamp(at));
        let reason = format!("{at} is before 2000 or more than {YEARS_AHEAD} years ahead");
        Err(Reject::new(column.name(), reason))
    }

    pub(super) fn knows_tags(&mut self, json: &str) -> bool {
        if self.last == json || self.tags.contains(json) {
            return true;
        }
        let good = read_tags(json).is_some();
        if good {
            if self.tags.len() >= KNOWN_TAGS {
                self.tags.clear();
            }
            json.clone_into(&mut self.last);
            self.tags.insert(json.to_owned());
        }
        good
    }
}
