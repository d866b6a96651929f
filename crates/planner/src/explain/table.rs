//! The plan as a table of plain text.

use super::together::together;
use crate::plan::{Payment, Placed, Plan, Proof};

impl Plan {
    /// One line a workload, then the sum, how sure it is, runners-up, rejections and notes.
    pub fn table(&self) -> String {
        let mut rows = vec![
            [
                "workload", "place", "machine", "bought", "cost", "starts", "done",
            ]
            .map(str::to_owned),
        ];
        for placed in &self.placed {
            let offer = &placed.offer;
            let cost = offer.estimate.compute + offer.estimate.disk;
            let machine = if offer.nodes > 1 {
                format!("{} × {}", offer.nodes, offer.machine)
            } else {
                offer.machine.clone()
            };
            rows.push([
                placed.workload.clone(),
                offer.site.to_string(),
                machine,
                payment(&offer.payment),
                cost.to_string(),
                placed.start.to_string(),
                placed.finish.to_string(),
            ]);
        }
        let mut text = aligned(&rows);
        for moved in self.transfers.iter().filter(|it| it.cost.micros > 0) {
            let size = domain::ByteSize(moved.bytes);
            text.push_str(&format!(
                "{size} from {} to {}: {}\n",
                moved.from, moved.to, moved.cost
            ));
        }
        text.push_str(&format!(
            "total {} in {}, {}\n",
            self.cost,
            self.time,
            self.proof_in_words()
        ));
        for placed in &self.placed {
            Self::reasons(&mut text, placed);
        }
        for note in self.notes_together() {
            text.push_str(&format!("note: {note}\n"));
        }
        text
    }

    /// The notes; what is said of several workloads is said once.
    pub fn notes_together(&self) -> Vec<String> {
        together(&self.notes)
    }

    fn reasons(text: &mut String, placed: &Placed) {
        text.push_str(&format!(
            "{}: {} offers considered\n",
            placed.workload, placed.considered
        ));
        for runner_up in &placed.runners_up {
            let (money, time) = (runner_up.more_money, runner_up.more_time);
            let sign = |negative: bool| if negative { "" } else { "+" };
            text.push_str(&format!(
                "  next: {} in {} ({}{money}, {}{time})\n",
                runner_up.offer.machine,
                runner_up.offer.site,
                sign(money.micros < 0),
                sign(time.0 < 0),
            ));
        }
        for group in &placed.rejected {
            text.push_str(&format!(
                "  {} rejected by {} ({} by nothing else), such as {}: {}\n",
                group.offers, group.rule, group.alone, group.example, group.why
            ));
        }
    }

    fn proof_in_words(&self) -> String {
        match &self.proof {
            Proof::Optimal => "proved to be the best".to_owned(),
            Proof::Bounded {
                gap_basis_points, ..
            } => format!(
                "at most {}.{:02} % above the best",
                gap_basis_points / 100,
                gap_basis_points % 100
            ),
        }
    }
}

fn payment(payment: &Payment) -> String {
    match payment {
        Payment::OnDemand => "on demand".to_owned(),
        Payment::Spot => "spot".to_owned(),
        Payment::Committed { commitment } => format!("committed: {commitment}"),
    }
}

fn aligned(rows: &[[String; 7]]) -> String {
    let mut widths = [0; 7];
    for row in rows {
        for (width, cell) in widths.iter_mut().zip(row) {
            *width = (*width).max(cell.chars().count());
        }
    }
    let mut text = String::new();
    for row in rows {
        let mut line = String::new();
        for (cell, width) in row.iter().zip(widths) {
            line.push_str(&format!("{cell:<width$}  "));
        }
        text.push_str(line.trim_end());
        text.push('\n');
    }
    text
}
