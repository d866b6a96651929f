//! What cannot be reckoned with is not planned on: amounts beyond all measure, and spot machines
//! that are taken away so often that the work would hardly ever end.

use super::Rule;
use crate::ask::{Ask, Candidate};

/// Estimates that fit into the planner's numbers.
pub(super) struct Measure;

impl Rule for Measure {
    fn name(&self) -> &'static str {
        "estimate"
    }

    fn asked(&self, _ask: &Ask<'_>) -> bool {
        true
    }

    fn can_relax(&self) -> bool {
        false
    }

    fn why(&self, _ask: &Ask<'_>, candidate: Candidate) -> String {
        if candidate.is_spot() {
            "it is taken away so often that the work would hardly ever end".to_owned()
        } else {
            "its cost or time is beyond all measure".to_owned()
        }
    }
}
