//! Evaluates alarms: once a minute, when they are put, and when values of their series come in
//! (<https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/AlarmThatSendsEmail.html>).

use super::definition::Definition;
use super::kept::{self, KIND, State};
use crate::Aws;
use crate::fault::Fault;
use crate::monitoring::queries::answer;
use crate::operation::Call;
use crate::principal::Principal;
use crate::time::iso;
use control::access::Role;
use control::documents::DocumentFilter;
use domain::{Refusal, Timestamp, Workspace};
use serde_json::json;
use std::collections::BTreeSet;

/// Periods before those that are evaluated, for values that come late.
const LATE: i64 = 2;
/// Documents that are looked at at once.
const PAGE: u32 = 200;

/// Evaluates every alarm of every workspace.
pub(crate) async fn evaluate(aws: &Aws) -> Result<(), Refusal> {
    let (mut after, mut workspaces) = (None, BTreeSet::new());
    loop {
        let filter = DocumentFilter {
            kind: KIND.to_owned(),
            after,
            limit: PAGE,
            ..DocumentFilter::default()
        };
        let (page, next) = aws.control.documents_anywhere(&filter).await?;
        workspaces.extend(page.into_iter().map(|document| document.workspace));
        after = next;
        if after.is_none() {
            break;
        }
    }
    for workspace in workspaces {
        let principal = system(aws, workspace);
        let call = Call {
            aws,
            principal: &principal,
            region: &aws.account.region,
            request_id: "alarms",
            connection: None,
        };
        let failed = |fault: Fault| Refusal::internal(fault.message);
        for alarm in kept::all(&call, None).await.map_err(failed)? {
            let name = alarm.definition.alarm_name;
            if let Err(fault) = now(&call, &name).await {
                tracing::warn!(alarm = name, code = %fault.code, message = fault.message, "an alarm could not be evaluated");
            }
        }
    }
    Ok(())
}

fn system(aws: &Aws, workspace: Workspace) -> Principal {
    Principal {
        arn: format!("arn:aws:iam::{}:root", aws.account.id),
        user_id: aws.account.id.clone(),
        access_key: String::new(),
        workspace,
        role: Role::Administrator,
        session: Vec::new(),
    }
}

/// Evaluates the alarms on a series that has new values.
pub(crate) async fn after_values(
    call: &Call<'_>,
    namespace: &str,
    metric: &str,
) -> Result<(), Fault> {
    let series = kept::parent(namespace, metric);
    for alarm in kept::all(call, Some(&series)).await? {
        now(call, &alarm.definition.alarm_name).await?;
    }
    Ok(())
}

/// Evaluates one alarm. What somebody else wrote meanwhile stands.
pub(crate) async fn now(call: &Call<'_>, name: &str) -> Result<(), Fault> {
    let Some(mut alarm) = kept::find(call, name).await? else {
        return Ok(());
    };
    let at = call.aws.control.world.now();
    let points = points(call, &alarm.definition, at).await?;
    let before = (alarm.state, alarm.reason.clone());
    let (state, reason) = decide(&alarm.definition, alarm.state, &points);
    let data = json!({
        "version": "1.0",
        "queryDate": iso(at),
        "period": alarm.definition.seconds(),
        "recentDatapoints": points.iter().map(|(_, value)| value).collect::<Vec<_>>(),
        "threshold": alarm.definition.threshold.map(|threshold| threshold.0),
    });
    alarm.turn(state, reason, Some(data.to_string()), at);
    if (alarm.state, alarm.reason.clone()) == before {
        return Ok(());
    }
    match kept::put(call, &alarm).await {
        Err(fault) if fault.code == "ConflictException" => Ok(()),
        other => other,
    }
}

/// The values of the periods that decide, the newest first.
async fn points(
    call: &Call<'_>,
    definition: &Definition,
    now: Timestamp,
) -> Result<Vec<(Timestamp, f64)>, Fault> {
    let length = definition.seconds() * 1_000;
    let current = now.0.div_euclid(length) * length;
    let from = Timestamp(current - (definition.evaluation_periods.0 - 1 + LATE) * length);
    let to = Timestamp(current + length);
    let answered = answer(call, &definition.queries(), (from, to)).await?;
    let mut points: Vec<(Timestamp, f64)> = answered
        .into_iter()
        .flat_map(|one| one.series.points)
        .collect();
    points.sort_by_key(|(at, _)| std::cmp::Reverse(*at));
    points.truncate(definition.evaluation_periods.0.max(1) as usize);
    Ok(points)
}

/// The state for the newest values, with the reason in CloudWatch's words.
fn decide(definition: &Definition, present: State, points: &[(Timestamp, f64)]) -> (State, String) {
    let periods = definition.evaluation_periods.0.max(1) as usize;
    let wanted = definition.to_alarm().max(1) as usize;
    let breaching = points
        .iter()
        .filter(|(_, value)| definition.breaches(*value))
        .count();
    let absent = periods.saturating_sub(points.len());
    let state = match definition.missing() {
        _ if breaching >= wanted => State::Alarm,
        "breaching" if breaching + absent >= wanted => State::Alarm,
        "ignore" if breaching + absent >= wanted => present,
        "breaching" | "notBreaching" | "ignore" => State::Ok,
        _ if points.is_empty() => State::Insufficient,
        // As many as there are must breach when there are fewer than are wanted.
        _ if points.len() < wanted && breaching == points.len() => State::Alarm,
        _ => State::Ok,
    };
    (state, reason(definition, state, points, breaching))
}

fn reason(
    definition: &Definition,
    state: State,
    points: &[(Timestamp, f64)],
    breaching: usize,
) -> String {
    let threshold = definition.threshold.map_or(0.0, |threshold| threshold.0);
    if state == State::Insufficient {
        return "Insufficient Data: no datapoints were received for the periods that are evaluated."
            .to_owned();
    }
    let shown: Vec<String> = points
        .iter()
        .map(|(at, value)| format!("{value} ({})", iso(*at)))
        .collect();
    let (count, of) = match state {
        State::Alarm => (breaching, ""),
        _ => (points.len() - breaching, "not "),
    };
    let absent = definition.evaluation_periods.0.max(1) as usize - points.len();
    let treated = match (absent, definition.missing()) {
        (0, _) => String::new(),
        (_, how) => format!(" {absent} missing datapoints were treated as [{how}]."),
    };
    format!(
        "Threshold Crossed: {count} out of the last {} datapoints [{}] were {of}{} the threshold \
         ({threshold}).{treated}",
        points.len(),
        shown.join(", "),
        definition.operator(),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn definition(missing: &str, periods: i64, wanted: i64) -> Definition {
        serde_json::from_value(json!({
            "AlarmName": "a",
            "Namespace": "n",
            "MetricName": "m",
            "Statistic": "Average",
            "Period": 60,
            "EvaluationPeriods": periods,
            "DatapointsToAlarm": wanted,
            "Threshold": 10,
            "ComparisonOperator": "GreaterThanThreshold",
            "TreatMissingData": missing,
        }))
        .unwrap()
    }

    #[test]
    fn states_follow_the_values_and_what_missing_ones_count_as() {
        use State::{Alarm, Insufficient, Ok};
        let (high, low) = (20.0, 10.0);
        for (missing, values, expected) in [
            ("missing", vec![high, high, high], Alarm),
            ("missing", vec![high, high, low], Alarm),
            ("missing", vec![high, low, low], Ok),
            ("missing", vec![], Insufficient),
            ("missing", vec![high], Alarm),
            ("missing", vec![low], Ok),
            ("breaching", vec![], Alarm),
            ("breaching", vec![low], Alarm),
            ("breaching", vec![low, low], Ok),
            ("notBreaching", vec![], Ok),
            ("notBreaching", vec![high], Ok),
            ("notBreaching", vec![high, high], Alarm),
            ("ignore", vec![], Insufficient),
            ("ignore", vec![low, low], Ok),
        ] {
            let points: Vec<(Timestamp, f64)> =
                values.iter().map(|value| (Timestamp(0), *value)).collect();
            let (state, reason) = decide(&definition(missing, 3, 2), Insufficient, &points);
            assert_eq!(state, expected, "{missing} {values:?} {reason}");
        }
    }
}
