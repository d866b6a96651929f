//! Whether a failed attempt is followed by another one, and after which pause.

use domain::Timestamp;
use domain::job::{After, Ending, Exit, Failure, FailureKind, Job, Outcome};

/// Attempts that were lost by the place that ran them are repeated so often besides the owner's
/// own retries: they say nothing about the job.
pub const LOST_ATTEMPTS: u32 = 5;

fn is_lost(exit: &Exit) -> bool {
    matches!(&exit.ending, Ending::Failed { failure } if failure.kind == FailureKind::Lost)
}

/// Refusals for want of room after which a job is given up. They say nothing about the job, so
/// they are no attempts of its owner's; the cool-downs between them grow to a day.
const ROOMLESS_ATTEMPTS: usize = 12;

fn is_refused(exit: &Exit) -> bool {
    matches!(&exit.ending, Ending::Failed { failure } if failure.kind == FailureKind::Provider)
}

/// What follows a refusal for want of room: the next best place at once, or this one once it has
/// cooled down.
pub(super) fn after_want_of_room(job: &Job, failure: &Failure, now: Timestamp) -> After {
    let refused = job.attempts.iter().filter(|it| is_refused(&it.exit));
    if refused.count() + 1 < ROOMLESS_ATTEMPTS {
        return After::Retry { at: now };
    }
    After::End {
        outcome: Outcome::Failed {
            failure: failure.clone(),
        },
    }
}

/// What follows a failed attempt: another one after a pause, or the end.
pub(super) fn after_failure(job: &Job, failure: &Failure, now: Timestamp) -> After {
    let lost = job
        .attempts
        .iter()
        .filter(|attempt| is_lost(&attempt.exit))
        .count() as u32;
    let refused = job.attempts.iter().filter(|it| is_refused(&it.exit));
    let own = job.attempts.len() as u32 - lost - refused.count() as u32;
    let policy = &job.spec.policy.retries;
    let (again, ordinal) = if failure.kind == FailureKind::Lost {
        (lost + 1 < LOST_ATTEMPTS, lost + 2)
    } else {
        (
            failure.kind.may_be_retried() && own + 1 < policy.attempts,
            own + 2,
        )
    };
    if again {
        After::Retry {
            at: now + policy.pause_before(ordinal),
        }
    } else {
        After::End {
            outcome: Outcome::Failed {
                failure: failure.clone(),
            },
        }
    }
}
