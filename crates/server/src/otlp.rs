//! Sends requests that ended to a collector of OpenTelemetry, as spans (OTLP over HTTP in its JSON
//! form: `POST /v1/traces`).

use crate::Error;
use serde_json::Value;
use serving::traces::{Drops, Ended, Spans, document};
use std::time::Duration;
use tokio::sync::mpsc::Receiver;
use tokio::time::{Instant, sleep, timeout_at};

/// Most requests that wait to be sent; what comes beyond them is dropped and counted.
const WAITING: usize = 4_096;
/// Most requests that are sent at once.
const TOGETHER: usize = 256;
/// How long requests wait for others before they are sent.
const GATHERING: Duration = Duration::from_secs(1);
/// How long a collector may take.
const PATIENCE: Duration = Duration::from_secs(10);
/// Pause before what a collector did not take for now is sent once more.
const AGAIN: Duration = Duration::from_secs(2);

/// What became of one sending.
#[derive(Debug, PartialEq, Eq)]
enum Sent {
    Taken,
    /// It may be taken later.
    NotNow(String),
    Refused(String),
}

/// Begins to send to a collector at this base address; what is to be heard of is told to what is given
/// back.
///
/// # Errors
/// [`Error::Telemetry`] for an address that is none.
pub(crate) fn start(endpoint: &str) -> Result<Spans, Error> {
    let wrong = |message: String| Error::Telemetry {
        address: endpoint.to_owned(),
        message,
    };
    let address = format!("{}/v1/traces", endpoint.trim_end_matches('/'));
    let address = reqwest::Url::parse(&address).map_err(|error| wrong(error.to_string()))?;
    if !matches!(address.scheme(), "http" | "https") {
        return Err(wrong("it must begin with http:// or https://".to_owned()));
    }
    let mut client = reqwest::Client::builder()
        .timeout(PATIENCE)
        .redirect(reqwest::redirect::Policy::none());
    if is_here(&address) {
        client = client.no_proxy();
    }
    let client = client.build().map_err(|error| wrong(error.to_string()))?;
    let (spans, ended) = Spans::queue(WAITING);
    let collector = Collector { client, address };
    tokio::spawn(collector.follow(ended, spans.drops().clone()));
    Ok(spans)
}

/// Whether an address is this machine's own, which no proxy reaches.
fn is_here(address: &reqwest::Url) -> bool {
    let host = address.host_str().unwrap_or_default();
    let host = host.trim_matches(['[', ']']);
    let number = host.parse::<std::net::IpAddr>();
    host == "localhost" || number.is_ok_and(|number| number.is_loopback())
}

/// Where spans go.
struct Collector {
    client: reqwest::Client,
    address: reqwest::Url,
}

impl Collector {
    /// Sends what ended until nobody is left who could tell of more.
    async fn follow(self, mut ended: Receiver<Ended>, drops: Drops) {
        let mut batch = Vec::with_capacity(TOGETHER);
        let mut takes = true;
        while ended.recv_many(&mut batch, TOGETHER).await > 0 {
            let until = Instant::now() + GATHERING;
            while batch.len() < TOGETHER
                && let Ok(Some(another)) = timeout_at(until, ended.recv()).await
            {
                batch.push(another);
            }
            let why = match self.deliver(&document(&batch)).await {
                Sent::Taken => None,
                Sent::NotNow(why) | Sent::Refused(why) => Some(why),
            };
            if let Some(why) = &why {
                drops.add(batch.len());
                if takes {
                    tracing::warn!(why, address = %self.address, "spans are not taken and dropped");
                }
            } else if !takes {
                tracing::info!(address = %self.address, "spans are taken again");
            }
            takes = why.is_none();
            batch.clear();
        }
    }

    /// Sends spans, once more if the collector does not take them for now.
    async fn deliver(&self, spans: &Value) -> Sent {
        match self.post(spans).await {
            Sent::NotNow(_) => {
                sleep(AGAIN).await;
                self.post(spans).await
            }
            sent => sent,
        }
    }

    async fn post(&self, spans: &Value) -> Sent {
        let request = self.client.post(self.address.clone()).json(spans);
        match request.send().await {
            Err(error) => Sent::NotNow(error.to_string()),
            Ok(answer) => judge(answer.status().as_u16()),
        }
    }
}

/// By the protocol's "Retryable Response Codes".
fn judge(status: u16) -> Sent {
    match status {
        200..=299 => Sent::Taken,
        429 | 502..=504 => Sent::NotNow(format!("status {status}")),
        _ => Sent::Refused(format!("status {status}")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_collector_answers_is_taken_repeated_or_given_up() {
        assert_eq!((judge(200), judge(202)), (Sent::Taken, Sent::Taken));
        for status in [429, 502, 503, 504] {
            assert_eq!(judge(status), Sent::NotNow(format!("status {status}")));
        }
        for status in [302, 400, 404, 413, 500] {
            assert_eq!(judge(status), Sent::Refused(format!("status {status}")));
        }
    }

    #[tokio::test]
    async fn an_address_that_is_none_is_refused() {
        for address in ["collector:4318", "", "ftp://collector"] {
            assert!(
                matches!(start(address), Err(Error::Telemetry { .. })),
                "{address}"
            );
        }
    }
}
