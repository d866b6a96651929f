//! A small picture of the graph with where each step goes.

use crate::plan::{Moved, Plan};

/// Widest name that is drawn in full.
const WIDEST: usize = 28;

impl Plan {
    /// The workloads in the order in which they start, each with its place and with the data that
    /// reaches it drawn below.
    pub fn picture(&self) -> String {
        let mut order: Vec<usize> = (0..self.placed.len()).collect();
        order.sort_by_key(|&at| (self.depth(at), at));
        let name = |text: &str| -> String { text.chars().take(WIDEST).collect() };
        let width = self
            .placed
            .iter()
            .map(|it| name(&it.workload).chars().count())
            .max();
        let width = width.unwrap_or(0);
        let mut lines = Vec::new();
        for at in order {
            let placed = &self.placed[at];
            let indent = "   ".repeat(self.depth(at));
            lines.push(format!(
                "{indent}● {:<width$}  {} on {}",
                name(&placed.workload),
                placed.offer.site,
                placed.offer.machine
            ));
            for moved in self.transfers.iter().filter(|it| it.to == placed.workload) {
                lines.push(format!("{indent}   ↖ {}", arrow(moved)));
            }
        }
        let fixed = |moved: &&Moved| !self.placed.iter().any(|it| it.workload == moved.to);
        for moved in self.transfers.iter().filter(fixed) {
            lines.push(format!("■ {} ↖ {}", moved.to, arrow(moved)));
        }
        lines.join("\n")
    }

    /// Length of the longest chain of workloads that ends here.
    fn depth(&self, at: usize) -> usize {
        let mut depth = vec![0; self.placed.len()];
        // Links have no cycle, so so many rounds settle every depth.
        for _ in 0..self.placed.len() {
            let before = depth.clone();
            for moved in &self.transfers {
                let index = |name: &str| self.placed.iter().position(|it| it.workload == name);
                if let (Some(from), Some(to)) = (index(&moved.from), index(&moved.to)) {
                    depth[to] = depth[to].max(depth[from] + 1);
                }
            }
            if depth == before {
                break;
            }
        }
        depth[at]
    }
}

fn arrow(moved: &Moved) -> String {
    if moved.bytes == 0 {
        return moved.from.clone();
    }
    let size = domain::ByteSize(moved.bytes);
    if moved.cost.micros == 0 {
        format!("{} {size}", moved.from)
    } else {
        format!("{} {size} for {}", moved.from, moved.cost)
    }
}
