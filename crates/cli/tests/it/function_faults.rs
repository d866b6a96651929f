//! Functions over HTTP when clients and the machine misbehave: nobody hangs, no answer is wrong, the
//! figures are right, nothing is left behind.

use crate::support::{Ran, Server, until};
use serde_json::{Value, json};
use std::io::{Read, Write};
use std::net::TcpStream;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

/// Longer than an answer of a function here takes.
const SOON: Duration = Duration::from_secs(30);

const CODE: &str = "
import os, time
def handler(event, context):
    query = event.get('queryStringParameters') or {}
    time.sleep(float(query.get('sleep', 0)))
    if 'large' in query: return 'x' * int(query['large'])
    return {'pid': os.getpid(), 'template': os.getppid(), 'word': query.get('word'),
            'length': len(event.get('body') or '')}
";

fn deployed(code: &str, more: &[&str]) -> Server {
    let (server, deployed) = tried(code, more);
    deployed.good();
    server
}

fn tried(code: &str, more: &[&str]) -> (Server, Ran) {
    let server = Server::start();
    let folder = server.place.project("web", &[("app.py", code)]);
    let arguments = ["functions", "deploy", "web", &folder, "--handler"];
    let usual = ["app.handler", "--public", "--timeout", "20s"];
    let ran = server.tradewind(&[&arguments[..], &usual, more].concat());
    (server, ran)
}

fn host(server: &Server) -> String {
    server.address.trim_start_matches("http://").to_owned()
}

fn connect(host: &str) -> std::io::Result<TcpStream> {
    let stream = TcpStream::connect(host)?;
    stream.set_read_timeout(Some(SOON))?;
    stream.set_write_timeout(Some(SOON))?;
    Ok(stream)
}

/// One whole request; none when the connection broke.
fn get(host: &str, path: &str) -> Option<(u16, String)> {
    let mut stream = connect(host).ok()?;
    let head = format!("GET {path} HTTP/1.1\r\nhost: {host}\r\nconnection: close\r\n\r\n");
    stream.write_all(head.as_bytes()).ok()?;
    answer(&mut stream)
}

fn answer(stream: &mut TcpStream) -> Option<(u16, String)> {
    let mut bytes = Vec::new();
    let ended = stream.read_to_end(&mut bytes);
    if let Err(error) = &ended {
        let hung = matches!(
            error.kind(),
            std::io::ErrorKind::WouldBlock | std::io::ErrorKind::TimedOut
        );
        assert!(!hung, "the client hangs");
    }
    let text = String::from_utf8_lossy(&bytes).into_owned();
    let (head, body) = text.split_once("\r\n\r\n")?;
    let status = head.split(' ').nth(1)?.parse().ok()?;
    let length = head
        .lines()
        .find_map(|line| line.strip_prefix("content-length: "))?;
    (body.len() == length.parse::<usize>().ok()?).then(|| (status, body.to_owned()))
}

fn figures(server: &Server) -> Value {
    server.get("/functions/web/figures").good()
}

/// Memory of the server in kilobytes.
fn memory(server: &Server) -> u64 {
    let announced = std::fs::read(server.place.data.join("server.json")).unwrap();
    let announced: Value = serde_json::from_slice(&announced).unwrap();
    let status = std::fs::read_to_string(format!("/proc/{}/status", announced["pid"])).unwrap();
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
    let number = line.unwrap().trim().trim_end_matches("kB").trim();
    number.parse().unwrap()
}

#[test]
fn half_a_body_calls_nothing_and_holds_nobody_up() {
    let server = deployed(CODE, &["--max", "1"]);
    let host = host(&server);
    let half = || {
        let mut stream = connect(&host).unwrap();
        let head = format!(
            "POST /functions/web/ HTTP/1.1\r\nhost: {host}\r\ncontent-length: 1000\r\n\r\n"
        );
        stream.write_all(head.as_bytes()).unwrap();
        stream.write_all(b"0123456789").unwrap();
        stream
    };
    let open: Vec<TcpStream> = (0..20).map(|_| half()).collect();
    for _ in 0..20 {
        drop(half());
    }
    let mut told = half();
    told.shutdown(std::net::Shutdown::Write).unwrap();
    if let Some((status, _)) = answer(&mut told) {
        assert_eq!(status, 400);
    }
    let (status, text) = get(&host, "/functions/web/?word=a").unwrap();
    assert_eq!(status, 200, "{text}");
    drop(open);
    assert_eq!(figures(&server)["calls"], 1, "{}", figures(&server));
}

#[test]
fn a_slow_reader_holds_no_instance() {
    let server = deployed(CODE, &["--max", "1"]);
    let host = host(&server);
    let slow: Vec<TcpStream> = (0..8)
        .map(|_| {
            let mut stream = connect(&host).unwrap();
            let head = format!(
                "GET /functions/web/?large=5000000 HTTP/1.1\r\nhost: {host}\r\nconnection: close\r\n\r\n"
            );
            stream.write_all(head.as_bytes()).unwrap();
            stream
        })
        .collect();
    // The one instance answers all of them and others, while nobody reads.
    for _ in 0..5 {
        let (status, text) = get(&host, "/functions/web/?word=b").unwrap();
        assert_eq!(status, 200, "{text}");
    }
    until("all were answered", || {
        (figures(&server)["calls"] == 13 && figures(&server)["busy"] == 0).then_some(())
    });
    for mut stream in slow {
        let (status, text) = answer(&mut stream).unwrap();
        assert_eq!((status, text.len()), (200, 5_000_000));
        assert!(text.bytes().all(|byte| byte == b'x'));
    }
}

#[test]
fn a_body_of_a_gigabyte_is_refused_without_being_kept() {
    let server = deployed(CODE, &[]);
    let host = host(&server);
    let before = memory(&server);
    for framing in ["content-length: 1073741824", "transfer-encoding: chunked"] {
        let mut stream = connect(&host).unwrap();
        let head = format!("POST /functions/web/ HTTP/1.1\r\nhost: {host}\r\n{framing}\r\n\r\n");
        stream.write_all(head.as_bytes()).unwrap();
        let piece = vec![b'z'; 1 << 20];
        let mut sent = 0_u64;
        for _ in 0..1_024 {
            let framed = if framing.ends_with("chunked") {
                [b"100000\r\n", piece.as_slice(), b"\r\n"].concat()
            } else {
                piece.clone()
            };
            // The server may have heard enough before the end.
            if stream.write_all(&framed).is_err() {
                break;
            }
            sent += 1;
        }
        let mut bytes = [0; 12];
        if stream.read_exact(&mut bytes).is_ok() {
            let head = String::from_utf8_lossy(&bytes).into_owned();
            assert!(head.starts_with("HTTP/1.1 4"), "{head}");
        } else {
            assert!(sent < 1_024, "all was taken and nothing answered");
        }
    }
    let grown = memory(&server).saturating_sub(before);
    assert!(grown < 400 << 10, "{grown} kB");
    assert_eq!(figures(&server)["calls"], 0);
    let (status, text) = get(&host, "/functions/web/?word=c").unwrap();
    assert_eq!(status, 200, "{text}");
}

#[test]
fn code_that_cannot_be_loaded_answers_soon_each_time() {
    for code in [
        "raise ValueError('not today')",
        "import os; os._exit(3)",
        "import os, signal; os.kill(os.getpid(), signal.SIGSEGV)",
    ] {
        let (server, deployed) = tried(code, &[]);
        assert_ne!(deployed.code, 0, "{}", deployed.out);
        assert!(
            deployed.err.contains("is deployed but not ready"),
            "{}",
            deployed.err
        );
        let host = host(&server);
        for _ in 0..3 {
            let (status, text) = get(&host, "/functions/web/").unwrap();
            assert_eq!(status, 500, "{code}: {text}");
        }
        let figures = figures(&server);
        assert_eq!(
            (&figures["calls"], &figures["errors"], &figures["busy"]),
            (&json!(3), &json!(3), &json!(0)),
            "{figures}"
        );
    }
}

#[test]
fn a_server_killed_under_load_leaves_no_hung_client_and_no_process() {
    let mut server = deployed(CODE, &["--max", "4"]);
    let over = Arc::new(AtomicBool::new(false));
    let pids: Arc<Mutex<std::collections::BTreeSet<i64>>> = Arc::default();
    let clients: Vec<_> = (0..8)
        .map(|client| {
            let (host, over, pids) = (host(&server), Arc::clone(&over), Arc::clone(&pids));
            std::thread::spawn(move || {
                let (mut good, mut number) = (0_u32, 0_u32);
                while !over.load(Ordering::Relaxed) {
                    number += 1;
                    let word = format!("{client}-{number}");
                    let path = format!("/functions/web/?sleep=0.02&word={word}");
                    // A broken connection is no answer; a whole answer is the right one.
                    let Some((status, text)) = get(&host, &path) else {
                        std::thread::sleep(Duration::from_millis(5));
                        continue;
                    };
                    assert_eq!(status, 200, "{text}");
                    let said: Value = serde_json::from_str(&text).unwrap();
                    assert_eq!(said["word"], json!(word));
                    let mut pids = pids.lock().unwrap();
                    pids.insert(said["pid"].as_i64().unwrap());
                    pids.insert(said["template"].as_i64().unwrap());
                    good += 1;
                }
                good
            })
        })
        .collect();
    until("the load is on", || {
        (pids.lock().unwrap().len() > 2).then_some(())
    });
    server.kill();
    let begun = Instant::now();
    over.store(true, Ordering::Relaxed);
    let good: u32 = clients
        .into_iter()
        .map(|client| client.join().unwrap())
        .sum();
    assert!(good > 0 && begun.elapsed() < SOON, "{good} in {begun:?}");
    let runs = |pid: &i64| {
        let stat = std::fs::read_to_string(format!("/proc/{pid}/stat")).unwrap_or_default();
        stat.rsplit_once(')')
            .is_some_and(|(_, rest)| !rest.trim_start().starts_with('Z'))
    };
    let pids = pids.lock().unwrap().clone();
    until("all its functions' processes are gone", || {
        (!pids.iter().any(runs)).then_some(())
    });
    server.restart();
    let (status, text) = get(&host(&server), "/functions/web/?word=d").unwrap();
    assert_eq!(status, 200, "{text}");
    assert_eq!(figures(&server)["calls"], 1);
}
