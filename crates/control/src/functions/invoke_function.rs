//! Calls a function and waits for its answer.

use super::arn;
use super::call::EventCall;
use crate::{Caller, Control};
use contracts::functions::{FunctionAnswer, FunctionCall, FunctionInput};
use domain::{FunctionName, Refusal};

impl Control {
    /// Answers an event. That the function failed is an answer, not a refusal.
    pub async fn invoke_function(
        &self,
        caller: &Caller,
        name: &FunctionName,
        call: &EventCall,
    ) -> Result<FunctionAnswer, Refusal> {
        caller.may_invoke()?;
        let payload = call.text()?;
        let target = self
            .resolve(&caller.workspace, name, &call.qualifier)
            .await?;
        let fresh = || self.fresh_request();
        let call = FunctionCall {
            request: call.request.clone().unwrap_or_else(fresh),
            input: FunctionInput::Event(payload),
            received: self.world.now(),
            invoked: call
                .invoked
                .clone()
                .unwrap_or_else(|| arn::of(name, &call.qualifier)),
            client_context: call.client_context.clone(),
        };
        self.function_plane.invoke(&target, call).await
    }

    /// Whether the caller may call the version, and that it is there; calls nothing.
    pub async fn may_invoke_function(
        &self,
        caller: &Caller,
        name: &FunctionName,
        call: &EventCall,
    ) -> Result<(), Refusal> {
        caller.may_invoke()?;
        call.text()?;
        self.resolve(&caller.workspace, name, &call.qualifier)
            .await?;
        Ok(())
    }
}
