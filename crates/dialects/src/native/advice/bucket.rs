//! Buckets: when objects expire.

use crate::native::Native;
use crate::native::audit::audit;
use control::Caller;
use domain::Refusal;
use objects::Rule;
use serde_json::json;

/// The name of the rule by which objects go after so many days.
pub(super) fn rule_of(days: u32) -> String {
    format!("tradewind-advice-{days}-days")
}

/// Refuses a bucket that is not there.
pub(super) async fn exists(native: &Native, caller: &Caller, bucket: &str) -> Result<(), Refusal> {
    let found = native.objects.get_bucket(&caller.workspace, bucket).await;
    found.map(|_| ()).map_err(refusal)
}

/// Deletes objects that nobody changed for so many days.
pub(super) async fn expire(
    native: &Native,
    caller: &Caller,
    bucket: &str,
    days: u32,
) -> Result<(), Refusal> {
    let id = rule_of(days);
    let rule = Rule {
        id: id.clone(),
        enabled: true,
        days: Some(days),
        ..Rule::default()
    };
    let update = native
        .objects
        .update_bucket(&caller.workspace, bucket, |settings| {
            settings.lifecycle.retain(|one| one.id != rule.id);
            settings.lifecycle.push(rule.clone());
            Ok(())
        });
    update.await.map_err(refusal)?;
    let detail = json!({"lifecycle": "added", "rule": id, "days": days});
    audit(native, caller, ("bucket", bucket), "updated", detail).await
}

/// Takes a rule away; one that is not there is no error.
pub(super) async fn keep(
    native: &Native,
    caller: &Caller,
    bucket: &str,
    id: &str,
) -> Result<(), Refusal> {
    let update = native
        .objects
        .update_bucket(&caller.workspace, bucket, |settings| {
            settings.lifecycle.retain(|one| one.id != id);
            Ok(())
        });
    update.await.map_err(refusal)?;
    let detail = json!({"lifecycle": "removed", "rule": id});
    audit(native, caller, ("bucket", bucket), "updated", detail).await
}

fn refusal(error: objects::Error) -> Refusal {
    match error {
        objects::Error::NoSuchBucket(name) => Refusal::not_found("bucket", name),
        other => Refusal::invalid(other.to_string()),
    }
}
