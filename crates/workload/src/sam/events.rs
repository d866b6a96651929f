//! The events of a function: APIs, schedules, new objects.

use super::evaluate::Scope;
use super::reader::Reader;
use super::tree::{Key, Node};
use domain::function::{ApiPayload, HttpAccess, Schedule, Trigger, TriggerKind};
use domain::{Name, Span};

/// Reads one event; none when something in it is wrong, which was told.
pub(super) fn read(
    name: &Key,
    event: &Node,
    scope: &Scope<'_>,
    reader: &mut Reader<'_>,
) -> Option<Trigger> {
    let kind = event
        .get("Type")
        .and_then(Node::text)
        .unwrap_or_default()
        .to_owned();
    let empty = Node {
        kind: super::tree::Kind::Map(Vec::new()),
        span: event.span.clone(),
    };
    let properties = event.get("Properties").unwrap_or(&empty);
    let kind = match kind.as_str() {
        "Api" => api(properties, scope, reader, ApiPayload::V1),
        "HttpApi" => api(properties, scope, reader, ApiPayload::V2),
        "Schedule" | "ScheduleV2" => schedule(properties, reader),
        "S3" => objects(properties, reader),
        other => {
            reader.wrong(
                event,
                format!(
                    "event `{}`: the type `{other}` is not supported: `Api`, `HttpApi`, \
                     `Schedule`, `ScheduleV2` and `S3` are",
                    name.name
                ),
            );
            None
        }
    };
    let trigger = Name::new(name.name.clone());
    match trigger {
        Ok(trigger) => Some(Trigger {
            name: trigger,
            kind: kind?,
        }),
        Err(error) => {
            reader.wrong(event, error.to_string());
            None
        }
    }
}

fn api(
    properties: &Node,
    scope: &Scope<'_>,
    reader: &mut Reader<'_>,
    payload: ApiPayload,
) -> Option<TriggerKind> {
    // SAM's implicit APIs have these stages.
    let (mut api, mut stage) = match payload {
        ApiPayload::V1 => (scope.stack.to_string(), "Prod".to_owned()),
        ApiPayload::V2 => (scope.stack.to_string(), "default".to_owned()),
    };
    let (mut method, mut path) = ("ANY".to_owned(), "/{proxy+}".to_owned());
    for (key, value) in reader.map(properties) {
        match key.name.as_str() {
            "Path" => path = reader.text(value)?,
            "Method" => method = reader.text(value)?.to_uppercase(),
            "RestApiId" | "ApiId" => {
                api = reader.text(value)?;
                stage = stage_of(&api, scope, reader).unwrap_or(stage);
            }
            "PayloadFormatVersion" if value.text() == Some("2.0") && payload == ApiPayload::V2 => {}
            _ => reader.unsupported(key),
        }
    }
    let name = |text: &str, reader: &mut Reader<'_>| match Name::new(text) {
        Ok(name) => Some(name),
        Err(error) => {
            reader.wrong(properties, error.to_string());
            None
        }
    };
    let method = if method == "*" {
        "ANY".to_owned()
    } else {
        method
    };
    Some(TriggerKind::Http {
        api: name(&api, reader)?,
        stage: name(stage.trim_start_matches('$'), reader)?,
        method,
        path,
        payload,
        // SAM's APIs are open unless they have an authorizer, which is not supported.
        access: HttpAccess::Public,
    })
}

/// The stage of an API of this template.
fn stage_of(api: &str, scope: &Scope<'_>, reader: &mut Reader<'_>) -> Option<String> {
    let stage = scope.api(api)?.get("Properties")?.get("StageName")?;
    let stage = scope.evaluate(stage, reader)?;
    reader.text(&stage)
}

fn schedule(properties: &Node, reader: &mut Reader<'_>) -> Option<TriggerKind> {
    let (mut schedule, mut input, mut enabled) = (None, None, true);
    for (key, value) in reader.map(properties) {
        match key.name.as_str() {
            "Schedule" | "ScheduleExpression" => {
                let text = reader.text(value)?;
                schedule = expression(&text);
                if schedule.is_none() {
                    reader.wrong(
                        value,
                        format!("`{text}` is neither `rate(…)` nor `cron(…)`"),
                    );
                    return None;
                }
            }
            "Input" => input = Some(reader.text(value)?),
            "Enabled" => enabled = reader.truth(value)?,
            "State" => enabled = reader.text(value)? == "ENABLED",
            "Name" | "Description" => reader.note(key, "does not matter here"),
            _ => reader.unsupported(key),
        }
    }
    let Some(schedule) = schedule else {
        reader.wrong(properties, "a schedule needs its `Schedule`");
        return None;
    };
    Some(TriggerKind::Schedule {
        schedule,
        input,
        enabled,
    })
}

/// `rate(5 minutes)` or `cron(0 12 * * ? *)`.
fn expression(text: &str) -> Option<Schedule> {
    let inner = |word: &str| text.strip_prefix(word)?.strip_suffix(')').map(str::trim);
    if let Some(expression) = inner("cron(") {
        return Some(Schedule::Cron {
            expression: expression.to_owned(),
        });
    }
    let (number, unit) = inner("rate(")?.split_once(' ')?;
    let number: i64 = number.parse().ok().filter(|number| *number > 0)?;
    let span = match unit.trim() {
        "minute" | "minutes" => Span::minutes(number),
        "hour" | "hours" => Span::hours(number),
        "day" | "days" => Span::hours(number.checked_mul(24)?),
        _ => return None,
    };
    Some(Schedule::Rate { span })
}

fn objects(properties: &Node, reader: &mut Reader<'_>) -> Option<TriggerKind> {
    let (mut bucket, mut prefix, mut suffix) = (None, String::new(), String::new());
    for (key, value) in reader.map(properties) {
        match key.name.as_str() {
            "Bucket" => bucket = Some(reader.text(value)?),
            "Events" => check_events(value, reader),
            "Filter" => {
                let rules = value.get("S3Key").and_then(|key| key.get("Rules"));
                let Some(rules) = rules else {
                    reader.unsupported(key);
                    continue;
                };
                for rule in reader.list(rules) {
                    let text = |name: &str| rule.get(name).and_then(Node::text).unwrap_or_default();
                    match text("Name").to_lowercase().as_str() {
                        "prefix" => text("Value").clone_into(&mut prefix),
                        "suffix" => text("Value").clone_into(&mut suffix),
                        _ => reader.wrong(rule, "a rule is of a `prefix` or a `suffix`"),
                    }
                }
            }
            _ => reader.unsupported(key),
        }
    }
    let Some(bucket) = bucket else {
        reader.wrong(properties, "an S3 event needs its `Bucket`");
        return None;
    };
    Some(TriggerKind::ObjectCreated {
        bucket,
        prefix,
        suffix,
    })
}

fn check_events(value: &Node, reader: &mut Reader<'_>) {
    let items = match &value.kind {
        super::tree::Kind::List(items) => items.as_slice(),
        _ => std::slice::from_ref(value),
    };
    for item in items {
        if item
            .text()
            .is_none_or(|text| !text.starts_with("s3:ObjectCreated:"))
        {
            reader.wrong(item, "only `s3:ObjectCreated:…` is supported");
        }
    }
}
