//! Expressions as sets of conditions that exclude each other, so that each set is one question to
//! the ledger and no line is counted twice.

use super::matching::Match;
use crate::fault::Fault;
use costs::query::{Filter, Test};

/// More sets are not asked for.
const MOST: usize = 64;

/// An expression.
#[derive(Debug, Clone)]
pub(super) enum Tree {
    All(Vec<Tree>),
    Any(Vec<Tree>),
    Not(Box<Tree>),
    /// A condition, and how its values are compared where the ledger's must be looked up first.
    Leaf(Filter, Option<Match>),
}

impl Tree {
    /// The conditions whose values must be looked up.
    pub(super) fn unsettled(&mut self) -> Vec<(&mut Filter, &Match)> {
        match self {
            Self::All(trees) | Self::Any(trees) => {
                trees.iter_mut().flat_map(Self::unsettled).collect()
            }
            Self::Not(tree) => tree.unsettled(),
            Self::Leaf(filter, Some(matched)) => vec![(filter, &*matched)],
            Self::Leaf(_, None) => Vec::new(),
        }
    }

    /// Sets of conditions: of those of one set all hold, and for each line that the expression
    /// selects exactly one set does.
    pub(super) fn disjoint(&self) -> Result<Vec<Vec<Filter>>, Fault> {
        let sets = self.sets(Wanted::True)?;
        if sets.len() > MOST {
            return Err(too_many());
        }
        Ok(sets)
    }

    fn sets(&self, wanted: Wanted) -> Result<Vec<Vec<Filter>>, Fault> {
        match (self, wanted) {
            (Self::Not(tree), _) => tree.sets(wanted.other()),
            (Self::Leaf(filter, _), Wanted::True) => Ok(vec![vec![filter.clone()]]),
            (Self::Leaf(filter, _), Wanted::False) => Ok(vec![vec![opposite(filter)]]),
            // That not all hold is that any does not, and the other way round.
            (Self::All(trees), Wanted::True) | (Self::Any(trees), Wanted::False) => {
                let mut product = vec![Vec::new()];
                for tree in trees {
                    product = joined(&product, &tree.sets(wanted)?)?;
                }
                Ok(product)
            }
            (Self::Any(trees), Wanted::True) | (Self::All(trees), Wanted::False) => {
                let trees = if wanted == Wanted::True {
                    same_key(trees)
                } else {
                    trees.clone()
                };
                let (mut found, mut before) = (Vec::new(), vec![Vec::new()]);
                for tree in &trees {
                    found.extend(joined(&before, &tree.sets(wanted)?)?);
                    before = joined(&before, &tree.sets(wanted.other())?)?;
                    if found.len() > MOST {
                        return Err(too_many());
                    }
                }
                Ok(found)
            }
        }
    }
}

/// Whether what an expression selects is sought, or the rest.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Wanted {
    True,
    False,
}

impl Wanted {
    fn other(self) -> Self {
        match self {
            Self::True => Self::False,
            Self::False => Self::True,
        }
    }
}

fn too_many() -> Fault {
    Fault::validation(format!("the filter has more than {MOST} alternatives"))
}

fn joined(left: &[Vec<Filter>], right: &[Vec<Filter>]) -> Result<Vec<Vec<Filter>>, Fault> {
    if left.len() * right.len() > MOST * 4 {
        return Err(too_many());
    }
    let mut product = Vec::with_capacity(left.len() * right.len());
    for one in left {
        for other in right {
            product.push(one.iter().chain(other).cloned().collect());
        }
    }
    Ok(product)
}

/// Values of one key are one condition.
fn same_key(trees: &[Tree]) -> Vec<Tree> {
    let mut merged: Vec<Tree> = Vec::new();
    for tree in trees {
        if let Tree::Leaf(
            Filter {
                key,
                test: Test::Is(values),
            },
            _,
        ) = tree
        {
            let known = merged.iter_mut().find_map(|one| match one {
                Tree::Leaf(
                    Filter {
                        key: own,
                        test: Test::Is(all),
                    },
                    _,
                ) if own == key => Some(all),
                _ => None,
            });
            if let Some(all) = known {
                all.extend(values.iter().cloned());
                continue;
            }
        }
        merged.push(tree.clone());
    }
    merged
}

/// What holds exactly where a condition does not.
fn opposite(filter: &Filter) -> Filter {
    Filter {
        key: filter.key.clone(),
        test: match &filter.test {
            Test::Is(values) => Test::IsNot(values.clone()),
            Test::IsNot(values) => Test::Is(values.clone()),
            Test::Given => Test::Missing,
            Test::Missing => Test::Given,
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use costs::query::Key;

    fn leaf(tag: &str, value: &str) -> Tree {
        let key = Key::parse(&format!("tag:{tag}")).unwrap();
        Tree::Leaf(
            Filter {
                key,
                test: Test::Is(vec![value.to_owned()]),
            },
            None,
        )
    }

    /// Whether a line with three tags passes a condition.
    fn passes(filter: &Filter, line: &[Option<&str>; 3]) -> bool {
        let name = filter.key.name();
        let place = ["tag:a", "tag:b", "tag:c"]
            .iter()
            .position(|tag| *tag == name)
            .unwrap();
        match (&filter.test, line[place]) {
            (Test::Is(all), Some(own)) => all.iter().any(|one| one == own),
            (Test::IsNot(all), Some(own)) => all.iter().all(|one| one != own),
            (Test::Given, own) => own.is_some(),
            (Test::Missing, own) => own.is_none(),
            (Test::Is(_), None) => false,
            (Test::IsNot(_), None) => true,
        }
    }

    fn holds(tree: &Tree, line: &[Option<&str>; 3]) -> bool {
        match tree {
            Tree::All(trees) => trees.iter().all(|tree| holds(tree, line)),
            Tree::Any(trees) => trees.iter().any(|tree| holds(tree, line)),
            Tree::Not(tree) => !holds(tree, line),
            Tree::Leaf(filter, _) => passes(filter, line),
        }
    }

    #[test]
    fn each_selected_line_is_in_exactly_one_set_and_no_other_in_any() {
        let not = |tree: Tree| Tree::Not(Box::new(tree));
        let (a, b, c) = (leaf("a", "1"), leaf("b", "1"), leaf("c", "1"));
        let trees = [
            Tree::Any(vec![a.clone(), b.clone(), c.clone()]),
            not(Tree::Any(vec![a.clone(), not(b.clone())])),
            Tree::All(vec![Tree::Any(vec![a.clone(), b.clone()]), not(c.clone())]),
            Tree::Any(vec![
                Tree::All(vec![a.clone(), b.clone()]),
                leaf("a", "2"),
                not(c.clone()),
            ]),
            not(Tree::All(vec![
                a.clone(),
                Tree::Any(vec![b, leaf("c", "2")]),
                c,
            ])),
            Tree::Any(vec![a, leaf("a", "2")]),
            Tree::All(Vec::new()),
        ];
        let values = [None, Some("1"), Some("2")];
        for tree in &trees {
            let sets = tree.disjoint().unwrap();
            for a in values {
                for b in values {
                    for c in values {
                        let line = [a, b, c];
                        let all = |set: &&Vec<Filter>| set.iter().all(|one| passes(one, &line));
                        let count = sets.iter().filter(all).count();
                        assert_eq!(count, usize::from(holds(tree, &line)), "{tree:?} {line:?}");
                    }
                }
            }
        }
    }

    #[test]
    fn too_many_alternatives_are_refused() {
        let pair = |n: usize| Tree::Any(vec![leaf("a", &n.to_string()), leaf("b", "1")]);
        let tree = Tree::All((0..20).map(pair).collect());
        assert_eq!(tree.disjoint().unwrap_err().code, "ValidationException");
    }
}
