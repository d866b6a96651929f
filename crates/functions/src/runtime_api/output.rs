//! What a program prints, read to its end and cut into lines.

use crate::log::InstanceLog;
use serving::logs::{LONGEST_LINE, Stream};
use std::sync::Arc;
use tokio::io::{AsyncRead, AsyncReadExt};

/// Passes the lines of a stream on until it ends.
pub(super) async fn follow(
    mut from: impl AsyncRead + Unpin,
    stream: Stream,
    log: Arc<InstanceLog>,
) {
    let mut buffer = vec![0; 16 * 1024];
    let mut line: Vec<u8> = Vec::new();
    while let Ok(count @ 1..) = from.read(&mut buffer).await {
        for piece in buffer[..count].split_inclusive(|byte| *byte == b'\n') {
            line.extend_from_slice(piece);
            if line.ends_with(b"\n") || line.len() >= LONGEST_LINE {
                pass(&mut line, stream, &log);
            }
        }
    }
    if !line.is_empty() {
        pass(&mut line, stream, &log);
    }
}

fn pass(line: &mut Vec<u8>, stream: Stream, log: &InstanceLog) {
    let text = String::from_utf8_lossy(line);
    log.take(stream, text.trim_end_matches(['\n', '\r']));
    line.clear();
}
