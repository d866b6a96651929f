//! What is kept of budgets beside the ledger's own: how they were sent, and their notifications.

use super::fault::{fault, no_budget, said};
use super::notifications::Notified;
use crate::ce::reading::reading;
use crate::fault::Fault;
use crate::operation::Call;
use control::documents::NewDocument;
use costs::budgets::{Budget, Standing};
use domain::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

/// The kind of these documents.
pub(super) const KIND: &str = "budgets/budget";

/// A budget's document.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(default)]
pub(super) struct Kept {
    /// As it was sent; unset when it was made elsewhere.
    pub(super) sent: Option<Value>,
    /// What was made of that: a budget that differs was changed elsewhere since.
    pub(super) made: Option<Budget>,
    /// Notifications and who subscribed to each.
    pub(super) notified: Vec<Notified>,
    /// When it ends, in milliseconds since 1970.
    pub(super) ends: Option<i64>,
}

/// A budget with how it stands, its document and when that was written.
pub(super) struct Found {
    pub(super) standing: Standing,
    pub(super) kept: Kept,
    pub(super) revision: Option<i64>,
    pub(super) updated: Option<Timestamp>,
}

impl Found {
    /// How it was sent, when it still is what was made of that.
    pub(super) fn sent(&self) -> Option<&Value> {
        let own = |made: &Budget| {
            let mut made = made.clone();
            made.thresholds.clone_from(&self.standing.budget.thresholds);
            made == self.standing.budget
        };
        let same = self.kept.made.as_ref().is_some_and(own);
        self.kept.sent.as_ref().filter(|_| same)
    }

    /// As AWS describes it.
    pub(super) fn shown(&self, call: &Call<'_>, as_expression: bool) -> Value {
        let now = call.aws.control.world.now();
        super::shown::shown(
            &self.standing,
            self.sent(),
            self.updated,
            as_expression,
            now,
        )
    }
}

/// Refuses what is asked in the name of another account.
pub(super) fn own_account(call: &Call<'_>, account: &str) -> Result<(), Fault> {
    if account == call.aws.account.id {
        return Ok(());
    }
    let text = format!(
        "Account {account} is not a linked account of {}",
        call.aws.account.id
    );
    Err(Fault::new("AccessDeniedException", text))
}

/// A budget by its name.
pub(super) async fn require(call: &Call<'_>, account: &str, name: &str) -> Result<Found, Fault> {
    own_account(call, account)?;
    let (wanted, now) = (name.to_owned(), call.aws.control.world.now());
    let found = reading(call, move |ledger| {
        let budget = ledger.budgets()?.remove(&wanted);
        budget
            .map(|budget| ledger.standing(&budget, now))
            .transpose()
    });
    let standing = found.await.map_err(said)?.ok_or_else(|| no_budget(name))?;
    with_document(call, standing).await
}

/// All budgets, by name.
pub(super) async fn all(call: &Call<'_>, account: &str) -> Result<Vec<Found>, Fault> {
    own_account(call, account)?;
    let now = call.aws.control.world.now();
    let standings = reading(call, move |ledger| {
        let budgets = ledger.budgets()?.into_values();
        budgets
            .map(|budget| ledger.standing(&budget, now))
            .collect::<Result<Vec<_>, _>>()
    });
    let mut all = Vec::new();
    for standing in standings.await.map_err(said)? {
        all.push(with_document(call, standing).await?);
    }
    Ok(all)
}

async fn with_document(call: &Call<'_>, standing: Standing) -> Result<Found, Fault> {
    let (control, caller) = (&call.aws.control, call.caller());
    let known = control
        .find_document(&caller, KIND, &standing.budget.name)
        .await;
    let Some(known) = known.map_err(fault)? else {
        return Ok(Found {
            standing,
            kept: Kept::default(),
            revision: None,
            updated: None,
        });
    };
    Ok(Found {
        standing,
        kept: crate::operation::read(known.document.body)?,
        revision: Some(known.revision),
        updated: Some(known.document.updated),
    })
}

/// Sets a budget with the thresholds that its notifications name, and keeps its document.
pub(super) async fn put(
    call: &Call<'_>,
    mut budget: Budget,
    mut kept: Kept,
    revision: Option<i64>,
) -> Result<(), Fault> {
    let own = kept.notified.iter().filter_map(Notified::threshold);
    budget.thresholds = own.collect();
    budget.thresholds.sort_unstable();
    budget.thresholds.dedup();
    if kept.sent.is_some() {
        kept.made = Some(budget.clone());
    }
    let new = NewDocument {
        kind: KIND.to_owned(),
        id: budget.name.clone(),
        phase: "kept".to_owned(),
        body: json!(kept),
        ..NewDocument::default()
    };
    // The budget is checked where it is kept, and nothing is written of one that is refused.
    reading(call, move |ledger| ledger.set_budget(budget))
        .await
        .map_err(said)?;
    let written = call
        .aws
        .control
        .put_document(&call.caller(), &new, revision)
        .await;
    written.map(|_| ()).map_err(fault)
}
