//! What budgets have to say becomes events, each of it once, so that whoever reads events hears of it:
//! `tradewind events`, the API, and programs that follow it.

use contracts::store::{Commit, Key};
use control::transact::{Draft, event};
use control::{Caller, Control};
use costs::Ledger;
use costs::budgets::Alert;
use domain::{Refusal, Workspace};
use serde_json::json;

type Failed = Box<dyn std::error::Error + Send + Sync>;

/// Tells what was not told yet.
pub(crate) async fn tell(control: &Control, ledger: &Ledger) -> Result<(), Failed> {
    let (asked, now) = (ledger.clone(), control.world.now());
    let alerts = tokio::task::spawn_blocking(move || asked.untold_alerts(now)).await??;
    if alerts.is_empty() {
        return Ok(());
    }
    for alert in &alerts {
        tracing::warn!(budget = alert.budget, "{}", alert.text);
        one(control, alert).await?;
    }
    let ledger = ledger.clone();
    tokio::task::spawn_blocking(move || ledger.remember_alerts(&alerts)).await??;
    Ok(())
}

/// An event; the token makes it one when the server ends before it is remembered.
async fn one(control: &Control, alert: &Alert) -> Result<(), Refusal> {
    let Alert {
        budget,
        amount,
        month,
        what,
        text,
    } = alert;
    let mut caller = Caller::system(Workspace::default());
    caller.token = Some(format!("budget-alert/{budget}/{amount}/{month}/{what}"));
    let key = Key::new("budget", &caller.workspace, budget);
    let detail = json!({"month": month, "amount": amount, "what": what, "text": text});
    let request = ("budget-alert", budget, amount, month, what);
    control
        .transact(&caller, &request, || {
            Box::pin(async {
                Ok(Draft {
                    commit: Commit {
                        events: vec![event(&caller, &key, "alert", detail.clone())],
                        ..Commit::default()
                    },
                    answer: (),
                })
            })
        })
        .await
}
