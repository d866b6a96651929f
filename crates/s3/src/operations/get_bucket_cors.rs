//! `GetBucketCors`.

use super::S3;
use crate::caller::Caller;
use crate::cors;
use s3s::dto::{CORSRule, GetBucketCorsInput, GetBucketCorsOutput};
use s3s::{S3Request, S3Response, S3Result, s3_error};

pub(super) async fn handle(
    _: &S3,
    request: S3Request<GetBucketCorsInput>,
) -> S3Result<S3Response<GetBucketCorsOutput>> {
    let caller = Caller::of(&request)?;
    let bucket = caller.bucket(&request.input.bucket)?;
    let rules = cors::rules(bucket);
    if rules.is_empty() {
        return Err(s3_error!(
            NoSuchCORSConfiguration,
            "The CORS configuration does not exist"
        ));
    }
    let shown = |rule: cors::Rule| CORSRule {
        allowed_headers: Some(rule.headers).filter(|list| !list.is_empty()),
        allowed_methods: rule.methods,
        allowed_origins: rule.origins,
        expose_headers: Some(rule.exposed).filter(|list| !list.is_empty()),
        id: rule.id,
        max_age_seconds: rule.max_age_seconds,
    };
    Ok(S3Response::new(GetBucketCorsOutput {
        cors_rules: Some(rules.into_iter().map(shown).collect()),
    }))
}
