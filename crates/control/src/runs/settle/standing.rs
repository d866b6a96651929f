//! How steps stand, and what that means for those that wait for them.

use domain::pipeline::{Order, Run, StepAction, StepSpec, StepState};
use domain::{Name, StepPath};
use serde_json::Value;

/// How a step as a whole stands, all items of a loop taken together.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Standing {
    /// It waits, and has no items yet.
    Waiting,
    /// It, or an item of it, is still to be done.
    Open,
    Succeeded,
    NotDone,
}

impl Standing {
    fn of(run: &Run, step: &StepSpec) -> Self {
        if !run.items.is_empty() && run.items.contains_key(&step.name) {
            return Self::of_items(items(run, &step.name).map(|(_, state)| state));
        }
        match run.steps.get(&StepPath::step(step.name.clone())) {
            Some(StepState::Waiting) => Self::Waiting,
            None | Some(StepState::Running { .. }) => Self::Open,
            Some(StepState::Succeeded { .. }) => Self::Succeeded,
            Some(_) => Self::NotDone,
        }
    }

    fn of_items<'a>(states: impl Iterator<Item = &'a StepState>) -> Self {
        let mut all = Self::Succeeded;
        for state in states {
            match state {
                StepState::Waiting | StepState::Running { .. } => return Self::Open,
                StepState::Succeeded { .. } => {}
                _ => all = Self::NotDone,
            }
        }
        all
    }
}

/// The items of a loop in their order.
pub(super) fn items<'a>(
    run: &'a Run,
    step: &Name,
) -> impl Iterator<Item = (&'a StepPath, &'a StepState)> {
    let item = |number| StepPath::item(step.clone(), number);
    run.steps.range(item(0)..=item(u32::MAX))
}

/// How all steps of a run stand: looked up once, and anew where something was changed.
pub(super) struct Standings<'a> {
    order: &'a Order,
    steps: Vec<Standing>,
}

impl<'a> Standings<'a> {
    pub(super) fn of(run: &Run, order: &'a Order) -> Self {
        let steps = run.spec.steps.iter();
        Self {
            order,
            steps: steps.map(|step| Standing::of(run, step)).collect(),
        }
    }

    /// Takes note that a step was changed.
    pub(super) fn changed(&mut self, run: &Run, position: usize) {
        self.steps[position] = Standing::of(run, &run.spec.steps[position]);
    }

    /// Whether a step waits that has no items yet.
    pub(super) fn is_waiting(&self, position: usize) -> bool {
        self.steps[position] == Standing::Waiting
    }

    /// Steps that wait, by their positions, of which `which` holds.
    pub(super) fn waiting(&self, run: &Run, which: impl Fn(&StepSpec) -> bool) -> Vec<usize> {
        let steps = run.spec.steps.iter().enumerate();
        steps
            .filter(|(position, step)| self.is_waiting(*position) && which(step))
            .map(|(position, _)| position)
            .collect()
    }

    /// Whether all predecessors succeeded; `Err` with the reason when one never will.
    pub(super) fn admitted(&self, run: &Run, position: usize) -> Result<bool, String> {
        let step = &run.spec.steps[position];
        let mut open = false;
        for at in self.order.before(position) {
            let before = &run.spec.steps[*at];
            let name = &before.name;
            match self.steps[*at] {
                Standing::Waiting | Standing::Open => open = true,
                Standing::NotDone => return Err(format!("`{name}` did not succeed")),
                Standing::Succeeded => {
                    if let StepAction::Condition {
                        then, otherwise, ..
                    } = &before.action
                    {
                        let value = condition_value(run, name);
                        let unchosen = if value { otherwise } else { then };
                        if unchosen.contains(&step.name) {
                            return Err(format!("`{name}` was {value}"));
                        }
                    }
                }
            }
        }
        Ok(!open)
    }
}

fn condition_value(run: &Run, name: &Name) -> bool {
    match run.steps.get(&StepPath::step(name.clone())) {
        Some(StepState::Succeeded { result, .. }) => {
            result.values.get("value") == Some(&Value::Bool(true))
        }
        _ => false,
    }
}
