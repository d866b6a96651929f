//! What becomes of a job, given what is seen of it: a pure function.

use super::retry::{after_failure, after_want_of_room};
use contracts::backend::{Advice, Observation};
use domain::job::{
    After, Artifacts, Attempt, Ending, Exit, Failure, FailureKind, Job, Outcome, Phase, Placement,
    Usage,
};
use domain::{Span, TicketId, Timestamp};

pub use super::retry::LOST_ATTEMPTS;

/// What is seen.
#[derive(Debug, Clone, PartialEq)]
pub struct Seen {
    /// Now.
    pub now: Timestamp,
    /// Where a queued job may go; `None` when it must wait for a free place.
    pub place: Option<Result<Placement, Failure>>,
    /// What the provider shows of the ticket; `None` when there is none or it did not answer.
    pub observation: Option<Observation>,
    /// What was kept of an ended attempt.
    pub kept: Option<Artifacts>,
    /// Why something that was kept could not be put where its owner wanted it.
    pub undelivered: Option<String>,
}

/// What to do once the decision is committed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Effect {
    /// Make the workload of this ticket exist.
    Ensure(TicketId),
    /// Ask it to end.
    Stop(TicketId),
    /// Keep its checkpoints as they are now.
    Keep(TicketId),
    /// Keep what it left.
    Collect(TicketId, Exit),
    /// Clear it away.
    Remove(TicketId),
}

/// The next state and what to do.
#[derive(Debug, Clone, PartialEq)]
pub struct Decision {
    /// The next phase; `None` when it stays as it is.
    pub phase: Option<Phase>,
    /// Attempts to record.
    pub attempt: Option<Attempt>,
    /// What to do after the commit.
    pub effects: Vec<Effect>,
    /// When to look again if nothing wakes the reconciler sooner; `None` at the end.
    pub again: Option<Timestamp>,
}

impl Decision {
    fn go(phase: Phase, effects: Vec<Effect>, now: Timestamp) -> Self {
        let again = match &phase {
            Phase::Ended { .. } => None,
            Phase::Queued {
                not_before: Some(at),
            } => Some(*at),
            _ => Some(now),
        };
        Self {
            phase: Some(phase),
            attempt: None,
            effects,
            again,
        }
    }

    /// Names the kind of the failure that a refusal led to.
    pub fn set_failure_kind(&mut self, kind: FailureKind) {
        if let Some(attempt) = &mut self.attempt
            && let Ending::Failed { failure } = &mut attempt.exit.ending
        {
            failure.kind = kind.clone();
        }
        if let Some(Phase::Cleaning {
            after: After::End { outcome },
            ..
        }) = &mut self.phase
            && let Outcome::Failed { failure } = outcome
        {
            failure.kind = kind;
        }
    }

    fn stay(effects: Vec<Effect>, again: Timestamp) -> Self {
        Self {
            phase: None,
            attempt: None,
            effects,
            again: Some(again),
        }
    }
}

/// Decides. `poll` is the pause between two looks at something that moves by itself.
pub fn decide(job: &Job, seen: &Seen, poll: Span) -> Decision {
    let now = seen.now;
    match &job.phase {
        Phase::Queued { not_before } => queued(job, seen, *not_before, poll),
        Phase::Starting { ticket, placement } => {
            if job.stop_requested.is_some() && seen.observation == Some(Observation::Absent) {
                // The start may be under way elsewhere; removal is what makes sure it never is.
                return clean(ticket, placement, Outcome::Stopped, now);
            }
            live(job, seen, ticket, placement, poll)
        }
        Phase::Running {
            ticket, placement, ..
        } => live(job, seen, ticket, placement, poll),
        Phase::Collecting {
            ticket,
            placement,
            exit,
        } => match &seen.kept {
            None => Decision::stay(
                vec![Effect::Collect(ticket.clone(), exit.clone())],
                now + poll,
            ),
            Some(artifacts) => {
                let exit = delivered(exit, seen.undelivered.as_deref());
                conclude(job, ticket, placement, &exit, artifacts, now)
            }
        },
        Phase::Cleaning { ticket, after, .. } => match seen.observation {
            Some(Observation::Absent) => {
                let phase = match after {
                    After::Retry { at } => Phase::Queued {
                        not_before: Some(*at),
                    },
                    After::End { outcome } => Phase::Ended {
                        outcome: outcome.clone(),
                        at: now,
                    },
                };
                Decision::go(phase, Vec::new(), now)
            }
            _ => Decision::stay(vec![Effect::Remove(ticket.clone())], now + poll),
        },
        Phase::Ended { .. } => Decision {
            phase: None,
            attempt: None,
            effects: Vec::new(),
            again: None,
        },
    }
}

fn queued(job: &Job, seen: &Seen, not_before: Option<Timestamp>, poll: Span) -> Decision {
    let now = seen.now;
    if job.stop_requested.is_some() {
        return Decision::go(
            Phase::Ended {
                outcome: Outcome::Stopped,
                at: now,
            },
            Vec::new(),
            now,
        );
    }
    if let Some(at) = not_before.filter(|at| *at > now) {
        return Decision::stay(Vec::new(), at);
    }
    match &seen.place {
        None => Decision::stay(Vec::new(), now + poll),
        Some(Err(failure)) => {
            let outcome = Outcome::Failed {
                failure: failure.clone(),
            };
            Decision::go(Phase::Ended { outcome, at: now }, Vec::new(), now)
        }
        Some(Ok(placement)) => {
            let ticket = job.next_ticket();
            let phase = Phase::Starting {
                ticket: ticket.clone(),
                placement: placement.clone(),
            };
            Decision::go(phase, vec![Effect::Ensure(ticket)], now)
        }
    }
}

fn live(job: &Job, seen: &Seen, ticket: &TicketId, placement: &Placement, poll: Span) -> Decision {
    let now = seen.now;
    let stop = || match job.stop_requested {
        Some(_) => vec![Effect::Stop(ticket.clone())],
        None => Vec::new(),
    };
    let running = |since, preparing| Phase::Running {
        ticket: ticket.clone(),
        placement: placement.clone(),
        since,
        preparing,
    };
    let phase = match &seen.observation {
        None => return Decision::stay(stop(), now + poll),
        Some(Observation::Absent) if matches!(job.phase, Phase::Starting { .. }) => {
            return Decision::stay(vec![Effect::Ensure(ticket.clone())], now + poll);
        }
        Some(Observation::Absent) => {
            let reason = "the provider no longer knows it".to_owned();
            return collect(ticket, placement, lost(reason, now), now);
        }
        Some(Observation::Lost { reason }) => {
            return collect(ticket, placement, lost(reason.clone(), now), now);
        }
        Some(Observation::Exited { exit }) => {
            return collect(ticket, placement, exit.clone(), now);
        }
        Some(Observation::Preparing { step }) => running(None, Some(step.clone())),
        Some(Observation::Running { since }) => running(Some(*since), None),
    };
    let mut effects = stop();
    if job.spec.checkpoints.is_some() && matches!(phase, Phase::Running { since: Some(_), .. }) {
        effects.push(Effect::Keep(ticket.clone()));
    }
    if phase == job.phase {
        return Decision::stay(effects, now + poll);
    }
    let mut decision = Decision::go(phase, effects, now);
    decision.again = Some(now + poll);
    decision
}

fn lost(reason: String, now: Timestamp) -> Exit {
    let failure = Failure {
        kind: FailureKind::Lost,
        message: format!("the attempt was lost: {reason}"),
        file: None,
        line: None,
        exit_code: None,
    };
    Exit {
        ending: Ending::Failed { failure },
        started: None,
        ended: now,
        usage: Usage::default(),
        warnings: Vec::new(),
    }
}

fn collect(ticket: &TicketId, placement: &Placement, exit: Exit, now: Timestamp) -> Decision {
    let effects = vec![Effect::Collect(ticket.clone(), exit.clone())];
    let phase = Phase::Collecting {
        ticket: ticket.clone(),
        placement: placement.clone(),
        exit,
    };
    Decision::go(phase, effects, now)
}

/// An attempt whose results did not reach their owner has failed.
fn delivered(exit: &Exit, undelivered: Option<&str>) -> Exit {
    let mut exit = exit.clone();
    if let (Some(message), Ending::Completed) = (undelivered, &exit.ending) {
        exit.ending = Ending::Failed {
            failure: Failure {
                kind: FailureKind::Output,
                message: message.to_owned(),
                file: None,
                line: None,
                exit_code: None,
            },
        };
    }
    exit
}

fn conclude(
    job: &Job,
    ticket: &TicketId,
    placement: &Placement,
    exit: &Exit,
    artifacts: &Artifacts,
    now: Timestamp,
) -> Decision {
    let after = match &exit.ending {
        Ending::Completed => After::End {
            outcome: Outcome::Succeeded {
                artifacts: artifacts.clone(),
            },
        },
        Ending::Stopped => After::End {
            outcome: Outcome::Stopped,
        },
        Ending::Failed { failure } if job.stop_requested.is_some() => {
            tracing::debug!(job = %job.id, ?failure, "failed while it was being stopped");
            After::End {
                outcome: Outcome::Stopped,
            }
        }
        Ending::Failed { failure } => after_failure(job, failure, now),
    };
    let attempt = Attempt {
        ticket: ticket.clone(),
        placement: placement.clone(),
        exit: exit.clone(),
    };
    let phase = Phase::Cleaning {
        ticket: ticket.clone(),
        placement: placement.clone(),
        after,
    };
    let mut decision = Decision::go(phase, vec![Effect::Remove(ticket.clone())], now);
    decision.attempt = Some(attempt);
    decision
}

fn clean(ticket: &TicketId, placement: &Placement, outcome: Outcome, now: Timestamp) -> Decision {
    let (ticket, placement) = (ticket.clone(), placement.clone());
    let effects = vec![Effect::Remove(ticket.clone())];
    let after = After::End { outcome };
    Decision::go(
        Phase::Cleaning {
            ticket,
            placement,
            after,
        },
        effects,
        now,
    )
}

/// What becomes of a job whose provider answered a call with an error: nothing but a later
/// repetition, unless the provider says that this will not help.
pub fn after_refusal(job: &Job, advice: Advice, message: &str, now: Timestamp) -> Option<Decision> {
    let (Phase::Starting { ticket, placement }, Advice::GiveUp | Advice::PlanElsewhere) =
        (&job.phase, advice)
    else {
        return None;
    };
    let failure = Failure {
        kind: FailureKind::Provider,
        message: message.to_owned(),
        file: None,
        line: None,
        exit_code: None,
    };
    let ending = Ending::Failed {
        failure: failure.clone(),
    };
    let exit = Exit {
        ending,
        started: None,
        ended: now,
        usage: Usage::default(),
        warnings: Vec::new(),
    };
    let outcome = Outcome::Failed {
        failure: failure.clone(),
    };
    let mut decision = clean(ticket, placement, outcome, now);
    decision.attempt = Some(Attempt {
        ticket: ticket.clone(),
        placement: placement.clone(),
        exit,
    });
    if advice == Advice::PlanElsewhere
        && let Some(Phase::Cleaning { after, .. }) = &mut decision.phase
    {
        *after = after_want_of_room(job, &failure, now);
    }
    Some(decision)
}
