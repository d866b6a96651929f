//! Answers to steps that wait for somebody outside.

use super::token_label;
use crate::rows::{Stored, read};
use crate::{Caller, Control, Error};
use contracts::store::Query;
use domain::Refusal;
use domain::execution::{Execution, Origin, StepEnding, StepState};
use serde_json::Value;
use std::collections::BTreeMap;

impl Control {
    /// Ends the step that waits under a token: with a result, or with why it failed.
    pub async fn answer_step(
        &self,
        caller: &Caller,
        token: &str,
        answer: Result<Value, String>,
    ) -> Result<Execution, Refusal> {
        caller.may_edit()?;
        let query = Query {
            kind: Execution::KIND.to_owned(),
            workspace: Some(caller.workspace.clone()),
            labels: BTreeMap::from([(token_label(token), String::new())]),
            limit: 1,
            ..Query::default()
        };
        let page = self.store.list(&query).await.map_err(Error::from)?;
        let row = page.rows.first();
        let row = row.ok_or_else(|| Refusal::not_found("a step that waits under", token))?;
        let execution: Execution = read(row)?;
        // The token says which step it is, so that the answer itself need not be one request.
        let caller = Caller {
            token: None,
            ..caller.clone()
        };
        self.change_execution(&caller, &execution.id, "answered", &|execution, now| {
            let found = execution
                .states
                .values_mut()
                .find(|state| state.token() == Some(token));
            let Some(state) = found else {
                return Err(Refusal::not_found("a step that waits under", token));
            };
            if let StepState::Running { since, tries, work } = state.clone() {
                *state = StepState::Over {
                    since,
                    at: now,
                    tries: tries + 1,
                    work: Some(work),
                    ending: match &answer {
                        Ok(result) => StepEnding::Succeeded {
                            result: result.clone(),
                            origin: Origin::Own,
                        },
                        Err(reason) => StepEnding::Failed {
                            reason: reason.clone(),
                        },
                    },
                };
            }
            Ok(())
        })
        .await
    }
}
