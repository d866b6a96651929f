//! Requests to a server's native API.

use crate::failure::Failure;
use reqwest::{Method, RequestBuilder, Response, StatusCode};
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value;
use std::time::Duration;

/// A server and the key for it.
#[derive(Clone)]
pub(crate) struct Client {
    http: reqwest::Client,
    address: String,
    key: String,
}

impl Client {
    pub(crate) fn new(address: &str, key: &str) -> Result<Self, Failure> {
        // Only the first call in a process sets the provider; later ones find it there.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let http = reqwest::Client::builder()
            .connect_timeout(Duration::from_secs(5))
            .no_proxy()
            .build()
            .map_err(|error| Failure::here(format!("the client cannot be made: {error}")))?;
        let address = address.trim_end_matches('/').to_owned();
        Ok(Self {
            http,
            address,
            key: key.to_owned(),
        })
    }

    /// Where the server is.
    pub(crate) fn address(&self) -> &str {
        &self.address
    }

    /// The key that requests carry.
    pub(crate) fn key(&self) -> &str {
        &self.key
    }

    /// Whether the server is on this machine and sees its files.
    pub(crate) fn is_local(&self) -> bool {
        let host = self.address.split("://").nth(1).unwrap_or("");
        host.starts_with("127.") || host.starts_with("localhost") || host.starts_with("[::1]")
    }

    /// Whether a server answers there.
    pub(crate) async fn answers(&self) -> bool {
        let request = self.http.get(format!("{}/api/v1/health", self.address));
        let answer = request.timeout(Duration::from_secs(2)).send().await;
        answer.is_ok_and(|response| response.status().is_success())
    }

    /// A request to a path below `/api/v1`, its parts escaped.
    pub(crate) fn request(&self, method: Method, path: &[&str]) -> RequestBuilder {
        self.request_with(method, path, &[])
    }

    /// A request to a path below `/api/v1` with a query.
    pub(crate) fn request_with(
        &self,
        method: Method,
        path: &[&str],
        query: &[(&str, String)],
    ) -> RequestBuilder {
        let mut url = format!("{}/api/v1", self.address);
        for part in path {
            url.push('/');
            escape(part, &mut url);
        }
        for (position, (name, value)) in query.iter().enumerate() {
            url.push(if position == 0 { '?' } else { '&' });
            url.push_str(name);
            url.push('=');
            escape(value, &mut url);
        }
        self.http.request(method, url).bearer_auth(&self.key)
    }

    /// Sends a request; an answer that is no success is a failure.
    pub(crate) async fn send(&self, request: RequestBuilder) -> Result<Response, Failure> {
        let response = request
            .send()
            .await
            .map_err(|error| self.unreachable(&error))?;
        if response.status().is_success() {
            return Ok(response);
        }
        let status = response.status();
        let handler = response.headers().get("tradewind-model-version");
        let handler = handler.and_then(|value| value.to_str().ok());
        let handler = handler.map(|model| format!("the handler of {model}"));
        let body = response.bytes().await.unwrap_or_default();
        Err(no_success(status, handler, &body))
    }

    /// Sends a request and reads its answer.
    pub(crate) async fn read<T: DeserializeOwned>(
        &self,
        request: RequestBuilder,
    ) -> Result<T, Failure> {
        let response = self.send(request).await?;
        response.json().await.map_err(|error| {
            Failure::Unreachable(format!("the server's answer cannot be read: {error}"))
        })
    }

    pub(crate) async fn get<T: DeserializeOwned>(
        &self,
        path: &[&str],
        query: &[(&str, String)],
    ) -> Result<T, Failure> {
        let request = self.request_with(Method::GET, path, query);
        self.read(request).await
    }

    /// What a path has, or nothing when it is not there.
    pub(crate) async fn found<T: DeserializeOwned>(
        &self,
        path: &[&str],
    ) -> Result<Option<T>, Failure> {
        match self.get(path, &[]).await {
            Ok(found) => Ok(Some(found)),
            Err(Failure::Refused { code, .. }) if code == "not-found" => Ok(None),
            Err(failure) => Err(failure),
        }
    }

    pub(crate) async fn post<T: DeserializeOwned>(
        &self,
        path: &[&str],
        body: &impl Serialize,
    ) -> Result<T, Failure> {
        self.read(self.request(Method::POST, path).json(body)).await
    }

    pub(crate) async fn put<T: DeserializeOwned>(
        &self,
        path: &[&str],
        body: &impl Serialize,
    ) -> Result<T, Failure> {
        self.read(self.request(Method::PUT, path).json(body)).await
    }

    pub(crate) async fn delete(&self, path: &[&str]) -> Result<(), Failure> {
        self.send(self.request(Method::DELETE, path))
            .await
            .map(|_| ())
    }

    /// Deletes and reads what that did.
    pub(crate) async fn delete_with<T: DeserializeOwned>(
        &self,
        path: &[&str],
        query: &[(&str, String)],
    ) -> Result<T, Failure> {
        self.read(self.request_with(Method::DELETE, path, query))
            .await
    }

    fn unreachable(&self, error: &reqwest::Error) -> Failure {
        if error.is_builder() {
            return Failure::usage(format!(
                "`{}` is not the address of a server: write `http://host:port`",
                self.address
            ));
        }
        Failure::Unreachable(format!(
            "the server at {} does not answer: {error}",
            self.address
        ))
    }
}

/// An answer that is no success: this server's own refusal, or what a model's handler or something
/// between here and there said.
fn no_success(status: StatusCode, handler: Option<String>, body: &[u8]) -> Failure {
    let own: Value = serde_json::from_slice(body).unwrap_or_default();
    let text = |name: &str| own.get(name).and_then(Value::as_str).map(str::to_owned);
    if handler.is_none()
        && let (Some(code), Some(message)) = (text("code"), text("message"))
    {
        return Failure::Refused { code, message };
    }
    let who = handler.unwrap_or_else(|| "the server".to_owned());
    let said = String::from_utf8_lossy(body);
    let said: String = said.trim().chars().take(1_000).collect();
    let message = if said.is_empty() {
        format!("{who} answered {status}")
    } else {
        format!("{who} answered {status}: {said}")
    };
    Failure::Refused {
        code: status.as_u16().to_string(),
        message,
    }
}

/// Percent-encodes what is not unreserved (RFC 3986 §2.3). That takes `/` in as well: a key such as
/// `a/../b` would be another's address otherwise.
fn escape(text: &str, into: &mut String) {
    for byte in text.bytes() {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'_' | b'.' | b'~' => {
                into.push(byte as char);
            }
            _ => into.push_str(&format!("%{byte:02X}")),
        }
    }
}
