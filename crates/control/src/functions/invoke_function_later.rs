//! Takes an event in, to be answered in its turn and again when that fails.

use super::call::EventCall;
use crate::rows::Stored;
use crate::transact::Draft;
use crate::{Caller, Control};
use contracts::store::{Commit, Expect};
use domain::function::{EventPhase, FunctionEvent};
use domain::{FunctionName, Refusal};

impl Control {
    /// Takes an event in; what was taken in is not lost. Returns the id of the call.
    pub async fn invoke_function_later(
        &self,
        caller: &Caller,
        name: &FunctionName,
        call: &EventCall,
    ) -> Result<String, Refusal> {
        caller.may_invoke()?;
        let payload = call.kept_text()?;
        self.resolve(&caller.workspace, name, &call.qualifier)
            .await?;
        let id = call.request.clone().unwrap_or_else(|| self.fresh_request());
        let event = FunctionEvent {
            id: id.clone(),
            workspace: caller.workspace.clone(),
            function: name.clone(),
            qualifier: call.qualifier.clone(),
            payload,
            source: "invoke".to_owned(),
            received: self.world.now(),
            attempts: 0,
            phase: EventPhase::Waiting,
        };
        let event = &event;
        let request = (
            "invoke-function-later",
            name,
            &event.payload,
            &call.qualifier,
        );
        let id = self
            .transact(caller, &request, || {
                Box::pin(async {
                    Ok(Draft {
                        commit: Commit {
                            expect: vec![Expect::Absent(event.key())],
                            put: vec![event.row(Some(event.received))?],
                            ..Commit::default()
                        },
                        answer: event.id.clone(),
                    })
                })
            })
            .await?;
        self.function_events.notify_one();
        Ok(id)
    }
}
