//! The offer must be bought in a way that is allowed.

use domain::offer::Purchase;
use domain::policy::PurchaseKind;

use super::Rule;
use crate::ask::{Ask, Candidate};

/// Purchase kinds; without a wish, on demand and what is already paid for.
pub(super) struct Purchases;

impl Rule for Purchases {
    fn name(&self) -> &'static str {
        "purchase"
    }

    fn asked(&self, ask: &Ask<'_>) -> bool {
        ask.workload.policy.purchase != [PurchaseKind::OnDemand, PurchaseKind::Spot]
    }

    fn offer(&self, ask: &Ask<'_>, candidate: Candidate) -> bool {
        let allowed = &ask.workload.policy.purchase;
        let kind = candidate
            .purchase()
            .map_or(PurchaseKind::Committed, Purchase::kind);
        if allowed.is_empty() {
            kind != PurchaseKind::Spot
        } else {
            allowed.contains(&kind)
        }
    }

    fn offers(&self) -> bool {
        true
    }

    fn why(&self, ask: &Ask<'_>, candidate: Candidate) -> String {
        let kind = candidate
            .purchase()
            .map_or_else(|| "committed".to_owned(), |it| it.to_string());
        if ask.workload.policy.purchase.is_empty() {
            format!("it is sold as {kind}, which must be allowed by name")
        } else {
            format!("it is sold as {kind}, which is not among the allowed purchase kinds")
        }
    }
}
