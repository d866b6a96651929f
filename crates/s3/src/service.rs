//! The service as HTTP servers mount it: ids of requests, limits, and the shape of errors around
//! what `s3s` reads and writes.

use crate::access::Access;
use crate::cors::{self, Asked};
use crate::fault::usual_text;
use crate::gate::Gate;
use crate::hosts::Hosts;
use crate::integrity;
use crate::operations::{Bare, S3};
use crate::presigned;
use crate::settings::Settings;
use axum::body::Body;
use futures::future::BoxFuture;
use http::{HeaderMap, HeaderValue, Method, Request, Response, StatusCode, header};
use http_body_util::BodyExt as _;
use objects::ObjectStore;
use s3s::S3Error;
use s3s::config::{S3Config, StaticConfigProvider};
use s3s::service::{S3Service, S3ServiceBuilder};
use s3s::validation::NameValidation;
use std::convert::Infallible;
use std::sync::Arc;
use std::task::{Context, Poll};

/// Most bytes of an XML body: 1,000 keys of 1 KiB in `DeleteObjects`, each escaped.
const LONGEST_XML: usize = 8 << 20;
/// Most bytes of a form upload, which is held in memory.
const LONGEST_FORM_FILE: u64 = 64 << 20;
/// The namespace of S3's XML.
const NAMESPACE: &str = "http://s3.amazonaws.com/doc/2006-03-01/";
/// Most bytes of a body that is finished here.
const LONGEST_ERROR: usize = 64 << 10;

/// Answers HTTP requests with S3. Cheap to clone.
#[derive(Clone)]
pub struct Service {
    inner: S3Service,
    gate: Gate,
    hosts: Arc<Hosts>,
}

/// The service over an object store. Whoever mounts it sees to TLS, connection limits, and puts a
/// [`crate::Connection`] into the requests' extensions.
pub fn service(store: ObjectStore, access: Arc<dyn Access>, settings: Settings) -> Service {
    let settings = Arc::new(settings);
    let gate = Gate {
        store,
        access,
        settings: Arc::clone(&settings),
    };
    let mut builder = S3ServiceBuilder::new(S3 { gate: gate.clone() });
    builder.set_auth(gate.clone());
    builder.set_access(gate.clone());
    let hosts = Hosts::new(&settings.domains);
    builder.set_host(hosts.clone());
    builder.set_validation(Names);
    let mut config = S3Config::default();
    config.xml_max_body_size = LONGEST_XML;
    config.post_object_max_file_size = LONGEST_FORM_FILE;
    builder.set_config(Arc::new(StaticConfigProvider::new(Arc::new(config))));
    Service {
        inner: builder.build(),
        gate,
        hosts: Arc::new(hosts),
    }
}

/// Buckets that other dialects made have names that Amazon's rules do not allow.
struct Names;

impl NameValidation for Names {
    fn validate_bucket_name(&self, name: &str) -> bool {
        objects::check_bucket(name).is_ok()
    }
}

impl Service {
    async fn answer(self, request: Request<Body>) -> Response<Body> {
        let method = request.method().clone();
        let id = self.gate.settings.world.fresh_secret();
        let (id, further) = (id[..16].to_uppercase(), id[16..].to_owned());
        let origin = match Asked::read(&method, request.headers()) {
            Some(asked) => {
                let bucket = self.hosts.bucket_of(request.headers(), request.uri());
                self.allowed(bucket, &asked).await
            }
            None => None,
        };
        let mut response = if method == Method::OPTIONS {
            preflight(origin.is_some())
        } else {
            self.inner_answer(request).await
        };
        if let Some(headers) = origin {
            response.headers_mut().extend(headers);
        }
        if response.status().is_client_error() || response.status().is_server_error() {
            response = finished_error(response, &method, &id, &further).await;
        }
        if response.status() == StatusCode::NOT_MODIFIED {
            *response.body_mut() = Body::empty();
            response.headers_mut().remove(header::CONTENT_TYPE);
        }
        let is_part = response.headers().contains_key(header::CONTENT_RANGE);
        if method == Method::HEAD && is_part && response.status() == StatusCode::OK {
            *response.status_mut() = StatusCode::PARTIAL_CONTENT;
        }
        let headers = response.headers_mut();
        for (name, value) in [("x-amz-request-id", &id), ("x-amz-id-2", &further)] {
            if let Ok(value) = HeaderValue::from_str(value) {
                headers.insert(name, value);
            }
        }
        headers.insert(header::SERVER, HeaderValue::from_static("AmazonS3"));
        response
    }

    async fn inner_answer(&self, request: Request<Body>) -> Response<Body> {
        if let Err(error) = presigned::check(request.uri()) {
            return rendered(error);
        }
        let checked = match integrity::checked(request, LONGEST_XML).await {
            Ok(request) => request.map(s3s::Body::http_body_unsync),
            Err(error) => return rendered(error),
        };
        match self.inner.call(checked).await {
            Ok(response) if response.extensions().get::<Bare>().is_some() => {
                namespaced(response.map(Body::new)).await
            }
            Ok(response) => response.map(Body::new),
            Err(error) => {
                let source: s3s::StdError = error.into();
                tracing::error!(error = %source, "an S3 request could not be answered");
                let mut response = Response::new(Body::empty());
                *response.status_mut() = StatusCode::INTERNAL_SERVER_ERROR;
                response
            }
        }
    }

    /// The headers for a page of another origin, when a rule of the bucket allows it.
    async fn allowed(&self, bucket: Option<String>, asked: &Asked) -> Option<HeaderMap> {
        let bucket = bucket?;
        let workspace = self.gate.access.public_workspace(&bucket).await.ok()??;
        let bucket = self.gate.store.get_bucket(&workspace, &bucket).await.ok()?;
        cors::headers(&cors::rules(&bucket), asked)
    }
}

/// Gives the root element of a short answer the namespace of S3.
async fn namespaced(response: Response<Body>) -> Response<Body> {
    let (mut parts, body) = response.into_parts();
    let limited = http_body_util::Limited::new(body, LONGEST_ERROR);
    let Ok(collected) = limited.collect().await else {
        return Response::from_parts(parts, Body::empty());
    };
    parts.headers.remove(header::CONTENT_LENGTH);
    let text = String::from_utf8_lossy(&collected.to_bytes()).into_owned();
    let begin = text.find("?>").map_or(0, |end| end + 2);
    let finished = match text[begin..].find(['>', '/']) {
        Some(end) if !text[begin..begin + end].contains("xmlns") => {
            let (head, rest) = text.split_at(begin + end);
            format!("{head} xmlns=\"{NAMESPACE}\"{rest}")
        }
        _ => text,
    };
    Response::from_parts(parts, Body::from(finished))
}

fn preflight(is_allowed: bool) -> Response<Body> {
    if is_allowed {
        return Response::new(Body::empty());
    }
    let code = s3s::S3ErrorCode::Custom("AccessForbidden".into());
    let text = "CORSResponse: This CORS request is not allowed. This is usually because the evaluation of Origin, request method / Access-Control-Request-Method or Access-Control-Request-Headers are not whitelisted by the resource's CORS spec.";
    let mut error = S3Error::with_message(code, text);
    error.set_status_code(StatusCode::FORBIDDEN);
    rendered(error)
}

fn rendered(error: S3Error) -> Response<Body> {
    if let Ok(response) = error.to_http_response() {
        return response.map(Body::new);
    }
    let mut response = Response::new(Body::empty());
    *response.status_mut() = StatusCode::INTERNAL_SERVER_ERROR;
    response
}

/// Gives an error the elements that the real service's have: a message, the request's id.
async fn finished_error(
    response: Response<Body>,
    method: &Method,
    id: &str,
    further: &str,
) -> Response<Body> {
    let (mut parts, body) = response.into_parts();
    let limited = http_body_util::Limited::new(body, LONGEST_ERROR);
    let Ok(collected) = limited.collect().await else {
        return Response::from_parts(parts, Body::empty());
    };
    parts.headers.remove(header::CONTENT_LENGTH);
    let text = String::from_utf8_lossy(&collected.to_bytes()).into_owned();
    let Some(inner) = text.strip_suffix("</Error>") else {
        return Response::from_parts(parts, Body::from(text));
    };
    if *method == Method::HEAD {
        return Response::from_parts(parts, Body::empty());
    }
    let mut finished = inner.to_owned();
    if !inner.contains("<Message>") {
        let code = inner
            .split("<Code>")
            .nth(1)
            .and_then(|rest| rest.split('<').next());
        let usual = usual_text(code.unwrap_or_default());
        finished.push_str(&format!("<Message>{usual}</Message>"));
    }
    finished.push_str(&format!(
        "<RequestId>{id}</RequestId><HostId>{further}</HostId></Error>"
    ));
    Response::from_parts(parts, Body::from(finished))
}

impl tower::Service<Request<Body>> for Service {
    type Response = Response<Body>;
    type Error = Infallible;
    type Future = BoxFuture<'static, Result<Self::Response, Infallible>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: Request<Body>) -> Self::Future {
        let service = self.clone();
        Box::pin(async move { Ok(service.answer(request).await) })
    }
}
