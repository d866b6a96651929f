//! Schedules: a fired one becomes an asynchronous call in the very commit that sets when it fires
//! next, so that no crash loses one or makes two of it.

use super::{cron, happenings};
use crate::rows::{Stored, read};
use crate::{Control, Error};
use contracts::store::{Commit, Expect, Key, Row};
use domain::Timestamp;
use domain::function::{
    EventPhase, Function, FunctionEvent, FunctionForm, FunctionSchedule, Qualifier,
};

impl Control {
    /// Fires a claimed schedule when it is time; returns when it is due again.
    pub(crate) async fn activate_schedule(&self, row: Row) -> Result<Option<Timestamp>, Error> {
        let mut schedule: FunctionSchedule = read(&row)?;
        let now = self.world.now();
        if schedule.next > now {
            return Ok(Some(schedule.next));
        }
        let fired = schedule.next;
        let key = schedule.key();
        let owner = Key::new(Function::KIND, &schedule.workspace, &schedule.function);
        let Some((function, _)) = self.find::<Function>(&owner).await? else {
            let commit = Commit {
                now,
                expect: vec![Expect::Revision(key.clone(), row.revision)],
                delete: vec![key],
                ..Commit::default()
            };
            self.store.commit(commit).await?;
            return Ok(None);
        };
        let event = event(&schedule, function.spec.form, fired, now);
        let mut commit = Commit {
            now,
            expect: vec![
                Expect::Revision(key.clone(), row.revision),
                Expect::Absent(event.key()),
            ],
            put: vec![event.row(Some(now))?],
            ..Commit::default()
        };
        match decide(&schedule, now)? {
            Some(next) => {
                schedule.next = next;
                commit.put.push(schedule.row(Some(next))?);
            }
            None => commit.delete.push(key),
        }
        self.store.commit(commit).await?;
        self.function_events.notify_one();
        Ok(None)
    }
}

/// When a schedule that fires now fires next. Times that passed while no server was there are
/// made up for once, not each.
fn decide(schedule: &FunctionSchedule, now: Timestamp) -> Result<Option<Timestamp>, Error> {
    let next = cron::next(&schedule.schedule, schedule.next)?;
    match next {
        Some(next) if next > now => Ok(Some(next)),
        Some(_) => Ok(cron::next(&schedule.schedule, now)?),
        None => Ok(None),
    }
}

fn event(
    schedule: &FunctionSchedule,
    form: FunctionForm,
    fired: Timestamp,
    now: Timestamp,
) -> FunctionEvent {
    let told = || happenings::time_came(form, schedule, fired, now).to_string();
    FunctionEvent {
        id: format!("{}.{}.{}", schedule.function, schedule.trigger, fired.0),
        workspace: schedule.workspace.clone(),
        function: schedule.function.clone(),
        qualifier: Qualifier::Latest,
        payload: schedule.input.clone().unwrap_or_else(told),
        source: schedule.trigger.to_string(),
        received: fired,
        attempts: 0,
        phase: EventPhase::Waiting,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use domain::function::Schedule;
    use domain::{FunctionName, Name, Span, Workspace};

    #[test]
    fn what_was_missed_is_made_up_for_once() {
        let schedule = FunctionSchedule {
            function: FunctionName::new("f").unwrap(),
            workspace: Workspace::default(),
            trigger: Name::new("t").unwrap(),
            schedule: Schedule::Rate {
                span: Span::minutes(1),
            },
            input: None,
            next: Timestamp(60_000),
        };
        assert_eq!(
            decide(&schedule, Timestamp(60_500)).unwrap(),
            Some(Timestamp(120_000))
        );
        // An hour later it does not fire sixty times.
        let late = Timestamp(3_660_500);
        assert_eq!(
            decide(&schedule, late).unwrap(),
            Some(late + Span::minutes(1))
        );
        let text = event(&schedule, FunctionForm::Aws, Timestamp(0), late).payload;
        assert!(text.contains("1970-01-01T00:00:00Z"), "{text}");
    }
}
