//! What waits for what, by positions, worked out once for a whole pipeline.

use super::{InvalidPipeline, PipelineSpec, StepAction};
use crate::Name;
use std::collections::BTreeMap;

/// The steps of a pipeline by their positions, each with what must be over before it may begin.
///
/// It costs one pass over the steps and what they name, where [`PipelineSpec::predecessors`] looks
/// at all steps for each one.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Order {
    before: Vec<Vec<usize>>,
}

impl Order {
    /// The order of `spec`. Names that no step has are left out; [`PipelineSpec::check`] refuses
    /// them.
    pub fn of(spec: &PipelineSpec) -> Self {
        Self::with(spec, &positions(spec))
    }

    fn with(spec: &PipelineSpec, positions: &BTreeMap<&Name, usize>) -> Self {
        let mut before: Vec<Vec<usize>> = spec
            .steps
            .iter()
            .map(|step| position_of_each(&step.needs, positions))
            .collect();
        for (chooser, step) in spec.steps.iter().enumerate() {
            if let StepAction::Condition {
                then, otherwise, ..
            } = &step.action
            {
                for chosen in [then, otherwise] {
                    for position in position_of_each(chosen, positions) {
                        before[position].push(chooser);
                    }
                }
            }
        }
        Self { before }
    }

    /// Positions of all steps that must be over before the step at `position` may begin.
    pub fn before(&self, position: usize) -> &[usize] {
        self.before.get(position).map_or(&[], Vec::as_slice)
    }

    /// A cycle, by positions, each step waiting for the next; the first is named again at the end.
    fn cycle(&self) -> Option<Vec<usize>> {
        let mut done = vec![false; self.before.len()];
        let mut on_path = vec![false; self.before.len()];
        for start in 0..self.before.len() {
            let mut path: Vec<(usize, usize)> = vec![(start, 0)];
            while let Some((step, next)) = path.last_mut() {
                let step = *step;
                on_path[step] = true;
                match self.before(step).get(*next) {
                    Some(&before) if !done[step] => {
                        *next += 1;
                        if on_path[before] {
                            let steps = path.iter().map(|(step, _)| *step);
                            let mut cycle: Vec<usize> =
                                steps.skip_while(|step| *step != before).collect();
                            cycle.push(before);
                            return Some(cycle);
                        }
                        if !done[before] {
                            path.push((before, 0));
                        }
                    }
                    _ => {
                        done[step] = true;
                        on_path[step] = false;
                        path.pop();
                    }
                }
            }
        }
        None
    }
}

/// Refuses steps that wait for each other.
///
/// # Errors
///
/// [`InvalidPipeline::Cycle`] names them in the order in which they would run.
pub(super) fn refuse_cycles(
    spec: &PipelineSpec,
    positions: &BTreeMap<&Name, usize>,
) -> Result<(), InvalidPipeline> {
    let Some(cycle) = Order::with(spec, positions).cycle() else {
        return Ok(());
    };
    let names = cycle.iter().rev().map(|at| spec.steps[*at].name.clone());
    Err(InvalidPipeline::Cycle {
        path: names.collect(),
    })
}

/// Where each step stands in the file.
fn positions(spec: &PipelineSpec) -> BTreeMap<&Name, usize> {
    let steps = spec.steps.iter().enumerate();
    steps
        .map(|(position, step)| (&step.name, position))
        .collect()
}

fn position_of_each(names: &[Name], positions: &BTreeMap<&Name, usize>) -> Vec<usize> {
    names
        .iter()
        .filter_map(|name| positions.get(name).copied())
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::pipeline::StepSpec;
    use crate::policy::Policy;

    fn name(text: &str) -> Name {
        text.parse().unwrap()
    }

    fn step(called: &str, needs: &[&str], then: &[&str]) -> StepSpec {
        StepSpec {
            name: name(called),
            needs: needs.iter().map(|need| name(need)).collect(),
            for_each: None,
            action: StepAction::Condition {
                test: "true".to_owned(),
                then: then.iter().map(|chosen| name(chosen)).collect(),
                otherwise: Vec::new(),
            },
        }
    }

    fn pipeline(steps: Vec<StepSpec>) -> PipelineSpec {
        PipelineSpec {
            name: name("p"),
            parameters: BTreeMap::new(),
            steps,
            policy: Policy::default(),
            tags: BTreeMap::new(),
        }
    }

    #[test]
    fn positions_say_what_names_say() {
        let spec = pipeline(vec![
            step("d", &["b", "c", "nobody"], &[]),
            step("b", &["a"], &[]),
            step("c", &["a"], &["d"]),
            step("a", &[], &["b", "d"]),
        ]);
        let order = Order::of(&spec);
        for (position, step) in spec.steps.iter().enumerate() {
            let mut by_name: Vec<&Name> = spec
                .predecessors(step)
                .filter(|before| spec.step(before).is_some())
                .collect();
            let mut by_position: Vec<&Name> = order
                .before(position)
                .iter()
                .map(|at| &spec.steps[*at].name)
                .collect();
            by_name.sort();
            by_position.sort();
            assert_eq!(by_position, by_name, "before `{}`", step.name);
        }
        assert_eq!(order.before(99), &[] as &[usize]);
    }

    #[test]
    fn a_cycle_is_told_in_the_order_in_which_it_would_run() {
        let spec = pipeline(vec![
            step("start", &[], &[]),
            step("a", &["c", "start"], &[]),
            step("b", &["a"], &[]),
            step("c", &["b"], &[]),
        ]);
        let Err(InvalidPipeline::Cycle { path }) = spec.check() else {
            panic!("it has a cycle");
        };
        assert_eq!(path.first(), path.last());
        for pair in path.windows(2) {
            let after = spec.step(&pair[1]).unwrap();
            assert!(after.needs.contains(&pair[0]), "{path:?}");
        }
        let waits_for_itself = pipeline(vec![step("a", &["a"], &[])]);
        assert!(waits_for_itself.check().is_err());
    }

    #[test]
    fn a_chain_of_many_has_none() {
        let names: Vec<String> = (0..20_000).map(|i| format!("s{i}")).collect();
        let steps = names.iter().enumerate().map(|(i, called)| match i {
            0 => step(called, &[], &[]),
            _ => step(called, &[&names[i - 1]], &[]),
        });
        assert_eq!(pipeline(steps.rev().collect()).check(), Ok(()));
    }
}
