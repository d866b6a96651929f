//! Asynchronous inference: requests wait as documents, so that a killed server answers them after
//! its next start. An answer is written before its request is forgotten; a request that is
//! answered twice gives the same object.

use super::jobs::channels::s3;
use super::variants::CONFIG;
use crate::Aws;
use crate::fault::Fault;
use crate::operation::{Call, read};
use bytes::{Bytes, BytesMut};
use contracts::data_plane::Invocation;
use contracts::objects::{ByteStream, PutOptions};
use control::Caller;
use control::documents::{Document, DocumentFilter, NewDocument};
use domain::{EndpointName, Refusal, Span, Workspace};
use futures::StreamExt;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

/// The documents' kind.
const REQUEST: &str = "sagemaker/async-inference";

/// What SageMaker gives a container for an asynchronous request.
const DEADLINE: Span = Span::hours(1);
/// Requests that are answered at once.
const AT_ONCE: usize = 8;
/// Requests that a round looks at.
const ROUND: u32 = 64;

/// `AsyncInferenceConfig`, as far as it decides where answers go.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Config {
    #[serde(rename = "OutputConfig")]
    output: Output,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Output {
    #[serde(default, rename = "S3OutputPath")]
    path: Option<String>,
    #[serde(default, rename = "S3FailurePath")]
    failures: Option<String>,
    #[serde(default, rename = "KmsKeyId")]
    key: Option<String>,
}

/// A request that waits.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Queued {
    endpoint: EndpointName,
    /// Where the request is.
    pub(crate) input: String,
    content_type: Option<String>,
    accept: Option<String>,
    pub(crate) output: String,
    pub(crate) failure: Option<String>,
    key: Option<String>,
}

impl Queued {
    /// A request of an endpoint, with fresh places for its answer.
    pub(crate) fn new(
        call: &Call<'_>,
        endpoint: EndpointName,
        config: &Config,
        input: String,
    ) -> Self {
        let fresh = call.aws.control.world.fresh_id("i");
        let id = fresh.trim_start_matches("i-");
        let place = |path: &str, end: &str| format!("{}/{id}{end}", path.trim_end_matches('/'));
        let own = &config.output;
        let path = own.path.as_deref().unwrap_or_default();
        Self {
            endpoint,
            input,
            content_type: None,
            accept: None,
            output: place(path, ".out"),
            failure: own
                .failures
                .as_deref()
                .map(|path| place(path, "-error.out")),
            key: own.key.clone().filter(|key| !key.is_empty()),
        }
    }

    /// With the media types of the request and its answer.
    pub(crate) fn with_types(mut self, content: Option<String>, accept: Option<String>) -> Self {
        self.content_type = content;
        self.accept = accept;
        self
    }
}

/// What a configuration says of asynchronous inference.
pub(crate) async fn of_config(call: &Call<'_>, config: &str) -> Result<Option<Config>, Fault> {
    described(call, config).await?.map(read).transpose()
}

/// The same, to the letter.
pub(crate) async fn described(call: &Call<'_>, config: &str) -> Result<Option<Value>, Fault> {
    let caller = call.caller();
    let found = call
        .aws
        .control
        .find_document(&caller, CONFIG, config)
        .await?;
    let own = found.and_then(|known| known.document.body.get("AsyncInferenceConfig").cloned());
    Ok(own.filter(|own| !own.is_null()))
}

/// Checks what a new configuration says of it.
pub(crate) fn check(config: &Value) -> Result<(), Fault> {
    let Some(own) = config
        .get("AsyncInferenceConfig")
        .filter(|own| !own.is_null())
    else {
        return Ok(());
    };
    if own["OutputConfig"]
        .get("NotificationConfig")
        .is_some_and(|value| !value.is_null())
    {
        return Err(Fault::unsupported(
            "NotificationConfig of asynchronous inference is not served: there is no SNS here",
        ));
    }
    let own: Config = read(own.clone())?;
    let path = own.output.path.ok_or_else(|| {
        Fault::unsupported("asynchronous inference without an S3OutputPath is not served")
    })?;
    for path in [Some(path), own.output.failures].into_iter().flatten() {
        s3("asyncInferenceConfig.outputConfig", &path)?;
    }
    Ok(())
}

/// Keeps a request.
pub(crate) async fn keep(call: &Call<'_>, queued: &Queued) -> Result<(), Fault> {
    let new = NewDocument {
        kind: REQUEST.to_owned(),
        id: call.aws.control.world.fresh_id("q"),
        parent: Some(queued.endpoint.to_string()),
        phase: "waiting".to_owned(),
        body: json!(queued),
        ..NewDocument::default()
    };
    call.aws
        .control
        .create_document(&call.caller(), &new)
        .await?;
    Ok(())
}

/// Answers what waits. Returns how many requests were answered.
pub(crate) async fn answer(aws: &Aws) -> Result<usize, Refusal> {
    let filter = DocumentFilter {
        kind: REQUEST.to_owned(),
        limit: ROUND,
        ..DocumentFilter::default()
    };
    let (waiting, _) = aws.control.documents_anywhere(&filter).await?;
    let many = waiting.len();
    let answers = waiting.into_iter().map(|document| one(aws, document));
    let mut answers = futures::stream::iter(answers).buffer_unordered(AT_ONCE);
    while let Some(answered) = answers.next().await {
        answered?;
    }
    Ok(many)
}

async fn one(aws: &Aws, document: Document) -> Result<(), Refusal> {
    let caller = Caller::system(document.workspace.clone());
    let queued: Queued = serde_json::from_value(document.body)
        .map_err(|error| Refusal::internal(error.to_string()))?;
    let (place, content_type, body) = match predicted(aws, &caller, &queued).await {
        Ok((content_type, body)) => (Some(&queued.output), content_type, body),
        // Nothing is wrong with the request: it waits on.
        Err(Refusal::Throttled { .. } | Refusal::Unavailable { .. }) => return Ok(()),
        Err(refusal) => {
            tracing::info!(endpoint = %queued.endpoint, %refusal, "an asynchronous request failed");
            let text = Bytes::from(refusal.to_string());
            (queued.failure.as_ref(), "text/plain".to_owned(), text)
        }
    };
    if let Some(place) = place {
        put(
            aws,
            &caller.workspace,
            place,
            content_type,
            body,
            queued.key.as_deref(),
        )
        .await?;
    }
    match aws
        .control
        .delete_document(&caller, REQUEST, &document.id)
        .await
    {
        Ok(()) | Err(Refusal::NotFound { .. }) => Ok(()),
        Err(refusal) => Err(refusal),
    }
}

async fn predicted(
    aws: &Aws,
    caller: &Caller,
    queued: &Queued,
) -> Result<(String, Bytes), Refusal> {
    let (bucket, key) = place(&queued.input)?;
    let read = aws
        .control
        .objects
        .get(&caller.workspace, &bucket, &key, None)
        .await;
    let (head, stream) = read.map_err(control::error::of_objects)?;
    let body = collect(stream, aws.largest_body).await?;
    let content_type = queued.content_type.clone().or(head.content_type);
    let invocation = Invocation {
        content_type: content_type.unwrap_or_else(|| "application/octet-stream".to_owned()),
        accept: queued.accept.clone().unwrap_or_else(|| "*/*".to_owned()),
        body,
        deployment: None,
        headers: http::HeaderMap::new(),
        deadline: DEADLINE,
    };
    let answer = aws
        .control
        .invoke(caller, &queued.endpoint, invocation)
        .await?
        .prediction()?;
    Ok((answer.content_type, answer.body))
}

fn place(uri: &str) -> Result<(String, String), Refusal> {
    s3("s3Uri", uri).map_err(|fault| Refusal::invalid(fault.message))
}

async fn collect(mut stream: ByteStream, most: usize) -> Result<Bytes, Refusal> {
    let mut all = BytesMut::new();
    while let Some(piece) = stream.next().await {
        all.extend_from_slice(&piece.map_err(control::error::of_objects)?);
        if all.len() > most {
            let text = format!("the request's object is larger than {most} bytes");
            return Err(Refusal::invalid(text));
        }
    }
    Ok(all.freeze())
}

async fn put(
    aws: &Aws,
    workspace: &Workspace,
    uri: &str,
    content_type: String,
    body: Bytes,
    key: Option<&str>,
) -> Result<(), Refusal> {
    let (bucket, name) = place(uri)?;
    let options = PutOptions {
        content_type: Some(content_type),
        key: key.map(str::to_owned),
        ..PutOptions::default()
    };
    let stream = futures::stream::once(std::future::ready(Ok(body))).boxed();
    let put = aws
        .control
        .objects
        .put(workspace, &bucket, &name, stream, options)
        .await;
    put.map(|_| ()).map_err(control::error::of_objects)
}
