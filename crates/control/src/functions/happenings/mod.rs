//! What functions are told of new objects and of times: the event of their form's own cloud.

mod aws;
mod azure;
mod google;

use contracts::objects::ObjectHead;
use domain::Timestamp;
use domain::function::{FunctionForm, FunctionSchedule};
use serde_json::Value;

pub(super) use aws::form;
pub(super) use azure::{blob, with_content};

/// The event of a new object; `trigger` waited for it and `id` names the call.
pub(super) fn object_created(
    form: FunctionForm,
    (trigger, id): (&str, &str),
    head: &ObjectHead,
) -> Value {
    match form {
        FunctionForm::Aws => aws::object_created(trigger, head),
        FunctionForm::Google => google::object_created(id, head),
        FunctionForm::Azure => azure::object_created(head),
    }
}

/// The event of a schedule that was to fire at `fired`, which was at most now.
pub(super) fn time_came(
    form: FunctionForm,
    schedule: &FunctionSchedule,
    fired: Timestamp,
    now: Timestamp,
) -> Value {
    match form {
        FunctionForm::Aws => aws::time_came(schedule, fired),
        FunctionForm::Google => google::time_came(schedule, fired),
        FunctionForm::Azure => azure::time_came(schedule, fired, now),
    }
}

/// RFC 3339 in UTC, to the millisecond.
fn written(time: Timestamp) -> String {
    let time = jiff::Timestamp::from_millisecond(time.0).unwrap_or_default();
    time.strftime("%Y-%m-%dT%H:%M:%S.%3fZ").to_string()
}

#[cfg(test)]
mod tests {
    use super::*;
    use domain::function::Schedule;
    use domain::{FunctionName, Name, Span, Workspace};
    use std::collections::BTreeMap;

    fn head() -> ObjectHead {
        ObjectHead {
            bucket: "b".to_owned(),
            key: "new/a b.csv".to_owned(),
            version: "null".to_owned(),
            bytes: 3,
            etag: "900150983cd24fb0d6963f7d28e17f72".to_owned(),
            sha256: String::new(),
            content_type: Some("text/csv".to_owned()),
            metadata: BTreeMap::from([("k".to_owned(), "v".to_owned())]),
            modified: Timestamp(1_000),
        }
    }

    fn schedule() -> FunctionSchedule {
        FunctionSchedule {
            function: FunctionName::new("f").unwrap(),
            workspace: Workspace::default(),
            trigger: Name::new("t").unwrap(),
            schedule: Schedule::Rate {
                span: Span::minutes(1),
            },
            input: None,
            next: Timestamp(60_000),
        }
    }

    #[test]
    fn objects_are_told_in_each_clouds_words() {
        let of = |form| object_created(form, ("t", "id"), &head());
        let aws = of(FunctionForm::Aws);
        assert_eq!(aws["Records"][0]["s3"]["object"]["key"], "new/a+b.csv");
        let google = of(FunctionForm::Google);
        assert_eq!(google["type"], "google.cloud.storage.object.v1.finalized");
        assert_eq!(google["subject"], "objects/new/a b.csv");
        assert_eq!(google["data"]["md5Hash"], "kAFQmDzST7DWlj99KOF/cg==");
        assert_eq!(google["data"]["size"], "3");
        let azure = of(FunctionForm::Azure);
        assert_eq!(azure["tradewindTrigger"], "blobTrigger");
        assert_eq!(azure["container"], "b");
        assert_eq!(azure["name"], "new/a b.csv");
    }

    #[test]
    fn times_are_told_in_each_clouds_words() {
        let of = |form, now| time_came(form, &schedule(), Timestamp(0), Timestamp(now));
        let aws = of(FunctionForm::Aws, 0);
        assert_eq!(aws["time"], "1970-01-01T00:00:00Z");
        let google = of(FunctionForm::Google, 0);
        assert_eq!(google["type"], "google.cloud.scheduler.job.v1.executed");
        assert_eq!(of(FunctionForm::Azure, 500)["isPastDue"], false);
        assert_eq!(of(FunctionForm::Azure, 100_000)["isPastDue"], true);
    }
}
