//! Writes down who changed what of things whose change is no command of `control`: budgets, settings of
//! buckets.

use super::Native;
use contracts::store::{Commit, Key};
use control::Caller;
use control::transact::{Draft, event};
use domain::Refusal;
use futures::future::BoxFuture;

pub(super) async fn audit(
    native: &Native,
    caller: &Caller,
    (kind, id): (&'static str, &str),
    action: &str,
    detail: serde_json::Value,
) -> Result<(), Refusal> {
    let key = Key::new(kind, &caller.workspace, id);
    let decide = || {
        let (key, caller, detail) = (key.clone(), caller.clone(), detail.clone());
        let action = action.to_owned();
        let draft: BoxFuture<'static, Result<Draft<()>, control::Error>> = Box::pin(async move {
            Ok(Draft {
                commit: Commit {
                    events: vec![event(&caller, &key, &action, detail)],
                    ..Commit::default()
                },
                answer: (),
            })
        });
        draft
    };
    let request = (kind, id, action, &detail);
    native.control.transact(caller, &request, decide).await
}
