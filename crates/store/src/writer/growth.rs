//! When the tables have grown so much that a database should look at them anew.

/// How many rows were written since the start, and at how many the next look is due.
pub(super) struct Growth {
    rows: usize,
    next: usize,
}

impl Default for Growth {
    fn default() -> Self {
        Self {
            rows: 0,
            next: 1_000,
        }
    }
}

impl Growth {
    /// Whether these rows make the count ten times what it was at the last look (1,000 for the
    /// first).
    pub(super) fn calls_for_statistics(&mut self, rows: usize) -> bool {
        self.rows = self.rows.saturating_add(rows);
        let reached = self.rows >= self.next;
        if reached {
            self.next = self.rows.saturating_mul(10);
        }
        reached
    }
}

#[cfg(test)]
mod tests {
    use super::Growth;

    #[test]
    fn looks_become_rarer_as_tables_grow() {
        let mut growth = Growth::default();
        let looks: Vec<usize> = (1..=1_000)
            .filter(|_| growth.calls_for_statistics(250))
            .map(|n| n * 250)
            .collect();
        assert_eq!(looks, [1_000, 10_000, 100_000]);
    }
}
