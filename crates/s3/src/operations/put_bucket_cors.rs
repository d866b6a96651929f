//! `PutBucketCors`: honoured by `cors.rs` for preflight and actual requests.

use super::S3;
use crate::caller::Caller;
use crate::cors;
use s3s::dto::{PutBucketCorsInput, PutBucketCorsOutput};
use s3s::{S3Error, S3Request, S3Response, S3Result, s3_error};

/// Most rules of a bucket (Amazon S3, "Elements of a CORS configuration").
const MOST_RULES: usize = 100;

pub(super) async fn handle(
    s3: &S3,
    request: S3Request<PutBucketCorsInput>,
) -> S3Result<S3Response<PutBucketCorsOutput>> {
    let caller = Caller::of(&request)?;
    let input = request.input;
    let sent = input.cors_configuration.cors_rules;
    if sent.is_empty() || sent.len() > MOST_RULES {
        return Err(s3_error!(MalformedXML));
    }
    let mut rules = Vec::with_capacity(sent.len());
    for rule in sent {
        let rule = cors::Rule {
            id: rule.id,
            origins: rule.allowed_origins,
            methods: rule.allowed_methods,
            headers: rule.allowed_headers.unwrap_or_default(),
            exposed: rule.expose_headers.unwrap_or_default(),
            max_age_seconds: rule.max_age_seconds,
        };
        check(&rule)?;
        rules.push(rule);
    }
    let text = serde_json::to_string(&rules).map_err(S3Error::internal_error)?;
    s3.configure(&caller, &input.bucket, |settings| {
        let text = text.clone();
        settings.documents.insert(cors::DOCUMENT.to_owned(), text);
    })
    .await?;
    Ok(S3Response::new(PutBucketCorsOutput::default()))
}

fn check(rule: &cors::Rule) -> S3Result<()> {
    if rule.origins.is_empty() || rule.methods.is_empty() {
        return Err(s3_error!(MalformedXML));
    }
    let known = ["GET", "PUT", "POST", "DELETE", "HEAD"];
    if let Some(other) = rule.methods.iter().find(|m| !known.contains(&m.as_str())) {
        return Err(s3_error!(
            InvalidRequest,
            "Found unsupported HTTP method in CORS config. Unsupported method is {other}"
        ));
    }
    let many = |text: &&String| text.matches('*').count() > 1;
    if let Some(bad) = rule.origins.iter().chain(&rule.headers).find(many) {
        return Err(s3_error!(
            InvalidRequest,
            "AllowedOrigin \"{bad}\" can not have more than one wildcard."
        ));
    }
    Ok(())
}
