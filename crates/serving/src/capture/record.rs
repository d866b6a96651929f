//! One record as a line.

use super::Captured;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use domain::traffic::Kept;
use serde_json::{Value, json};

/// A body of a record.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Part {
    pub(crate) content_type: String,
    pub(crate) body: Vec<u8>,
}

/// The line of a record, with its newline.
pub(super) fn line(captured: &Captured, id: &str, time: &str) -> String {
    let mut data = serde_json::Map::new();
    let keeps = captured.what.keeps;
    if keeps != Kept::Answers {
        data.insert("endpointInput".to_owned(), part(&captured.request, "INPUT"));
    }
    if keeps != Kept::Requests {
        data.insert(
            "endpointOutput".to_owned(),
            part(&captured.answer, "OUTPUT"),
        );
    }
    let record = json!({
        "captureData": data,
        "eventMetadata": {"eventId": id, "inferenceTime": time},
        "eventVersion": "0",
    });
    format!("{record}\n")
}

fn part((content_type, body): &(String, bytes::Bytes), mode: &str) -> Value {
    let name = content_type.split(';').next().unwrap_or_default().trim();
    let text = std::str::from_utf8(body).ok();
    let (encoding, data) = match (name, text) {
        ("text/csv", Some(text)) => ("CSV", text.to_owned()),
        (name, Some(text)) if name.ends_with("json") || name.is_empty() => {
            ("JSON", text.to_owned())
        }
        _ => ("BASE64", STANDARD.encode(body)),
    };
    json!({
        "observedContentType": content_type,
        "mode": mode,
        "data": data,
        "encoding": encoding,
    })
}

/// Request and answer of a line; none of what is not there or not in this form.
pub(crate) fn read(line: &str) -> (Option<Part>, Option<Part>) {
    let Ok(record) = serde_json::from_str::<Value>(line) else {
        return (None, None);
    };
    let read = |name: &str| {
        let part = &record["captureData"][name];
        let data = part["data"].as_str()?;
        let body = match part["encoding"].as_str()? {
            "BASE64" => STANDARD.decode(data).ok()?,
            _ => data.as_bytes().to_vec(),
        };
        Some(Part {
            content_type: part["observedContentType"].as_str()?.to_owned(),
            body,
        })
    };
    (read("endpointInput"), read("endpointOutput"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::spec::EndpointKey;
    use domain::traffic::Capture;
    use domain::{EndpointName, Name, Share, Workspace};
    use std::sync::Arc;

    fn captured(content_type: &str, body: &'static [u8], keeps: Kept) -> Captured {
        Captured {
            endpoint: EndpointKey {
                workspace: Workspace::default(),
                name: EndpointName::new("e").unwrap(),
            },
            variant: Name::new("v1").unwrap(),
            what: Arc::new(Capture {
                share: Share::ALL,
                location: "s3://b/p".to_owned(),
                baseline: None,
                keeps,
            }),
            request: (content_type.to_owned(), bytes::Bytes::from_static(body)),
            answer: ("application/json".to_owned(), "{}".into()),
        }
    }

    #[test]
    fn what_is_written_is_read_back() {
        for (content_type, body) in [
            ("text/csv; header=present", &b"a,b\n1,2\n"[..]),
            ("application/json", &b"[[1, \"\xc3\xa4\n\"]]"[..]),
            ("application/x-npy", &b"\x93NUMPY\x00\xff"[..]),
            ("text/csv", &b"\xff"[..]),
        ] {
            let line = line(&captured(content_type, body, Kept::Both), "i", "t");
            assert_eq!(line.matches('\n').count(), 1);
            let (request, answer) = read(&line);
            let request = request.unwrap();
            assert_eq!(
                (request.content_type.as_str(), &request.body[..]),
                (content_type, body)
            );
            assert_eq!(answer.unwrap().body, b"{}");
        }
        let only = line(&captured("text/csv", b"1", Kept::Answers), "i", "t");
        assert!(matches!(read(&only), (None, Some(_))));
        assert_eq!(read("rubbish"), (None, None));
    }
}
