//! One activation of a function: have `$LATEST` made ready, look, say how it stands.

use super::resolve::latest;
use crate::rows::{Stored, read};
use crate::transact::system_event;
use crate::{Control, Error};
use contracts::functions::FunctionObservation;
use contracts::store::{Commit, Expect, Row};
use domain::function::{Function, FunctionPhase};
use domain::{Span, Timestamp};
use serde_json::json;

/// Pause between two looks while it is made ready, besides being woken.
const POLL: Span = Span::milliseconds(500);

impl Control {
    /// Moves a claimed function along; returns when it is due again.
    pub(crate) async fn activate_function(&self, row: Row) -> Result<Option<Timestamp>, Error> {
        let mut function: Function = read(&row)?;
        if function.phase != FunctionPhase::Pending {
            return Ok(None);
        }
        let target = latest(&function)?;
        self.function_plane.prepare(&target).await;
        let seen = self.function_plane.observe(&target).await;
        let Some(decided) = decide(seen) else {
            return Ok(Some(self.world.now() + POLL));
        };
        let key = function.key();
        let detail = match &decided.phase {
            FunctionPhase::Failed { message } => json!({"message": message}),
            _ => json!({"generation": function.generation}),
        };
        function.phase = decided.phase;
        function.warnings = decided.warnings;
        function.trouble = decided.trouble;
        let commit = Commit {
            now: self.world.now(),
            expect: vec![Expect::Revision(key.clone(), row.revision)],
            put: vec![function.row(None)?],
            events: vec![system_event(&key, function.phase.word(), detail)],
            ..Commit::default()
        };
        self.store.commit(commit).await?;
        Ok(None)
    }
}

/// What becomes of a function.
#[derive(Debug, PartialEq, Eq)]
struct Decided {
    phase: FunctionPhase,
    warnings: Vec<String>,
    trouble: Option<String>,
}

/// What becomes of a function that is made ready; `None` while it goes on.
fn decide(seen: FunctionObservation) -> Option<Decided> {
    match seen {
        FunctionObservation::Absent | FunctionObservation::Preparing { .. } => None,
        FunctionObservation::Ready { warnings, trouble } => Some(Decided {
            phase: FunctionPhase::Active,
            warnings,
            trouble,
        }),
        FunctionObservation::Failed { message } => Some(Decided {
            phase: FunctionPhase::Failed { message },
            warnings: Vec::new(),
            trouble: None,
        }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_function_rests_when_it_is_ready_or_cannot_be() {
        let step = "fetching".to_owned();
        assert_eq!(decide(FunctionObservation::Preparing { step }), None);
        assert_eq!(decide(FunctionObservation::Absent), None);
        let warnings = vec!["no limits".to_owned()];
        let ready = FunctionObservation::Ready {
            warnings: warnings.clone(),
            trouble: Some("it hangs".to_owned()),
        };
        let expected = Decided {
            phase: FunctionPhase::Active,
            warnings,
            trouble: Some("it hangs".to_owned()),
        };
        assert_eq!(decide(ready), Some(expected));
        let message = "no such package".to_owned();
        let failed = FunctionObservation::Failed {
            message: message.clone(),
        };
        let expected = Decided {
            phase: FunctionPhase::Failed { message },
            warnings: Vec::new(),
            trouble: None,
        };
        assert_eq!(decide(failed), Some(expected));
    }
}
