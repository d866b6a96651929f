//! A dialect whose activities end after a while, and which asserts what every dialect may rely on.

use crate::fuse::Fuse;
use contracts::activities::{Activities, Activity, Resolved, Seen, Standing};
use contracts::store::memory::Memory;
use contracts::store::{Key, Store};
use control::rows::{Stored, read};
use domain::Refusal;
use domain::execution::{Execution, FailureClass, GraphStep, StepState, Work};
use domain::job::Job;
use domain::tuning::Tuning;
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

pub(crate) struct SimulatedDialect {
    store: Arc<Memory>,
    fuse: Arc<Fuse>,
    /// What was made, with how many looks are left until it is over.
    made: Mutex<BTreeMap<String, u64>>,
}

impl SimulatedDialect {
    pub(crate) fn new(store: Arc<Memory>, fuse: Arc<Fuse>) -> Self {
        Self {
            store,
            fuse,
            made: Mutex::default(),
        }
    }

    /// The names of everything that was made.
    pub(crate) fn made(&self) -> Vec<String> {
        self.made.lock().unwrap().keys().cloned().collect()
    }

    fn fails() -> Refusal {
        Refusal::Unavailable {
            message: "the network is down".to_owned(),
        }
    }

    /// Nobody is told of a name that is not stored.
    async fn assert_stored(&self, activity: &Activity) {
        if let Some(id) = activity.actor["tuning"].as_str() {
            let key = Key::new(Tuning::KIND, &activity.workspace, id);
            let row = self.store.get(&key).await.unwrap().unwrap();
            let tuning: Tuning = read(&row).unwrap();
            let trial = tuning
                .trials
                .iter()
                .find(|trial| trial.name == activity.name);
            let values = &trial.unwrap().values;
            assert_eq!(
                activity.request["values"],
                json!(values),
                "{}",
                activity.name
            );
            return;
        }
        let id = activity.actor["execution"].as_str().unwrap();
        let key = Key::new(Execution::KIND, &activity.workspace, id);
        let row = self.store.get(&key).await.unwrap().unwrap();
        let execution: Execution = read(&row).unwrap();
        let stored = execution.states.values().any(|state| match state {
            StepState::Running {
                work: Work::Activity { name, .. },
                ..
            } => *name == activity.name,
            _ => false,
        });
        assert!(stored, "`{}` was made before it was stored", activity.name);
    }
}

#[async_trait::async_trait]
impl Activities for SimulatedDialect {
    async fn resolve(
        &self,
        execution: &Execution,
        step: &GraphStep,
        tries: u32,
    ) -> Result<Resolved, Refusal> {
        for need in &step.needs {
            assert!(execution.states[need].result().is_some(), "{need}");
        }
        Ok(match step.body["kind"].as_str().unwrap() {
            "choice" => Resolved::Choice {
                holds: step.body["holds"].as_bool().unwrap(),
            },
            "fail" => Resolved::Fail {
                message: "on purpose".to_owned(),
            },
            "answer" => Resolved::Answer { detail: json!({}) },
            kind => Resolved::Activity {
                kind: kind.to_owned(),
                name: format!("{}.{}.{tries}", execution.id, step.name),
                request: json!({"x": step.body["x"]}),
                cache: Some(json!({"x": step.body["x"]})),
            },
        })
    }

    async fn ensure(&self, activity: &Activity) -> Result<Value, Refusal> {
        self.fuse
            .call(Self::fails, async {
                self.assert_stored(activity).await;
                let looks = 1 + self.fuse.below(3);
                let mut made = self.made.lock().unwrap();
                made.entry(activity.name.clone()).or_insert(looks);
                Ok(json!({"made": activity.name}))
            })
            .await
    }

    async fn observe(&self, activity: &Activity, _: &Value) -> Result<Seen, Refusal> {
        let standing = {
            let mut made = self.made.lock().unwrap();
            match made.get_mut(&activity.name) {
                None => return Err(Refusal::not_found("activity", &activity.name)),
                Some(0) if activity.kind == "broken" => Standing::Failed {
                    reason: "it broke".to_owned(),
                    class: FailureClass::Internal,
                },
                Some(0) => Standing::Succeeded {
                    result: json!({"name": activity.name}),
                },
                Some(looks) => {
                    *looks -= 1;
                    Standing::Running
                }
            }
        };
        Ok(Seen {
            standing,
            job: None,
        })
    }

    async fn job_env(&self, _job: &Job) -> Result<BTreeMap<String, Option<String>>, Refusal> {
        Ok(BTreeMap::new())
    }

    async fn stop(&self, activity: &Activity, _: &Value) -> Result<(), Refusal> {
        if let Some(looks) = self.made.lock().unwrap().get_mut(&activity.name) {
            *looks = 0;
        }
        Ok(())
    }
}
