//! What becomes of an asynchronous call: pure.

use contracts::functions::FunctionAnswer;
use domain::function::{EventPhase, FunctionEvent, Retries};
use domain::{Refusal, Span, Timestamp};

/// Pause after nobody could take the call; it does not count as an attempt.
const CROWDED: Span = Span::seconds(5);

/// What came of an attempt.
pub(super) enum Came {
    /// An answer, which may say that the function failed.
    Answered(Box<FunctionAnswer>),
    /// It was not called.
    Refused(Refusal),
    /// Nobody knows.
    Lost,
}

/// What is done next.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Next {
    /// Another attempt.
    Again {
        /// When.
        at: Timestamp,
        /// Whether the one before counts.
        counted: bool,
    },
    /// No more attempts, for this reason (AWS Lambda's words for it).
    GiveUp(&'static str),
    /// It was answered.
    Done,
}

/// Whether a call that is due shall not be made any more.
pub(super) fn before(event: &FunctionEvent, retries: &Retries, now: Timestamp) -> Option<Next> {
    let lost = matches!(event.phase, EventPhase::Running { .. });
    if lost && event.attempts > retries.attempts {
        return Some(Next::GiveUp("RetriesExhausted"));
    }
    let first = event.attempts == 0 && !lost;
    let old = now.since(event.received) > retries.longest_wait;
    (old && !first).then_some(Next::GiveUp("EventAgeExceeded"))
}

/// What is done after an attempt.
pub(super) fn decide(
    event: &FunctionEvent,
    retries: &Retries,
    came: &Came,
    now: Timestamp,
) -> Next {
    let (pause, counted) = match came {
        Came::Answered(answer) if answer.fault.is_none() => return Next::Done,
        Came::Answered(_) | Came::Lost => {
            if event.attempts > retries.attempts {
                return Next::GiveUp("RetriesExhausted");
            }
            // The first repetition waits once, the second twice.
            let pause = retries.pause.0.saturating_mul(i64::from(event.attempts));
            (Span(pause), true)
        }
        Came::Refused(Refusal::Throttled { after, .. }) => ((*after).max(CROWDED), false),
        Came::Refused(Refusal::Unavailable { .. } | Refusal::Internal { .. }) => (CROWDED, false),
        Came::Refused(_) => return Next::GiveUp("InvalidTarget"),
    };
    let at = now + pause;
    if at.since(event.received) > retries.longest_wait {
        return Next::GiveUp("EventAgeExceeded");
    }
    Next::Again { at, counted }
}

#[cfg(test)]
mod tests {
    use super::*;
    use bytes::Bytes;
    use contracts::functions::FunctionFault;
    use domain::function::Qualifier;
    use domain::{FunctionName, Workspace};
    use std::time::Duration;

    fn event(attempts: u32) -> FunctionEvent {
        FunctionEvent {
            id: "e".to_owned(),
            workspace: Workspace::default(),
            function: FunctionName::new("f").unwrap(),
            qualifier: Qualifier::Latest,
            payload: "{}".to_owned(),
            source: "invoke".to_owned(),
            received: Timestamp(0),
            attempts,
            phase: EventPhase::Waiting,
        }
    }

    fn answered(fault: Option<FunctionFault>) -> Came {
        Came::Answered(Box::new(FunctionAnswer {
            payload: Bytes::new(),
            http: None,
            fault,
            tail: String::new(),
            duration: Duration::ZERO,
            init: None,
            start: "warm",
            memory: None,
            version: "1".to_owned(),
        }))
    }

    #[test]
    fn a_failure_is_tried_twice_more_with_growing_pauses() {
        let retries = Retries::default();
        let failed = answered(Some(FunctionFault::Raised));
        let now = Timestamp(1_000);
        let again = |attempts| decide(&event(attempts), &retries, &failed, now);
        let at = |minutes| Next::Again {
            at: now + Span::minutes(minutes),
            counted: true,
        };
        assert_eq!(again(1), at(1));
        assert_eq!(again(2), at(2));
        assert_eq!(again(3), Next::GiveUp("RetriesExhausted"));
        assert_eq!(
            decide(&event(1), &retries, &answered(None), now),
            Next::Done
        );
    }

    #[test]
    fn crowding_does_not_count_and_age_ends_it() {
        let retries = Retries::default();
        let message = "full".to_owned();
        let crowded = Came::Refused(Refusal::Unavailable { message });
        let next = decide(&event(3), &retries, &crowded, Timestamp(0));
        let at = Timestamp(0) + CROWDED;
        assert_eq!(next, Next::Again { at, counted: false });
        let late = Timestamp(0) + Span::hours(6);
        let next = decide(&event(3), &retries, &crowded, late);
        assert_eq!(next, Next::GiveUp("EventAgeExceeded"));
        let gone = Came::Refused(Refusal::not_found("function", "f"));
        let next = decide(&event(1), &retries, &gone, Timestamp(0));
        assert_eq!(next, Next::GiveUp("InvalidTarget"));
    }

    #[test]
    fn a_call_that_a_dead_server_began_counts() {
        let retries = Retries::default();
        let mut lost = event(3);
        lost.phase = EventPhase::Running {
            until: Timestamp(5),
        };
        let next = before(&lost, &retries, Timestamp(6));
        assert_eq!(next, Some(Next::GiveUp("RetriesExhausted")));
        lost.attempts = 2;
        assert_eq!(before(&lost, &retries, Timestamp(6)), None);
        assert_eq!(before(&event(0), &retries, Timestamp(i64::MAX)), None);
    }
}
