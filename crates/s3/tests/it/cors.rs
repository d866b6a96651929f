//! Pages of other origins.

use crate::setting::Setting;

#[tokio::test]
async fn preflight_and_actual_requests() {
    let s3 = Setting::with_bucket().await;
    s3.put("/data/a", "x").send().await.ok();
    let preflight = |origin: &str, method: &str| {
        s3.call("OPTIONS", "/data/a")
            .anonymous()
            .header("origin", origin)
            .header("access-control-request-method", method)
    };
    preflight("https://a.example", "GET")
        .send()
        .await
        .fails(403, "AccessForbidden");
    s3.get("/data?cors")
        .send()
        .await
        .fails(404, "NoSuchCORSConfiguration");
    let rule = "<CORSConfiguration><CORSRule><AllowedOrigin>https://*.example</AllowedOrigin><AllowedMethod>GET</AllowedMethod><AllowedHeader>*</AllowedHeader><ExposeHeader>ETag</ExposeHeader><MaxAgeSeconds>60</MaxAgeSeconds></CORSRule></CORSConfiguration>";
    s3.put("/data?cors", rule).send().await.ok();
    assert!(
        s3.get("/data?cors")
            .send()
            .await
            .ok()
            .text()
            .contains("https://*.example")
    );
    let yes = preflight("https://a.example", "GET").send().await.ok();
    assert_eq!(
        yes.header("access-control-allow-origin"),
        Some("https://a.example")
    );
    assert_eq!(yes.header("access-control-max-age"), Some("60"));
    preflight("https://a.example", "PUT")
        .send()
        .await
        .fails(403, "AccessForbidden");
    preflight("https://example.org", "GET")
        .send()
        .await
        .fails(403, "AccessForbidden");
    let got = s3
        .get("/data/a")
        .header("origin", "https://a.example")
        .send()
        .await
        .ok();
    assert_eq!(got.header("access-control-expose-headers"), Some("ETag"));
    let got = s3
        .get("/data/a")
        .header("origin", "https://example.org")
        .send()
        .await
        .ok();
    assert_eq!(got.header("access-control-allow-origin"), None);
    s3.call("DELETE", "/data?cors").send().await.ok();
    preflight("https://a.example", "GET")
        .send()
        .await
        .fails(403, "AccessForbidden");
}
