//! From a request to its answer.

use super::authenticate::authenticate;
use super::places::{Place, Spoken, is_for_s3, place};
use crate::Aws;
use crate::fault::Fault;
use crate::operation::Call;
use crate::protocol::{cbor, compatible, ec2, json, moment, query, respond};
use crate::service::{Protocol, Service};
use crate::signature::Claim;
use crate::validation;
use axum::Router;
use axum::body::Body;
use axum::extract::{Request, State};
use axum::response::Response;
use bytes::Bytes;
use flate2::read::GzDecoder;
use http::StatusCode;
use http::request::Parts;
use http_body_util::{BodyExt, LengthLimitError, Limited};
use serde_json::Value;
use std::io::Read;
use tower::ServiceExt;

/// The content type of faults before a service is known.
const JSON: &str = "application/x-amz-json-1.1";

#[derive(Clone)]
struct Front {
    aws: Aws,
    s3: Router,
}

/// The dialect as a router that takes every path; `s3` answers what is signed for S3.
pub fn router(aws: Aws, s3: Router) -> Router {
    Router::new().fallback(answer).with_state(Front { aws, s3 })
}

async fn answer(State(front): State<Front>, request: Request) -> Response {
    let (parts, body) = request.into_parts();
    let id = request_id(&front.aws);
    let claim = match Claim::of(&parts) {
        Ok(claim) => claim,
        // S3 has faults of its own for what is not in its form, and reads signatures by itself.
        Err(_) if is_for_s3(&parts) => return by_s3(front.s3, parts, body).await,
        Err(fault) => return json::fault(&fault, JSON, &id),
    };
    match place(&parts, claim.as_ref()) {
        Place::S3 => by_s3(front.s3, parts, body).await,
        Place::Target(service, operation, spoken) => {
            let asked = Asked::Named(operation);
            front
                .rpc(service, asked, spoken, (&parts, body), claim.as_ref(), &id)
                .await
        }
        Place::Form(service, spoken) => {
            front
                .rpc(
                    service,
                    Asked::InForm,
                    spoken,
                    (&parts, body),
                    claim.as_ref(),
                    &id,
                )
                .await
        }
        Place::Rest(service) => {
            let bytes = match collect(body, front.aws.largest_body).await {
                Ok(bytes) => bytes,
                Err(fault) => return json::fault(&fault, "application/json", &id),
            };
            match authenticate(&front.aws, &parts, &bytes, claim.as_ref()).await {
                Err(fault) => json::fault(&fault, "application/json", &id),
                Ok(principal) => {
                    let call = Call {
                        aws: &front.aws,
                        principal: &principal,
                        region: region(&front.aws, claim.as_ref()),
                        request_id: &id,
                        connection: connection(&parts),
                    };
                    let name = service.signing_name;
                    match crate::iam::authorise_path(&call, name, &parts).await {
                        Ok(()) => (service.answer)(&call, &parts, bytes).await,
                        Err(fault) => json::fault(&fault, "application/json", &id),
                    }
                }
            }
        }
        Place::Unknown(name) => {
            let name: String = name.chars().take(60).collect();
            let fault = Fault::new(
                "UnknownOperationException",
                format!("the service `{name}` is not served here"),
            )
            .with_status(StatusCode::NOT_FOUND);
            json::fault(&fault, JSON, &id)
        }
    }
}

async fn by_s3(s3: Router, parts: Parts, body: Body) -> Response {
    match s3.oneshot(Request::from_parts(parts, body)).await {
        Ok(response) => response,
        Err(never) => match never {},
    }
}

/// What an operation answered.
enum Said {
    /// As a tree, which every protocol renders in its own way.
    Tree(Value),
    /// As the text that is sent.
    Text(Vec<u8>),
}

/// How a service of the table was asked.
enum Asked {
    /// By name in a header.
    Named(String),
    /// By `Action` in the body.
    InForm,
}

impl Front {
    async fn rpc(
        &self,
        service: &'static Service,
        asked: Asked,
        spoken: Spoken,
        (parts, body): (&Parts, Body),
        claim: Option<&Claim>,
        id: &str,
    ) -> Response {
        let mut action = String::new();
        let result = async {
            let bytes = collect(body, self.aws.largest_body).await?;
            let principal = authenticate(&self.aws, parts, &bytes, claim).await;
            let principal = principal.map_err(|fault| as_said_by(spoken, fault))?;
            let bytes = unpacked(parts, bytes, self.aws.largest_body)?;
            let members = match asked {
                Asked::Named(name) => {
                    action = name;
                    match spoken {
                        Spoken::Cbor => cbor::read(&bytes)?,
                        _ => json::read(&bytes)?,
                    }
                }
                Asked::InForm => {
                    let (name, members) = query::read(&bytes)?;
                    action = name;
                    members
                }
            };
            let operation = service.operation(&action)?;
            if let Protocol::Json {
                model: Some((model, code)),
                ..
            } = service.protocol
            {
                validation::check(model, &action, &members, code)?;
            }
            let call = Call {
                aws: &self.aws,
                principal: &principal,
                region: region(&self.aws, claim),
                request_id: id,
                connection: connection(parts),
            };
            let name = service.signing_name;
            let allowed = crate::iam::authorise(&call, name, operation.name, &members).await;
            allowed.map_err(|fault| as_said_by(spoken, fault))?;
            match (spoken, service.protocol) {
                (Spoken::Json(_), Protocol::Json { .. }) => (operation.run_to_text)(&call, members)
                    .await
                    .map(Said::Text),
                _ => (operation.run)(&call, members).await.map(Said::Tree),
            }
        };
        let result = result.await;
        if let Err(fault) = &result {
            tracing::debug!(service = service.title, action, code = %fault.code, message = fault.message, "refused");
        }
        let result = match (spoken, result) {
            (Spoken::Json(content_type), Ok(Said::Text(text))) => {
                return respond(StatusCode::OK, content_type, text, id);
            }
            (_, Ok(Said::Text(text))) => json::read(&text),
            (_, Ok(Said::Tree(tree))) => Ok(tree),
            (_, Err(fault)) => Err(fault),
        };
        rendered(service, spoken, &action, result, id)
    }
}

/// The answer in the words that the request was made in.
fn rendered(
    service: &Service,
    spoken: Spoken,
    action: &str,
    result: Result<Value, Fault>,
    id: &str,
) -> Response {
    let Protocol::Any { target, .. } = service.protocol else {
        return match (spoken, result) {
            (Spoken::Json(content_type), Ok(value)) => json::answer(&value, content_type, id),
            (Spoken::Json(content_type), Err(fault)) => json::fault(&fault, content_type, id),
            (Spoken::Query(namespace), Ok(value)) => query::answer(action, &value, namespace, id),
            (Spoken::Query(namespace), Err(fault)) => query::fault(&fault, namespace, id),
            (Spoken::Ec2(namespace), Ok(value)) => ec2::answer(action, &value, namespace, id),
            (Spoken::Ec2(_), Err(fault)) => ec2::fault(&as_said_by(spoken, fault), id),
            (Spoken::Cbor, Ok(value)) => cbor::answer(value, id),
            (Spoken::Cbor, Err(fault)) => cbor::fault(&fault, service.title, id),
        };
    };
    match (spoken, result) {
        (Spoken::Json(content_type), Ok(value)) => {
            json::answer(&moment::as_seconds(value), content_type, id)
        }
        (Spoken::Json(content_type), Err(fault)) => {
            compatible::with_code(json::fault(&fault, content_type, id), &fault)
        }
        (Spoken::Query(namespace), Ok(value)) => {
            query::answer(action, &moment::as_text(value), namespace, id)
        }
        (Spoken::Ec2(namespace), Ok(value)) => ec2::answer(action, &value, namespace, id),
        (Spoken::Ec2(_), Err(fault)) => ec2::fault(&as_said_by(spoken, fault), id),
        (Spoken::Query(namespace), Err(mut fault)) => {
            fault.code = compatible::code(&fault.code).to_owned().into();
            query::fault(&fault, namespace, id)
        }
        (Spoken::Cbor, Ok(value)) => cbor::answer(value, id),
        (Spoken::Cbor, Err(fault)) => cbor::fault(&fault, target, id),
    }
}

/// A body as it was before SDKs packed it; what was signed is the packed one.
fn unpacked(parts: &Parts, bytes: Bytes, most: usize) -> Result<Bytes, Fault> {
    let coding = parts.headers.get(http::header::CONTENT_ENCODING);
    if coding.is_none_or(|coding| coding.as_bytes() != b"gzip") {
        return Ok(bytes);
    }
    let mut plain = Vec::new();
    let mut unpacker = GzDecoder::new(bytes.as_ref()).take(most as u64 + 1);
    if let Err(error) = unpacker.read_to_end(&mut plain) {
        let text = format!("the body is not gzip: {error}");
        return Err(Fault::new("SerializationException", text));
    }
    if plain.len() > most {
        let text = format!("the body is larger than {most} bytes");
        return Err(Fault::new("RequestEntityTooLargeException", text)
            .with_status(StatusCode::PAYLOAD_TOO_LARGE));
    }
    Ok(Bytes::from(plain))
}

/// The services with forms have codes of their own for what is wrong with a signature.
fn as_said_by(spoken: Spoken, mut fault: Fault) -> Fault {
    if matches!(spoken, Spoken::Ec2(_)) {
        fault.code = match fault.code.as_ref() {
            "AccessDeniedException" => "UnauthorizedOperation",
            "UnrecognizedClientException"
            | "InvalidSignatureException"
            | "MissingAuthenticationTokenException"
            | "IncompleteSignatureException" => "AuthFailure",
            "ExpiredTokenException" => "RequestExpired",
            "SerializationException" | "ValidationException" => "InvalidParameterValue",
            "ThrottlingException" => "RequestLimitExceeded",
            "InternalFailure" => "InternalError",
            "ServiceUnavailable" => "Unavailable",
            _ => return fault,
        }
        .into();
        return fault;
    }
    if matches!(spoken, Spoken::Query(_)) {
        let code = match fault.code.as_ref() {
            "UnrecognizedClientException" => "InvalidClientTokenId",
            "InvalidSignatureException" => "SignatureDoesNotMatch",
            "MissingAuthenticationTokenException" => "MissingAuthenticationToken",
            "IncompleteSignatureException" => "IncompleteSignature",
            "ExpiredTokenException" => "ExpiredToken",
            "AccessDeniedException" => "AccessDenied",
            _ => return fault,
        };
        fault.code = code.into();
    }
    fault
}

fn region<'a>(aws: &'a Aws, claim: Option<&'a Claim>) -> &'a str {
    match claim {
        // Global services sign for `us-east-1` or `aws-global`.
        Some(claim) if claim.region.contains('-') && claim.region != "aws-global" => &claim.region,
        _ => &aws.account.region,
    }
}

/// How a request came in, as the server that mounts the dialect says.
fn connection(parts: &Parts) -> Option<::s3::Connection> {
    parts.extensions.get().copied()
}

/// A UUID's form, as AWS' request ids have it.
fn request_id(aws: &Aws) -> String {
    let id = aws.control.world.fresh_id("r");
    let hex = id.trim_start_matches("r-");
    let parts = [0..8, 8..12, 12..16, 16..20, 20..32].map(|range| hex.get(range).unwrap_or(""));
    parts.join("-")
}

async fn collect(body: Body, most: usize) -> Result<Bytes, Fault> {
    match Limited::new(body, most).collect().await {
        Ok(collected) => Ok(collected.to_bytes()),
        Err(error) if error.is::<LengthLimitError>() => {
            let text = format!("the body is larger than {most} bytes");
            Err(Fault::new("RequestEntityTooLargeException", text)
                .with_status(StatusCode::PAYLOAD_TOO_LARGE))
        }
        Err(error) => {
            tracing::debug!(%error, "a body ended early");
            Err(Fault::new(
                "SerializationException",
                "the body ended before it was complete",
            ))
        }
    }
}
