//! From the form of the file to the words of the domain.

mod demands;
mod environment;
mod expected;
mod job;
mod references;
mod rollout;
mod steps;

use std::collections::BTreeMap;

use domain::model::Approval;
use domain::pipeline::{PipelineSpec, StepAction, StepSpec};
use domain::policy::Policy;
use domain::{EndpointName, ModelName, Name};

use self::rollout::Workers;
use crate::context::{Context, Owner, Place};
use crate::file::{Pipeline, SingleJob, Text};
use crate::node::Kind;

impl Context<'_> {
    /// A file of several steps.
    pub(crate) fn pipeline(&mut self, file: &Pipeline) -> Option<PipelineSpec> {
        let top = Place::default();
        let name = self.name::<Name>(&top.with("name"), &file.name);
        // Told once, at its own place; in the steps the same environment is without mistakes.
        let environment = file
            .environment
            .as_ref()
            .map(|environment| self.environment(&top.with("environment"), Some(environment)));
        let policy = self.policy(&top.with("policy"), &file.policy);
        let tags = self.tags(&top.with("tags"), &file.tags);
        let env = self.common_variables(&top.with("env"), &file.env);
        let mut steps = Vec::new();
        for (name, step) in &file.steps.0 {
            let own = self.own_environment(name);
            for mut made in self.step(name, step) {
                if let StepAction::Job { job } = &mut made.action {
                    if let (false, Some(environment)) = (own, &environment) {
                        job.environment = environment.clone();
                    }
                    for (key, value) in &env {
                        job.env.entry(key.clone()).or_insert_with(|| value.clone());
                    }
                }
                steps.push(made);
            }
        }
        self.finish(PipelineSpec {
            name: name?,
            parameters: self.parameters.clone(),
            steps,
            policy,
            tags,
        })
    }

    /// Variables of every job may hold parameters only: what they referred to, every job would
    /// have to wait for. Escaped again, because the jobs' own are read as templates.
    fn common_variables(
        &mut self,
        place: &Place,
        wanted: &BTreeMap<String, Text>,
    ) -> BTreeMap<String, String> {
        let mut fixed = BTreeMap::new();
        for (name, value) in wanted {
            if let Some(value) = self.fixed_text(&place.with(name), value) {
                fixed.insert(name.clone(), Text(value.replace("${", "$${")));
            }
        }
        self.variables(place, &fixed, Owner::default())
    }

    fn own_environment(&self, step: &str) -> bool {
        let Some(node) = self.root.get("steps").and_then(|steps| steps.get(step)) else {
            return false;
        };
        let inner = node
            .get("job")
            .or_else(|| node.get("evaluate"))
            .unwrap_or(node);
        inner
            .get("environment")
            .is_some_and(|environment| environment.kind != Kind::Null)
    }

    /// A file that is one job, as the pipeline that it means: the job, then the registration,
    /// the deployment and the first prediction that it asks for.
    pub(crate) fn single(&mut self, file: &SingleJob) -> Option<PipelineSpec> {
        let top = Place::default();
        let name = self.name::<Name>(&top.with("name"), &file.name);
        let step = if file.model.is_some() { "train" } else { "job" };
        let owner = Owner {
            step,
            ..Owner::default()
        };
        let mut job = self.job(&top, &file.job, owner);
        let tags = std::mem::take(&mut job.tags);
        let mut steps = Vec::new();
        let mut add = |name: &str, needs: Option<&str>, action: StepAction| {
            let needs = needs
                .and_then(|name| Name::new(name).ok())
                .into_iter()
                .collect();
            if let Ok(name) = Name::new(name) {
                steps.push(StepSpec {
                    name,
                    needs,
                    for_each: None,
                    action,
                });
            }
        };
        add(step, None, StepAction::Job { job: Box::new(job) });
        if let Some(model) = &file.model {
            let place = top.with("model");
            let named = self.name::<ModelName>(&place.with("name"), &model.name);
            let handler = self.handler(&place, model.handler.as_ref());
            let aliases = self.aliases(&place, &model.aliases);
            let approve = model.approve.unwrap_or(true);
            let approval = if approve {
                Approval::Approved
            } else {
                Approval::Pending
            };
            if let Some(model) = named {
                let from = "${steps.train.model}".to_owned();
                let action = StepAction::Register {
                    model,
                    from,
                    handler,
                    approval,
                    aliases,
                };
                add("register", Some(step), action);
            }
        }
        if let Some(endpoint) = &file.endpoint {
            let place = top.with("endpoint");
            if file.model.is_none() {
                let message = "an `endpoint` needs a `model` to answer with";
                self.key_mistake(&place, message);
            }
            let named = self.name::<EndpointName>(&place.with("name"), &endpoint.name);
            let replicas = self.replicas(&place, endpoint.replicas.as_ref());
            let (canary, shadow) = (endpoint.canary.as_ref(), endpoint.shadow.as_ref());
            let rollout = self.rollout(&place, canary, shadow, endpoint.sticky.as_ref());
            let workers = Workers {
                memory: endpoint.memory.as_ref(),
                network: endpoint.network.as_ref(),
                retry: endpoint.retry.as_ref(),
            };
            let rollout = Box::new(self.workers(&place, &workers, rollout));
            let sample = endpoint.sample.as_ref();
            let payload = sample.and_then(|name| self.sample(&place.with("sample"), name));
            if let Some(endpoint) = named {
                let model = "${steps.register.version}".to_owned();
                let action = StepAction::Deploy {
                    endpoint: endpoint.clone(),
                    model,
                    replicas,
                    rollout,
                };
                add("deploy", Some("register"), action);
                if let Some(payload) = payload {
                    add(
                        "predict",
                        Some("deploy"),
                        StepAction::Predict { endpoint, payload },
                    );
                }
            }
        }
        let parameters = self.parameters.clone();
        self.finish(PipelineSpec {
            name: name?,
            parameters,
            steps,
            policy: Policy::default(),
            tags,
        })
    }

    fn finish(&mut self, mut spec: PipelineSpec) -> Option<PipelineSpec> {
        self.references(&mut spec.steps);
        if self.mistakes.is_empty() {
            self.whole(&spec);
        }
        for name in self.parameters.keys() {
            if !self.used.contains(name) {
                self.warnings
                    .push(format!("the parameter `{name}` is not used"));
            }
        }
        self.mistakes.is_empty().then_some(spec)
    }
}
