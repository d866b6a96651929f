//! Which requests are AWS', by what SDKs never leave out.

use http::request::Parts;

/// Whether a request was made by an SDK of AWS: it is signed, names a target, or dials a name of
/// AWS'.
pub fn is_aws(parts: &Parts) -> bool {
    let headers = &parts.headers;
    if headers.contains_key("x-amz-target") {
        return true;
    }
    let signed = headers
        .get(http::header::AUTHORIZATION)
        .and_then(|value| value.to_str().ok())
        .is_some_and(|text| text.starts_with("AWS4-") || text.starts_with("AWS "));
    let query = parts.uri.query().unwrap_or("");
    let presigned = ["X-Amz-Signature=", "X-Amz-Algorithm=", "AWSAccessKeyId="]
        .iter()
        .any(|name| query.contains(name));
    signed || presigned || is_aws_host(&crate::front::places::host(parts))
}

/// Whether a host name is AWS'.
fn is_aws_host(host: &str) -> bool {
    let name = host.rsplit_once(':').map_or(host, |(name, _)| name);
    name == "amazonaws.com" || name.ends_with(".amazonaws.com")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parts(uri: &str, headers: &[(&str, &str)]) -> Parts {
        let mut request = http::Request::builder().uri(uri);
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        request.body(()).unwrap().into_parts().0
    }

    #[test]
    fn sdks_are_told_from_others() {
        let signed = ("authorization", "AWS4-HMAC-SHA256 Credential=a");
        assert!(is_aws(&parts("/", &[signed])));
        assert!(is_aws(&parts("/b/k?AWSAccessKeyId=a&Signature=s", &[])));
        assert!(is_aws(&parts(
            "/",
            &[("host", "s3.us-east-1.amazonaws.com")]
        )));
        assert!(!is_aws(&parts(
            "/api/v1/jobs",
            &[("authorization", "Bearer x")]
        )));
        assert!(!is_aws(&parts(
            "/",
            &[("host", "amazonaws.com.evil.example")]
        )));
    }
}
