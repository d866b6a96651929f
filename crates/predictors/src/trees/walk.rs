//! The walk: several rows through one tree at a time, so that the waiting for memory of one row is
//! filled with the steps of the others.

use super::layout::{Forest, LEFT, Node, Tree};
use super::real::Real;

/// Rows that walk together.
const LANES: usize = 8;

impl<X: Real, S: Real> Forest<X, S> {
    /// The sums of rows whose features are given one row after the other; `missing` says whether any
    /// of them is NaN. Trees are added in their order, as the packages do.
    pub(super) fn sum(&self, features: &[X], missing: bool, sums: &mut Vec<S>) {
        let width = self.features;
        let rows = features.len() / width;
        sums.clear();
        for _ in 0..rows {
            sums.extend_from_slice(&self.base);
        }
        for tree in &self.trees {
            let mut row = 0;
            while row + LANES <= rows {
                let features = &features[row * width..(row + LANES) * width];
                let leaves = if missing {
                    self.descend::<LANES, true>(tree.root, features, width)
                } else {
                    self.descend::<LANES, false>(tree.root, features, width)
                };
                for (lane, leaf) in leaves.into_iter().enumerate() {
                    self.add(*tree, row + lane, leaf, sums);
                }
                row += LANES;
            }
            for row in row..rows {
                let features = &features[row * width..(row + 1) * width];
                let [leaf] = if missing {
                    self.descend::<1, true>(tree.root, features, width)
                } else {
                    self.descend::<1, false>(tree.root, features, width)
                };
                self.add(*tree, row, leaf, sums);
            }
        }
    }

    /// The leaves that rows end in. An inner node's children come after it and a leaf leads to
    /// itself, so the walk ends when nobody moves.
    fn descend<const N: usize, const MISSING: bool>(
        &self,
        root: u32,
        features: &[X],
        width: usize,
    ) -> [u32; N] {
        let mut at = [root; N];
        loop {
            let mut moved = 0;
            for (lane, at) in at.iter_mut().enumerate() {
                let Node {
                    threshold,
                    feature,
                    child,
                } = self.nodes[*at as usize];
                let value = features[lane * width + (feature & !LEFT) as usize];
                let mut right = value > threshold;
                if MISSING {
                    right |= value.is_nan() && feature & LEFT == 0;
                }
                let next = child + u32::from(right);
                moved |= next ^ *at;
                *at = next;
            }
            if moved == 0 {
                return at;
            }
        }
    }

    fn add(&self, tree: Tree, row: usize, leaf: u32, sums: &mut [S]) {
        let outputs = self.base.len();
        let values = self.leaf[leaf as usize] as usize;
        let values = &self.values[values..values + self.width];
        let sums = &mut sums[row * outputs + tree.output as usize..];
        for (sum, value) in sums.iter_mut().zip(values) {
            *sum += *value;
        }
    }
}
