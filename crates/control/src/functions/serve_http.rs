//! HTTP requests to a function's own address or to a stage of an API.

use super::arn;
use super::resolve::latest;
use super::route::{Fit, fits};
use super::rows::api_label;
use crate::rows::{Stored, read};
use crate::{Caller, Control, Error};
use bytes::Bytes;
use contracts::functions::{
    FunctionAnswer, FunctionCall, FunctionInput, FunctionTarget, HttpRequest,
};
use contracts::store::{Key, Query};
use domain::function::{ApiPayload, Function, HttpAccess, Qualifier, TriggerKind};
use domain::{FunctionName, Name, Refusal, Workspace};
use std::collections::BTreeMap;

/// A request as it came, without its body.
#[derive(Debug, Clone)]
pub struct HttpCall {
    /// `GET`, `POST`, …
    pub method: String,
    /// The path after the function's or the stage's address, percent-encoded, with its slash.
    pub path: String,
    /// What follows `?`.
    pub query: String,
    /// Names in lower case.
    pub headers: Vec<(String, String)>,
    /// Who sent it.
    pub source: String,
}

/// A route that a request is for.
struct Found {
    fit: Fit,
    target: FunctionTarget,
    route: String,
    parameters: BTreeMap<String, String>,
    payload: ApiPayload,
    access: HttpAccess,
}

impl Control {
    /// Answers a request to a function's own address. The body is only asked for once the caller is
    /// known to be admitted.
    pub async fn serve_function(
        &self,
        caller: Result<Caller, Refusal>,
        name: &FunctionName,
        qualifier: &Qualifier,
        call: HttpCall,
        body: impl Future<Output = Result<Bytes, Refusal>> + Send,
    ) -> Result<FunctionAnswer, Refusal> {
        let workspace = workspace_of(&caller);
        let key = Key::new(Function::KIND, &workspace, name);
        let found = self.find::<Function>(&key).await?;
        let Some((function, _)) = found else {
            // Whoever has no key learns nothing about what is there.
            caller?.may_invoke()?;
            return Err(Refusal::not_found(Function::KIND, name));
        };
        let keyed = admit(caller, function.spec.address)?;
        let target = self.resolve(&workspace, name, qualifier).await?;
        let request = HttpRequest {
            method: call.method,
            path: call.path,
            query: call.query,
            headers: call.headers,
            body: body.await?,
            source: call.source,
            api: name.to_string(),
            stage: "$default".to_owned(),
            route: "$default".to_owned(),
            parameters: BTreeMap::new(),
            payload: ApiPayload::V2,
            keyed,
        };
        self.pass_on(&target, qualifier, request).await
    }

    /// Answers a request to a stage of an API by the function whose route fits best, with its body
    /// as in [`Self::serve_function`].
    pub async fn serve_api(
        &self,
        caller: Result<Caller, Refusal>,
        api: &Name,
        stage: &Name,
        call: HttpCall,
        body: impl Future<Output = Result<Bytes, Refusal>> + Send,
    ) -> Result<FunctionAnswer, Refusal> {
        let workspace = workspace_of(&caller);
        let found = self.route(&workspace, api, stage, &call).await?;
        let Some(found) = found else {
            caller?.may_invoke()?;
            let route = format!("{} /apis/{api}/{stage}{}", call.method, call.path);
            return Err(Refusal::not_found("route", route));
        };
        let keyed = admit(caller, found.access)?;
        let request = HttpRequest {
            method: call.method,
            path: call.path,
            query: call.query,
            headers: call.headers,
            body: body.await?,
            source: call.source,
            api: api.to_string(),
            stage: stage_word(stage, found.payload),
            route: found.route,
            parameters: found.parameters,
            payload: found.payload,
            keyed,
        };
        self.pass_on(&found.target, &Qualifier::Latest, request)
            .await
    }

    async fn pass_on(
        &self,
        target: &FunctionTarget,
        qualifier: &Qualifier,
        request: HttpRequest,
    ) -> Result<FunctionAnswer, Refusal> {
        let call = FunctionCall {
            request: self.fresh_request(),
            input: FunctionInput::Http(Box::new(request)),
            received: self.world.now(),
            invoked: arn::of(&target.name, qualifier),
            client_context: None,
        };
        self.function_plane.invoke(target, call).await
    }

    async fn route(
        &self,
        workspace: &Workspace,
        wanted_api: &Name,
        wanted_stage: &Name,
        call: &HttpCall,
    ) -> Result<Option<Found>, Error> {
        let query = Query {
            kind: Function::KIND.to_owned(),
            workspace: Some(workspace.clone()),
            labels: BTreeMap::from([(api_label(wanted_api, wanted_stage), String::new())]),
            limit: 1_000,
            ..Query::default()
        };
        let page = self.store.list(&query).await?;
        let mut best: Option<Found> = None;
        for row in &page.rows {
            let function: Function = read(row)?;
            for trigger in &function.spec.triggers {
                let TriggerKind::Http {
                    api,
                    stage,
                    method,
                    path,
                    payload,
                    access,
                } = &trigger.kind
                else {
                    continue;
                };
                if api != wanted_api || stage != wanted_stage {
                    continue;
                }
                let Some((fit, parameters)) = fits((method, path), &call.method, &call.path) else {
                    continue;
                };
                if best.as_ref().is_some_and(|best| best.fit >= fit) {
                    continue;
                }
                best = Some(Found {
                    fit,
                    target: latest(&function)?,
                    route: path.clone(),
                    parameters,
                    payload: *payload,
                    access: *access,
                });
            }
        }
        Ok(best)
    }
}

/// HTTP APIs have a stage `$default`, which is `default` in addresses here.
fn stage_word(stage: &Name, payload: ApiPayload) -> String {
    if payload == ApiPayload::V2 && stage.as_str() == "default" {
        return "$default".to_owned();
    }
    stage.to_string()
}

/// Without a key it is the usual workspace, in which only what is public answers.
fn workspace_of(caller: &Result<Caller, Refusal>) -> Workspace {
    match caller {
        Ok(caller) => caller.workspace.clone(),
        Err(_) => Workspace::default(),
    }
}

/// Whether the caller has a key; a refusal where one is needed.
fn admit(caller: Result<Caller, Refusal>, access: HttpAccess) -> Result<bool, Refusal> {
    let admitted = caller.and_then(|caller| caller.may_invoke());
    match access {
        HttpAccess::Public => Ok(admitted.is_ok()),
        HttpAccess::Key => admitted.map(|()| true),
    }
}
