//! The steps of a pipeline.

use domain::expression::Expression;
use domain::model::Approval;
use domain::pipeline::{ForEach, StepAction, StepSpec};
use domain::{EndpointName, ModelName, Name};
use serde_json::Value;

use super::demands::count;
use super::rollout::Workers;
use crate::context::{Context, Owner, Place};
use crate::file::{self, OneOrMore, Text};
use crate::parameters::is_word;

/// Roots of references, which no loop may give another meaning.
const ROOTS: [&str; 4] = ["parameters", "steps", "item", "run"];

/// Items of one loop.
const MOST_ITEMS: usize = 10_000;

impl Context<'_> {
    /// One step of the file; two when a deployment has a sample to send.
    pub(crate) fn step(&mut self, name: &str, step: &file::Step) -> Vec<StepSpec> {
        let place = Place::default().with("steps").with(name);
        let Some(domain_name) = self.step_name(&place, name) else {
            return Vec::new();
        };
        let alias = step
            .for_each
            .as_ref()
            .and_then(|looped| self.alias(&place, looped));
        let owner = Owner {
            step: name,
            looped: step.for_each.is_some(),
            alias: alias.as_deref(),
        };
        let for_each = step.for_each.as_ref().map(|looped| {
            let place = place.with("for-each");
            self.for_each(
                &place,
                looped,
                Owner {
                    step: name,
                    looped: false,
                    alias: None,
                },
            )
        });
        let needs = self.names(&place.with("needs"), &step.needs);
        let mut sample = None;
        let action = match &step.action {
            file::StepAction::Job { key, job } => {
                let place = key.map_or_else(|| place.clone(), |key| place.with(key));
                Some(StepAction::Job {
                    job: Box::new(self.job(&place, job, owner)),
                })
            }
            file::StepAction::Condition(condition) => {
                self.condition(&place.with("condition"), condition, owner)
            }
            file::StepAction::Register(register) => {
                self.register(&place.with("register"), register, owner)
            }
            file::StepAction::Deploy(deploy) => {
                let place = place.with("deploy");
                sample = deploy
                    .sample
                    .as_ref()
                    .and_then(|sample| self.sample(&place.with("sample"), sample));
                self.deploy(&place, deploy, owner)
            }
            file::StepAction::Predict(predict) => {
                self.predict(&place.with("predict"), predict, owner)
            }
            file::StepAction::Fail(fail) => {
                let place = place.with("fail").with("message");
                Some(StepAction::Fail {
                    message: self.template(&place, &fail.message, owner),
                })
            }
        };
        let Some(action) = action else {
            return Vec::new();
        };
        let mut steps = vec![StepSpec {
            name: domain_name.clone(),
            needs,
            for_each,
            action,
        }];
        if let (Some(payload), StepAction::Deploy { endpoint, .. }) = (sample, &steps[0].action) {
            let endpoint = endpoint.clone();
            let action = StepAction::Predict { endpoint, payload };
            if let Some(name) = self.step_name(&place, &format!("{name}-sample")) {
                steps.push(StepSpec {
                    name,
                    needs: vec![domain_name],
                    for_each: None,
                    action,
                });
            }
        }
        steps
    }

    fn step_name(&mut self, place: &Place, name: &str) -> Option<Name> {
        match Name::new(name) {
            Ok(_) if name.contains('.') => {
                self.key_mistake(place, format!("the step's name `{name}` may not hold `.`"));
                None
            }
            Ok(name) => Some(name),
            Err(error) => {
                self.key_mistake(place, error.to_string());
                None
            }
        }
    }

    fn alias(&mut self, place: &Place, looped: &file::ForEach) -> Option<String> {
        let name = looped.name.as_ref()?;
        if is_word(name) && !ROOTS.contains(&&**name) {
            return Some(name.to_string());
        }
        let message = "another name for the item is a word of letters, digits, `_` and `-`, and \
                       not `parameters`, `steps`, `item` or `run`";
        self.mistake(&place.with("for-each").with("as"), message);
        None
    }

    fn for_each(&mut self, place: &Place, looped: &file::ForEach, owner: Owner<'_>) -> ForEach {
        let parallelism = self.quantity(
            &place.with("parallelism"),
            looped.parallelism.as_ref(),
            "a number of items at once, 0 for all",
            count(0),
        );
        let place = place.with("items");
        let items = self.value_template(&place, &looped.items, owner);
        self.check_items(&place, &looped.items);
        ForEach {
            items,
            parallelism: parallelism.unwrap_or_default(),
        }
    }

    /// What can be known of the items before anything runs.
    fn check_items(&mut self, place: &Place, items: &Value) {
        let known = match items {
            Value::String(text) => {
                let Ok(template) = text.parse::<domain::expression::Template>() else {
                    return;
                };
                if !template.dependencies().is_empty() {
                    return;
                }
                match self.fixed(place, text) {
                    Some(value) => value,
                    None => return,
                }
            }
            other => other.clone(),
        };
        match known {
            Value::Array(items) if items.len() > MOST_ITEMS => {
                self.key_mistake(place, format!("a loop may have at most {MOST_ITEMS} items"));
            }
            Value::Array(items) if items.is_empty() => {
                self.warnings.push(format!(
                    "{} has no items, the step does nothing",
                    place.words()
                ));
            }
            Value::Array(_) => {}
            _ => {
                let message = "expected a list, or an expression that gives one such as \
                               `${parameters.sizes}`";
                self.mistake(place, message);
            }
        }
    }

    fn names(&mut self, place: &Place, wanted: &OneOrMore) -> Vec<Name> {
        let mut names = Vec::new();
        for (index, text) in wanted.with_paths() {
            let place = place.with_index(index);
            let Some(name) = self.name::<Name>(&place, text) else {
                continue;
            };
            if self.known_step(&place, &name) && !names.contains(&name) {
                names.push(name);
            }
        }
        names
    }

    fn condition(
        &mut self,
        place: &Place,
        condition: &file::Condition,
        owner: Owner<'_>,
    ) -> Option<StepAction> {
        let at = place.with("if");
        let test = match Expression::parse_with_alias(&condition.test, owner.alias) {
            Ok(test) => {
                let span = self.root.nearest(&at.0).span.clone();
                self.note(&span, test.references(), owner);
                Some(test)
            }
            Err(error) => {
                self.syntax(&at, &condition.test, &error);
                None
            }
        };
        let then = self.names(&place.with("then"), &condition.then);
        let otherwise = self.names(&place.with("else"), &condition.otherwise);
        if then.is_empty() && otherwise.is_empty() && self.mistakes.is_empty() {
            let message = "the condition chooses nothing, name steps in `then` or `else`";
            self.key_mistake(place, message);
        }
        if let Some(both) = then.iter().find(|name| otherwise.contains(name)) {
            let message = format!("step `{both}` is both in `then` and in `else`");
            self.key_mistake(&place.with("else"), message);
        }
        Some(StepAction::Condition {
            test: test?.to_string(),
            then,
            otherwise,
        })
    }

    pub(crate) fn register(
        &mut self,
        place: &Place,
        register: &file::Register,
        owner: Owner<'_>,
    ) -> Option<StepAction> {
        let model = self.name::<ModelName>(&place.with("model"), &register.model);
        let from = self.template(&place.with("from"), &register.from, owner);
        let handler = self.handler(place, register.handler.as_ref());
        let aliases = self.aliases(place, &register.aliases);
        let approval = if register.approve {
            Approval::Approved
        } else {
            Approval::Pending
        };
        Some(StepAction::Register {
            model: model?,
            from,
            handler,
            approval,
            aliases,
        })
    }

    pub(crate) fn handler(&mut self, place: &Place, handler: Option<&Text>) -> Option<String> {
        self.script(&place.with("handler"), handler?)
    }

    pub(crate) fn aliases(&mut self, place: &Place, wanted: &[Text]) -> Vec<Name> {
        let mut aliases = Vec::new();
        for (at, alias) in wanted.iter().enumerate() {
            aliases.extend(self.name::<Name>(&place.with("aliases").with(at), alias));
        }
        aliases
    }

    pub(crate) fn replicas(&mut self, place: &Place, replicas: Option<&Text>) -> u32 {
        let expected = "a number of replicas from 0 to 256";
        let read = |text: &str| count(0)(text).filter(|number| *number <= 256);
        self.quantity(&place.with("replicas"), replicas, expected, read)
            .unwrap_or(1)
    }

    fn deploy(
        &mut self,
        place: &Place,
        deploy: &file::Deploy,
        owner: Owner<'_>,
    ) -> Option<StepAction> {
        let endpoint = self.name::<EndpointName>(&place.with("endpoint"), &deploy.endpoint);
        let model = self.template(&place.with("model"), &deploy.model, owner);
        let replicas = self.replicas(place, deploy.replicas.as_ref());
        let (canary, shadow) = (deploy.canary.as_ref(), deploy.shadow.as_ref());
        let rollout = self.rollout(place, canary, shadow, deploy.sticky.as_ref());
        let workers = Workers {
            memory: deploy.memory.as_ref(),
            network: deploy.network.as_ref(),
            retry: deploy.retry.as_ref(),
        };
        let rollout = Box::new(self.workers(place, &workers, rollout));
        Some(StepAction::Deploy {
            endpoint: endpoint?,
            model,
            replicas,
            rollout,
        })
    }

    fn predict(
        &mut self,
        place: &Place,
        predict: &file::Predict,
        owner: Owner<'_>,
    ) -> Option<StepAction> {
        let endpoint = self.name::<EndpointName>(&place.with("endpoint"), &predict.endpoint);
        let payload = match (&predict.sample, &predict.payload) {
            (Some(sample), None) => self.sample(&place.with("sample"), sample),
            (None, Some(payload)) => {
                Some(self.value_template(&place.with("payload"), payload, owner))
            }
            _ => {
                let message = "a prediction sends either a `sample` (a JSON file) or a `payload`";
                self.key_mistake(place, message);
                None
            }
        };
        Some(StepAction::Predict {
            endpoint: endpoint?,
            payload: payload?,
        })
    }
}
