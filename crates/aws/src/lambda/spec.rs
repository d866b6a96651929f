//! What a request says of a function, in the words of the domain; what these do not hold is kept
//! beside and comes back in every description.

use super::fault::{of, parameter};
use super::{Asked, layers};
use crate::fault::Fault;
use crate::sagemaker::reach::Reach;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use contracts::objects::{ObjectError, PutOptions};
use control::context::SYSTEM_BUCKET;
use control::error::of_objects;
use domain::environment::Environment;
use domain::function::{FunctionForm, FunctionRuntime, FunctionSpec};
use domain::job::CodeArchive;
use domain::{ByteSize, Span};
use futures::{StreamExt, stream};
use http::StatusCode;
use serde_json::Value;
use sha2::{Digest, Sha256};
use std::fmt::Write as _;

/// What comes back as it was sent.
const KEPT: [&str; 9] = [
    "Role",
    "Runtime",
    "VpcConfig",
    "TracingConfig",
    "Architectures",
    "KMSKeyArn",
    "FileSystemConfigs",
    "SnapStart",
    "LoggingConfig",
];

/// A function of a `CreateFunction` request whose code is somewhere already.
pub(super) async fn created(
    asked: &Asked<'_>,
    members: &Value,
    code: String,
) -> Result<FunctionSpec, Fault> {
    let code = CodeArchive {
        location: code,
        content_hash: String::new(),
    };
    let mut spec = FunctionSpec::new(FunctionForm::Aws, code, "");
    changed(asked, members, &mut spec).await?;
    if let Some(tags) = members.get("Tags").and_then(Value::as_object) {
        for (name, value) in tags {
            let text = value.as_str().unwrap_or_default().to_owned();
            spec.tags.insert(name.clone(), text);
        }
    }
    Ok(spec)
}

/// Changes a function by the members of a request that are there.
pub(super) async fn changed(
    asked: &Asked<'_>,
    members: &Value,
    spec: &mut FunctionSpec,
) -> Result<(), Fault> {
    let text = |name: &str| members.get(name).and_then(Value::as_str);
    let number = |name: &str| members.get(name).and_then(Value::as_i64);
    if let Some(role) = text("Role") {
        let facts = asked.call.facts(asked.call.connection, members);
        let passed = asked.call.demand_passing(role, "lambda", facts);
        passed.await?;
    }
    if let Some(handler) = text("Handler") {
        handler.clone_into(&mut spec.handler);
    }
    if let Some(description) = text("Description") {
        description.clone_into(&mut spec.description);
    }
    if let Some(megabytes) = number("MemorySize") {
        spec.memory = ByteSize::mebibytes(megabytes.unsigned_abs());
    }
    if let Some(seconds) = number("Timeout") {
        spec.timeout = Span::seconds(seconds);
    }
    if let Some(size) = members
        .pointer("/EphemeralStorage/Size")
        .and_then(Value::as_u64)
    {
        spec.temporary = ByteSize::mebibytes(size);
    }
    if let Some(runtime) = text("Runtime") {
        set_runtime(runtime, spec)?;
    }
    if let Some(variables) = members.pointer("/Environment/Variables") {
        let variables = variables.as_object().into_iter().flatten();
        spec.env = variables
            .map(|(name, value)| (name.clone(), value.as_str().unwrap_or_default().to_owned()))
            .collect();
    }
    if let Some(target) = members
        .pointer("/DeadLetterConfig/TargetArn")
        .and_then(Value::as_str)
        && !target.is_empty()
    {
        return Err(parameter(
            "dead-letter queues and topics are not served; an on-failure destination is",
        ));
    }
    if let Some(arns) = members.get("Layers").and_then(Value::as_array) {
        spec.layers.clear();
        for arn in arns {
            let arn = arn.as_str().unwrap_or_default();
            spec.layers.push(layers::location(asked, arn).await?);
        }
        spec.foreign
            .insert("Layers".to_owned(), Value::from(arns.clone()));
    }
    for name in KEPT {
        if let Some(value) = members.get(name) {
            spec.foreign.insert(name.to_owned(), value.clone());
        }
    }
    Ok(())
}

/// Lambda's Python runtimes come with boto3.
fn set_runtime(text: &str, spec: &mut FunctionSpec) -> Result<(), Fault> {
    if let Some(version) = text.strip_prefix("python") {
        spec.runtime = FunctionRuntime::Python;
        spec.environment = Environment::Python {
            version: Some(version.to_owned()),
            requirements: vec!["boto3".to_owned()],
            strict: false,
        };
        return Ok(());
    }
    if text.starts_with("provided") {
        spec.runtime = FunctionRuntime::Bootstrap;
        return Ok(());
    }
    Err(parameter(format!(
        "Value {text} at 'runtime' failed to satisfy constraint: only python3.x and provided \
         runtimes are served here"
    )))
}

/// Where the code of a request is; a zip in the request is put into the system's bucket.
pub(super) async fn code(asked: &Asked<'_>, code: &Value) -> Result<String, Fault> {
    let text = |name: &str| code.get(name).and_then(Value::as_str);
    if let Some(zip) = text("ZipFile") {
        let bytes = STANDARD
            .decode(zip)
            .map_err(|_| parameter("Could not unzip uploaded file: it is not base64"))?;
        if !bytes.starts_with(b"PK") {
            return Err(parameter(
                "Could not unzip uploaded file. Please check your file, then try to upload again.",
            ));
        }
        return put(asked, bytes).await;
    }
    match (text("S3Bucket"), text("S3Key")) {
        (Some(bucket), Some(key)) => readable(asked, bucket, key).await,
        _ if text("ImageUri").is_some() => Err(parameter(
            "functions of container images are not served here",
        )),
        _ => Err(parameter("Please provide a source for function code.")),
    }
}

/// Where an object of code is, when whoever asks may read it.
async fn readable(asked: &Asked<'_>, bucket: &str, key: &str) -> Result<String, Fault> {
    let uri = format!("s3://{bucket}/{key}");
    let reach = Reach::of(asked.call, None).await?;
    match reach.object(bucket, key).await {
        Ok(()) => Ok(uri),
        Err(fault) if fault.status.is_client_error() => Err(Fault::new(
            "AccessDeniedException",
            format!(
                "Your access has been denied by S3, please make sure your request credentials \
                 have permission to GetObject for {bucket}/{key}. S3 Error Code: AccessDenied. S3 \
                 Error Message: Access Denied"
            ),
        )
        .with_status(StatusCode::FORBIDDEN)),
        Err(fault) => Err(fault),
    }
}

async fn put(asked: &Asked<'_>, bytes: Vec<u8>) -> Result<String, Fault> {
    let hash = Sha256::digest(&bytes)
        .iter()
        .fold(String::new(), |mut text, byte| {
            let _ = write!(text, "{byte:02x}");
            text
        });
    let key = format!("code/{hash}.zip");
    let caller = asked.call.caller();
    caller.may_edit().map_err(of)?;
    let objects = &asked.call.aws.control.objects;
    let workspace = &caller.workspace;
    let wrong = |error: ObjectError| of(of_objects(error));
    objects
        .ensure_bucket(workspace, SYSTEM_BUCKET)
        .await
        .map_err(wrong)?;
    let body = stream::once(async { Ok::<_, ObjectError>(Bytes::from(bytes)) }).boxed();
    let put = objects.put(workspace, SYSTEM_BUCKET, &key, body, PutOptions::default());
    put.await.map_err(wrong)?;
    Ok(format!("s3://{SYSTEM_BUCKET}/{key}"))
}
