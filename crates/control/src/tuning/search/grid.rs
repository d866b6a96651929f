//! Every combination of categorical values, the last dimension fastest.

use domain::tuning::{Dimension, Range};
use std::collections::BTreeMap;

/// How many combinations there are; `None` when a dimension is not categorical or they cannot be
/// counted.
pub fn combinations(space: &[Dimension]) -> Option<u32> {
    space
        .iter()
        .try_fold(1_u32, |all, dimension| match &dimension.range {
            Range::Categorical { values } => all.checked_mul(u32::try_from(values.len()).ok()?),
            _ => None,
        })
}

/// The combination of an index, counted from 0.
pub(super) fn nth(space: &[Dimension], index: u32) -> Option<BTreeMap<String, String>> {
    if index >= combinations(space)? {
        return None;
    }
    let mut rest = index as usize;
    let mut values = BTreeMap::new();
    for dimension in space.iter().rev() {
        let Range::Categorical { values: all } = &dimension.range else {
            return None;
        };
        values.insert(dimension.name.clone(), all[rest % all.len()].clone());
        rest /= all.len();
    }
    Some(values)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn each_combination_is_there_once() {
        let dimension = |name: &str, values: &[&str]| Dimension {
            name: name.into(),
            range: Range::Categorical {
                values: values.iter().map(|value| (*value).into()).collect(),
            },
        };
        let space = [
            dimension("a", &["1", "2", "3"]),
            dimension("b", &["x", "y"]),
        ];
        assert_eq!(combinations(&space), Some(6));
        let all: BTreeSet<_> = (0..6).map(|index| nth(&space, index).unwrap()).collect();
        assert_eq!(all.len(), 6);
        assert_eq!(nth(&space, 6), None);
    }
}
