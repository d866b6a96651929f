//! Single decisions about a job, as a table of what is seen and what follows.

use contracts::backend::{Advice, Observation};
use control::jobs::decide::{Effect, LOST_ATTEMPTS, Seen, after_refusal, decide};
use domain::job::{
    After, Artifacts, Attempt, BrokenLimit, Checkpoints, Ending, Entry, Exit, Failure, FailureKind,
    Job, JobSpec, Outcome, Phase, Placement, Usage,
};
use domain::policy::RetryPolicy;
use domain::{JobId, Money, Span, Timestamp, Workspace};

const NOW: Timestamp = Timestamp(1_000_000);
const POLL: Span = Span::seconds(2);

fn placement() -> Placement {
    Placement {
        provider: "local".to_owned(),
        region: "here".to_owned(),
        machine_type: "this-machine".to_owned(),
        zone: None,
        purchase: None,
        hourly_price: Money::ZERO,
        plan: None,
    }
}

fn job(attempts: u32) -> Job {
    let mut spec = JobSpec::new(Entry::Command {
        argv: vec!["true".to_owned()],
    });
    spec.policy.retries = RetryPolicy {
        attempts,
        backoff: Span::seconds(10),
        ..RetryPolicy::default()
    };
    Job::new(JobId::new("job").unwrap(), Workspace::default(), spec, NOW)
}

fn exit(ending: Ending) -> Exit {
    let usage = Usage::default();
    Exit {
        ending,
        started: None,
        ended: NOW,
        usage,
        warnings: Vec::new(),
    }
}

fn failed(kind: FailureKind) -> Exit {
    let message = "it did".to_owned();
    let failure = Failure {
        kind,
        message,
        file: None,
        line: None,
        exit_code: None,
    };
    exit(Ending::Failed { failure })
}

fn seen(observation: Option<Observation>, kept: Option<Artifacts>) -> Seen {
    Seen {
        now: NOW,
        place: Some(Ok(placement())),
        observation,
        kept,
        undelivered: None,
    }
}

#[test]
fn results_that_did_not_reach_their_owner_are_a_failure() {
    let job = collecting(job(1), exit(Ending::Completed));
    let seen = Seen {
        undelivered: Some("no such bucket".to_owned()),
        ..seen(None, Some(Artifacts::default()))
    };
    let Some(Phase::Cleaning {
        after: After::End { outcome },
        ..
    }) = decide(&job, &seen, POLL).phase
    else {
        panic!("it must end");
    };
    assert!(
        matches!(outcome, Outcome::Failed { ref failure } if failure.kind == FailureKind::Output),
        "{outcome:?}"
    );
}

fn collecting(mut job: Job, exit: Exit) -> Job {
    let ticket = job.next_ticket();
    job.phase = Phase::Collecting {
        ticket,
        placement: placement(),
        exit,
    };
    job
}

/// What follows once an attempt with this exit was kept.
fn after(job: &Job, exit: Exit) -> After {
    let job = collecting(job.clone(), exit);
    let decision = decide(&job, &seen(None, Some(Artifacts::default())), POLL);
    assert!(decision.attempt.is_some(), "the attempt is recorded");
    match decision.phase {
        Some(Phase::Cleaning { after, .. }) => after,
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_queued_job_gets_a_ticket_before_the_provider_hears_of_it() {
    let job = job(1);
    let decision = decide(&job, &seen(None, None), POLL);
    let ticket = job.next_ticket();
    assert!(matches!(
        decision.phase,
        Some(Phase::Starting { ticket: ref stored, .. }) if *stored == ticket
    ));
    assert_eq!(decision.effects, [Effect::Ensure(ticket)]);
}

#[test]
fn without_a_free_place_it_waits() {
    let decision = decide(
        &job(1),
        &Seen {
            place: None,
            ..seen(None, None)
        },
        POLL,
    );
    assert_eq!((decision.phase, decision.effects), (None, Vec::new()));
    assert_eq!(decision.again, Some(NOW + POLL));
}

#[test]
fn a_job_without_any_place_fails_with_the_reason() {
    let Ending::Failed { failure } = failed(FailureKind::Unplaceable).ending else {
        unreachable!()
    };
    let decision = decide(
        &job(3),
        &Seen {
            place: Some(Err(failure.clone())),
            ..seen(None, None)
        },
        POLL,
    );
    assert_eq!(
        decision.phase,
        Some(Phase::Ended {
            outcome: Outcome::Failed { failure },
            at: NOW
        })
    );
}

#[test]
fn an_ended_attempt_is_kept_before_its_outcome_is_certain() {
    let mut job = job(1);
    let ticket = job.next_ticket();
    job.phase = Phase::Starting {
        ticket: ticket.clone(),
        placement: placement(),
    };
    let exit = exit(Ending::Completed);
    let ended = Observation::Exited { exit: exit.clone() };
    let decision = decide(&job, &seen(Some(ended), None), POLL);
    assert!(
        decision
            .phase
            .as_ref()
            .is_some_and(|phase| phase.outcome().is_none())
    );
    assert_eq!(decision.effects, [Effect::Collect(ticket, exit)]);
}

#[test]
fn what_an_observation_does_not_show_is_not_believed() {
    let mut job = job(1);
    let ticket = job.next_ticket();
    let since = Some(NOW);
    job.phase = Phase::Running {
        ticket,
        placement: placement(),
        since,
        preparing: None,
    };
    let decision = decide(&job, &seen(None, None), POLL);
    assert_eq!(
        decision.phase, None,
        "a provider that does not answer changes nothing"
    );
}

#[test]
fn failures_are_retried_as_often_as_the_owner_allows_with_growing_pauses() {
    let mut job = job(3);
    let exit = failed(FailureKind::Limit(BrokenLimit::Memory));
    for pause in [10, 20] {
        let at = NOW + Span::seconds(pause);
        assert_eq!(after(&job, exit.clone()), After::Retry { at });
        let ticket = job.next_ticket();
        job.attempts.push(Attempt {
            ticket,
            placement: placement(),
            exit: exit.clone(),
        });
    }
    assert!(matches!(
        after(&job, exit),
        After::End {
            outcome: Outcome::Failed { .. }
        }
    ));
}

#[test]
fn lost_attempts_do_not_use_up_the_owners_retries() {
    let mut job = job(1);
    let lost = failed(FailureKind::Lost);
    for _ in 1..LOST_ATTEMPTS {
        assert!(matches!(after(&job, lost.clone()), After::Retry { .. }));
        let ticket = job.next_ticket();
        job.attempts.push(Attempt {
            ticket,
            placement: placement(),
            exit: lost.clone(),
        });
    }
    assert!(
        matches!(after(&job, lost), After::End { .. }),
        "it is not repeated for ever"
    );
}

#[test]
fn a_job_that_failed_while_it_was_stopped_is_stopped() {
    let mut job = job(5);
    job.stop_requested = Some(NOW);
    let after = after(&job, failed(FailureKind::UserCode));
    assert_eq!(
        after,
        After::End {
            outcome: Outcome::Stopped
        }
    );
}

#[test]
fn a_stopped_job_whose_start_may_be_under_way_is_cleared_away_first() {
    let mut job = job(1);
    job.stop_requested = Some(NOW);
    let ticket = job.next_ticket();
    job.phase = Phase::Starting {
        ticket: ticket.clone(),
        placement: placement(),
    };
    let decision = decide(&job, &seen(Some(Observation::Absent), None), POLL);
    assert!(matches!(decision.phase, Some(Phase::Cleaning { .. })));
    assert_eq!(decision.effects, [Effect::Remove(ticket)]);
}

#[test]
fn want_of_room_is_no_attempt_of_the_owners_and_ends_some_time() {
    let mut job = job(1);
    job.phase = Phase::Starting {
        ticket: job.next_ticket(),
        placement: placement(),
    };
    let refused = |job: &Job| after_refusal(job, Advice::PlanElsewhere, "no room", NOW).unwrap();
    let mut times = 0;
    loop {
        let decision = refused(&job);
        job.attempts.extend(decision.attempt);
        times += 1;
        match decision.phase {
            Some(Phase::Cleaning {
                after: After::Retry { at },
                ..
            }) => assert_eq!(at, NOW),
            Some(Phase::Cleaning {
                after: After::End { outcome },
                ..
            }) => {
                assert!(matches!(outcome, Outcome::Failed { .. }));
                break;
            }
            other => panic!("{other:?}"),
        }
        assert!(times < 100);
    }
    assert!(times > 5, "{times}");
    let given_up = after_refusal(&job, Advice::GiveUp, "never", NOW).unwrap();
    assert!(matches!(
        given_up.phase,
        Some(Phase::Cleaning {
            after: After::End { .. },
            ..
        })
    ));
}

#[test]
fn checkpoints_are_kept_while_user_code_runs() {
    let running = |since| Phase::Running {
        ticket: job(1).next_ticket(),
        placement: placement(),
        since,
        preparing: None,
    };
    let decided = |checkpoints: bool, observation| {
        let mut job = job(1);
        job.spec.checkpoints = checkpoints.then(|| Checkpoints {
            to: "s3://b/c".to_owned(),
            path: None,
        });
        job.phase = running(None);
        let seen = Seen {
            now: NOW,
            place: None,
            observation: Some(observation),
            kept: None,
            undelivered: None,
        };
        decide(&job, &seen, POLL).effects
    };
    let keep = vec![Effect::Keep(job(1).next_ticket())];
    let runs = || Observation::Running { since: NOW };
    assert_eq!(decided(true, runs()), keep);
    assert!(decided(false, runs()).is_empty());
    let prepares = Observation::Preparing {
        step: "inputs".to_owned(),
    };
    assert!(decided(true, prepares).is_empty());
}
