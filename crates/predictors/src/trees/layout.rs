//! Trees as they lie in memory: level after level, the children of a node side by side, so that a
//! step is one load and one addition and the upper levels share cache lines.

use super::MOST_OUTPUTS;
use super::real::Real;
use crate::Error;
use crate::form::{Arrays, Compare, TreesHead};

/// Set in a node's feature where missing values go to the left.
pub(super) const LEFT: u32 = 1 << 31;
/// Most nodes of all trees together.
const MOST_NODES: usize = 1 << 28;

/// A node; a leaf's child is itself and its threshold is above everything.
#[derive(Debug, Clone, Copy)]
pub(super) struct Node<X> {
    pub(super) threshold: X,
    /// The feature, and [`LEFT`].
    pub(super) feature: u32,
    /// The left child; the right one is next to it.
    pub(super) child: u32,
}

/// Trees with features of precision `X` and sums of precision `S`.
#[derive(Debug)]
pub(super) struct Forest<X, S> {
    pub(super) nodes: Vec<Node<X>>,
    /// For each node, of a leaf, where its values begin.
    pub(super) leaf: Vec<u32>,
    pub(super) values: Vec<S>,
    pub(super) trees: Vec<Tree>,
    /// Numbers of a leaf.
    pub(super) width: usize,
    pub(super) base: Vec<S>,
    /// Features of a row.
    pub(super) features: usize,
    depth: usize,
}

/// Where a tree begins and which output it adds to.
#[derive(Debug, Clone, Copy)]
pub(super) struct Tree {
    pub(super) root: u32,
    pub(super) output: u32,
}

/// The arrays of all nodes as the form has them.
struct Raw {
    feature: Vec<i32>,
    threshold: Vec<f64>,
    left: Vec<i32>,
    right: Vec<i32>,
    missing_left: Vec<u8>,
    value: Vec<f64>,
    compare: Compare,
}

impl<X: Real, S: Real> Forest<X, S> {
    pub(super) fn read(
        head: &TreesHead,
        features: usize,
        arrays: &Arrays<'_>,
    ) -> Result<Self, Error> {
        let raw = Raw::read(head, arrays)?;
        let starts = arrays.i64(head.starts)?;
        let base = arrays.f64(head.base)?;
        let groups = head.group.map(|group| arrays.i32(group)).transpose()?;
        let trees = starts.len().saturating_sub(1);
        let adds = if groups.is_some() {
            head.width == 1
        } else {
            head.width == base.len()
        };
        if base.is_empty() || base.len() > MOST_OUTPUTS || !adds {
            return Err(Error::wrong("trees", "leaves and outputs do not fit"));
        }
        if groups.as_ref().is_some_and(|groups| groups.len() != trees) {
            return Err(Error::wrong(
                "trees",
                "there is not one group for each tree",
            ));
        }
        let mut forest = Self {
            nodes: Vec::with_capacity(raw.left.len()),
            leaf: Vec::with_capacity(raw.left.len()),
            values: Vec::new(),
            trees: Vec::with_capacity(trees),
            width: head.width,
            base: base.into_iter().map(S::narrow).collect(),
            features,
            depth: 0,
        };
        let mut expected = 0;
        for (number, bounds) in starts.windows(2).enumerate() {
            let from = usize::try_from(bounds[0]).unwrap_or(usize::MAX);
            let to = usize::try_from(bounds[1]).unwrap_or(usize::MAX);
            if from != expected || from >= to || to > raw.left.len() {
                return Err(Error::wrong(
                    "trees",
                    format!("tree {number} is out of bounds"),
                ));
            }
            expected = to;
            let group = groups.as_ref().map_or(0, |groups| groups[number]);
            let output = u32::try_from(group)
                .ok()
                .filter(|at| (*at as usize) < forest.base.len());
            let output = output
                .ok_or_else(|| Error::wrong("trees", format!("tree {number} adds to nothing")))?;
            let root = forest.nodes.len() as u32;
            forest.lay_out(&raw, from, to)?;
            forest.trees.push(Tree { root, output });
        }
        if expected != raw.left.len() {
            return Err(Error::wrong("trees", "some nodes belong to no tree"));
        }
        Ok(forest)
    }

    /// Appends the tree whose nodes are `from..to` of the form, level after level. A node that is
    /// reached twice, or a child outside, is refused, so every walk ends.
    fn lay_out(&mut self, raw: &Raw, from: usize, to: usize) -> Result<(), Error> {
        let wrong = |why: &str| Error::wrong("trees", why.to_owned());
        let first = self.nodes.len();
        let mut reached = vec![false; to - from];
        let mut order = vec![(0_usize, 0_usize)];
        reached[0] = true;
        let mut at = 0;
        while let Some((local, depth)) = order.get(at).copied() {
            let node = from + local;
            self.depth = self.depth.max(depth);
            if raw.left[node] < 0 {
                if raw.right[node] >= 0 {
                    return Err(wrong("a node has one child"));
                }
                self.push_leaf(raw, node)?;
            } else {
                let child = (first + order.len()) as u32;
                for next in [raw.left[node], raw.right[node]] {
                    let place = usize::try_from(next).ok().filter(|next| *next < to - from);
                    let place = place.ok_or_else(|| wrong("a child is outside its tree"))?;
                    if std::mem::replace(&mut reached[place], true) {
                        return Err(wrong("a node is reached twice"));
                    }
                    order.push((place, depth + 1));
                }
                self.push_inner(raw, node, child)?;
            }
            at += 1;
        }
        if reached.contains(&false) {
            return Err(wrong("a node is never reached"));
        }
        Ok(())
    }

    fn push_inner(&mut self, raw: &Raw, node: usize, child: u32) -> Result<(), Error> {
        let feature = u32::try_from(raw.feature[node]).ok();
        let feature = feature.filter(|feature| (*feature as usize) < self.features);
        let feature = feature.ok_or_else(|| Error::wrong("trees", "a feature is out of bounds"))?;
        let threshold = raw.threshold[node];
        if threshold.is_nan() {
            return Err(Error::wrong("trees", "a threshold is no number"));
        }
        let threshold = X::floor_of(threshold);
        let threshold = match raw.compare {
            Compare::AtMost => threshold,
            Compare::Below if threshold.widen() < raw.threshold[node] => threshold,
            Compare::Below => threshold.next_down(),
        };
        let left = if raw.missing_left[node] == 0 { 0 } else { LEFT };
        self.leaf.push(0);
        self.nodes.push(Node {
            threshold,
            feature: feature | left,
            child,
        });
        Ok(())
    }

    fn push_leaf(&mut self, raw: &Raw, node: usize) -> Result<(), Error> {
        let place = u32::try_from(self.values.len());
        self.leaf
            .push(place.map_err(|_| Error::wrong("trees", "there are too many leaves"))?);
        let values = &raw.value[node * self.width..(node + 1) * self.width];
        self.values
            .extend(values.iter().map(|value| S::narrow(*value)));
        self.nodes.push(Node {
            threshold: X::INFINITY,
            feature: LEFT,
            child: self.nodes.len() as u32,
        });
        Ok(())
    }

    pub(super) fn outputs(&self) -> usize {
        self.base.len()
    }

    pub(super) fn effort(&self) -> usize {
        self.trees.len() * (self.depth + self.width)
    }
}

impl Raw {
    fn read(head: &TreesHead, arrays: &Arrays<'_>) -> Result<Self, Error> {
        let raw = Self {
            feature: arrays.i32(head.feature)?,
            threshold: arrays.f64(head.threshold)?,
            left: arrays.i32(head.left)?,
            right: arrays.i32(head.right)?,
            missing_left: arrays.u8(head.missing_left)?,
            value: arrays.f64(head.value)?,
            compare: head.compare,
        };
        let nodes = raw.left.len();
        let lengths = [
            raw.feature.len(),
            raw.threshold.len(),
            raw.right.len(),
            raw.missing_left.len(),
        ];
        if nodes > MOST_NODES
            || lengths.iter().any(|length| *length != nodes)
            || head.width == 0
            || nodes.checked_mul(head.width) != Some(raw.value.len())
        {
            return Err(Error::wrong("trees", "the arrays of the nodes do not fit"));
        }
        Ok(raw)
    }
}
