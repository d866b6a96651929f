//! Which container answers: the one that there is, the one or the model that the request names, or
//! all of them one after the other.

use super::invoke_endpoint::{fault, judged};
use crate::fault::Fault;
use crate::operation::Call;
use crate::sagemaker::containers::{self, Hop, Way};
use crate::sagemaker::multi_model;
use contracts::data_plane::{Answer, Invocation};
use domain::endpoint::Endpoint;
use domain::{EndpointName, Name};

const MODEL: &str = "x-amzn-sagemaker-target-model";
const CONTAINER: &str = "x-amzn-sagemaker-target-container-hostname";

/// The endpoint's answer.
pub(super) async fn answer(
    call: &Call<'_>,
    endpoint: &Endpoint,
    request: Invocation,
) -> Result<Answer, Fault> {
    let wrong = |message: String| Err(Fault::new("ValidationError", message));
    let text = |name: &str| {
        let value = request.headers.get(name)?.to_str().ok()?;
        Some(value.to_owned())
    };
    let (model, host) = (text(MODEL), text(CONTAINER));
    let name = &endpoint.name;
    if multi_model::is_multi_model(&endpoint.spec) {
        let Some(model) = model else {
            let id = call.request_id;
            return wrong(format!("Request {id} is missing a target model header."));
        };
        let own = multi_model::find(call, endpoint, &model).await?;
        return send(call, &own, request).await;
    }
    if model.is_some() {
        return wrong(format!(
            "Endpoint {name} is not a multi-model endpoint and does not support target model \
             header."
        ));
    }
    let variant = match &request.deployment {
        Some(variant) => Some(variant.as_str()),
        // Configurations with such models have one variant.
        None => containers::variants(&endpoint.spec).next(),
    };
    let way = match variant {
        Some(variant) => containers::way(&endpoint.spec, variant)?,
        None => Way::One,
    };
    match (way, host) {
        (Way::Direct(hops), Some(host)) => {
            let hop = hops.iter().find(|hop| hop.host.as_ref() == Some(&host));
            let Some(hop) = hop else {
                return wrong(format!(
                    "Endpoint {name} has no container with the hostname {host}."
                ));
            };
            let first = hops.first().map(|hop| hop.deployment.clone());
            let answered = to(call, name, hop, request).await;
            answered.map(|answer| shown(answer, first))
        }
        (Way::Direct(_), None) => wrong(format!(
            "Endpoint {name} has containers that are asked directly; the request is missing a \
             target container hostname header."
        )),
        (Way::One | Way::Serial(_), Some(_)) => wrong(format!(
            "Endpoint {name} has no containers that are asked directly and does not support \
             target container hostname header."
        )),
        (Way::One, None) => send(call, name, request).await,
        (Way::Serial(hops), None) => through(call, name, &hops, request).await,
    }
}

/// Through all containers: an answer is the next request.
async fn through(
    call: &Call<'_>,
    name: &EndpointName,
    hops: &[Hop],
    request: Invocation,
) -> Result<Answer, Fault> {
    let Some((last, before)) = hops.split_last() else {
        return send(call, name, request).await;
    };
    let (accept, first) = (request.accept.clone(), hops.first());
    let first = first.map(|hop| hop.deployment.clone());
    let (mut next, mut taken) = (request, 0);
    for hop in before {
        next.accept = hop.accept.clone().unwrap_or_else(|| "*/*".to_owned());
        let answer = to(call, name, hop, next.clone()).await?;
        next.content_type = answer.content_type;
        next.body = answer.body;
        taken += answer.microseconds;
    }
    next.accept = accept;
    let answer = to(call, name, last, next).await?;
    let microseconds = answer.microseconds + taken;
    Ok(Answer {
        microseconds,
        ..shown(answer, first)
    })
}

/// Callers know variants and not the containers in them.
fn shown(answer: Answer, variant: Option<Name>) -> Answer {
    Answer {
        deployment: variant.unwrap_or_else(|| answer.deployment.clone()),
        ..answer
    }
}

async fn to(
    call: &Call<'_>,
    name: &EndpointName,
    hop: &Hop,
    request: Invocation,
) -> Result<Answer, Fault> {
    let deployment = Some(hop.deployment.clone());
    let request = Invocation {
        deployment,
        ..request
    };
    send(call, name, request).await
}

async fn send(call: &Call<'_>, name: &EndpointName, request: Invocation) -> Result<Answer, Fault> {
    let caller = call.caller();
    let answered = call.aws.control.invoke(&caller, name, request).await;
    let answer = answered.map_err(|refusal| fault(call, name.as_str(), refusal))?;
    judged(call, name.as_str(), answer)
}
