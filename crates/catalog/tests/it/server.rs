//! A small HTTP server that misbehaves on request.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinHandle;

/// What a path answers.
#[derive(Clone)]
pub struct Answer {
    pub status: u16,
    pub body: Vec<u8>,
    pub entity_tag: Option<String>,
    /// Closes the connection after so many bytes of the body, for so many requests.
    pub breaks: Option<(usize, usize)>,
    /// Answers with this status instead, for so many requests.
    pub failures: Option<(u16, usize)>,
}

impl Answer {
    pub fn of(body: impl Into<Vec<u8>>) -> Self {
        let tag = Some("\"v1\"".to_owned());
        Self {
            status: 200,
            body: body.into(),
            entity_tag: tag,
            breaks: None,
            failures: None,
        }
    }
}

/// One request as it came.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Seen {
    pub path: String,
    pub range: Option<String>,
    pub key: Option<String>,
}

type Answers = Arc<Mutex<BTreeMap<String, Answer>>>;

pub struct Server {
    pub base: String,
    answers: Answers,
    seen: Arc<Mutex<Vec<Seen>>>,
    task: JoinHandle<()>,
}

impl Drop for Server {
    fn drop(&mut self) {
        self.task.abort();
    }
}

impl Server {
    pub async fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let base = format!("http://{}", listener.local_addr().unwrap());
        let answers = Answers::default();
        let seen = Arc::new(Mutex::new(Vec::new()));
        let (shared, log) = (answers.clone(), seen.clone());
        let task = tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                tokio::spawn(serve(stream, shared.clone(), log.clone()));
            }
        });
        Self {
            base,
            answers,
            seen,
            task,
        }
    }

    pub fn answer(&self, path: &str, answer: Answer) {
        self.answers.lock().unwrap().insert(path.to_owned(), answer);
    }

    pub fn seen(&self) -> Vec<Seen> {
        self.seen.lock().unwrap().clone()
    }

    pub fn forget_seen(&self) {
        self.seen.lock().unwrap().clear();
    }
}

async fn serve(mut stream: TcpStream, answers: Answers, log: Arc<Mutex<Vec<Seen>>>) {
    let mut head = Vec::new();
    let mut byte = [0];
    while !head.ends_with(b"\r\n\r\n") {
        if stream.read(&mut byte).await.unwrap_or(0) == 0 {
            return;
        }
        head.push(byte[0]);
    }
    let head = String::from_utf8(head).unwrap();
    let path = head.split(' ').nth(1).unwrap_or_default().to_owned();
    let header = |name: &str| {
        let lines = head.lines().filter_map(|line| line.split_once(": "));
        let mut values = lines.filter(|(key, _)| key.eq_ignore_ascii_case(name));
        values.next().map(|(_, value)| value.to_owned())
    };
    let (range, key) = (header("range"), header("x-goog-api-key"));
    log.lock().unwrap().push(Seen {
        path: path.clone(),
        range: range.clone(),
        key,
    });
    let reply = reply(&path, range.zip(header("if-range")), &answers);
    // The client may have gone: that is its affair.
    drop(stream.write_all(&reply).await);
    drop(stream.shutdown().await);
}

fn reply(path: &str, range: Option<(String, String)>, answers: &Answers) -> Vec<u8> {
    let mut answers = answers.lock().unwrap();
    let Some(answer) = answers.get_mut(path) else {
        return b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"
            .to_vec();
    };
    if let Some((status, left)) = answer.failures.as_mut().filter(|it| it.1 > 0) {
        *left -= 1;
        let head = format!("HTTP/1.1 {status} X\r\nContent-Length: 0\r\nConnection: close\r\n\r\n");
        return head.into_bytes();
    }
    let from = range
        .filter(|(_, tag)| Some(tag) == answer.entity_tag.as_ref())
        .and_then(|(range, _)| {
            range
                .strip_prefix("bytes=")?
                .strip_suffix('-')?
                .parse()
                .ok()
        })
        .unwrap_or(0_usize);
    let body = &answer.body[from.min(answer.body.len())..];
    let status = if from > 0 { 206 } else { answer.status };
    let mut head = format!("HTTP/1.1 {status} X\r\nContent-Length: {}\r\n", body.len());
    if from > 0 {
        let whole = answer.body.len();
        head.push_str(&format!(
            "Content-Range: bytes {from}-{}/{whole}\r\n",
            whole - 1
        ));
    }
    if let Some(tag) = &answer.entity_tag {
        head.push_str(&format!("ETag: {tag}\r\n"));
    }
    head.push_str("Connection: close\r\n\r\n");
    let mut reply = head.into_bytes();
    let end = match answer.breaks.as_mut().filter(|it| it.1 > 0) {
        Some((after, left)) => {
            *left -= 1;
            (*after).min(body.len())
        }
        None => body.len(),
    };
    reply.extend_from_slice(&body[..end]);
    reply
}
