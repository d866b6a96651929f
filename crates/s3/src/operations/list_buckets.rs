//! `ListBuckets`: by name, in pages when the caller wants them.

use super::S3;
use super::create_bucket::FIRST_REGION;
use crate::caller::Caller;
use crate::fault::fault;
use crate::{names, times};
use s3s::dto::{Bucket, ListBucketsInput, ListBucketsOutput};
use s3s::{S3Request, S3Response, S3Result, s3_error};

/// Most buckets of a page.
const MOST: i32 = 10_000;

pub(super) async fn handle(
    s3: &S3,
    request: S3Request<ListBucketsInput>,
) -> S3Result<S3Response<ListBucketsOutput>> {
    let caller = Caller::of(&request)?;
    let input = request.input;
    let most = input.max_buckets.unwrap_or(MOST);
    if !(1..=MOST).contains(&most) {
        return Err(s3_error!(
            InvalidArgument,
            "Argument max-buckets must be an integer between 1 and 10000"
        ));
    }
    let most = most as usize;
    let prefix = input.prefix.clone().unwrap_or_default();
    let mut after = input.continuation_token;
    let mut buckets: Vec<Bucket> = vec![];
    loop {
        let (page, next) = s3
            .store
            .list_buckets(&caller.workspace, &prefix, after.as_deref(), 1_000)
            .await
            .map_err(fault)?;
        for bucket in page {
            let region = bucket.settings.region;
            let region = region.unwrap_or_else(|| FIRST_REGION.to_owned());
            if input
                .bucket_region
                .as_ref()
                .is_some_and(|wanted| *wanted != region)
            {
                continue;
            }
            buckets.push(Bucket {
                bucket_region: Some(region),
                creation_date: Some(times::shown(bucket.created)),
                name: Some(bucket.name),
            });
        }
        after = next;
        if after.is_none() || buckets.len() > most {
            break;
        }
    }
    let more = buckets.len() > most || after.is_some();
    buckets.truncate(most);
    let last = buckets.last().and_then(|bucket| bucket.name.clone());
    Ok(S3Response::new(ListBucketsOutput {
        continuation_token: last.filter(|_| more),
        owner: Some(names::owner(&caller.account)),
        prefix: input.prefix,
        buckets: Some(buckets),
    }))
}
