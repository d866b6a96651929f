//! Frames on the worker's socket: header length (4 bytes), body length (8 bytes), header as JSON,
//! body as it is; big-endian. The other half is `python/worker/tradewind_worker/frames.py`.

use bytes::{BufMut, Bytes, BytesMut};
use serde::Serialize;
use serde::de::DeserializeOwned;
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};

const LONGEST_HEADER: u32 = 4 << 20;
/// Bodies up to this size travel in one write with their header.
const SMALL: usize = 64 * 1024;

/// Why a frame could not be read.
#[derive(Debug, thiserror::Error)]
pub(super) enum FrameError {
    #[error("the stream ended or failed: {0}")]
    Stream(#[from] std::io::Error),
    #[error("the header is not one of ours: {0}")]
    Header(String),
    #[error("the body has {bytes} bytes")]
    TooLarge { bytes: u64 },
}

/// Writes one frame.
pub(super) async fn write(
    stream: &mut (impl AsyncWrite + Unpin),
    header: &impl Serialize,
    body: &Bytes,
) -> Result<(), FrameError> {
    let header =
        serde_json::to_vec(header).map_err(|error| FrameError::Header(error.to_string()))?;
    let mut start = BytesMut::with_capacity(12 + header.len() + body.len().min(SMALL));
    start.put_u32(header.len() as u32);
    start.put_u64(body.len() as u64);
    start.put_slice(&header);
    if body.len() <= SMALL {
        start.put_slice(body);
        stream.write_all(&start).await?;
    } else {
        stream.write_all(&start).await?;
        stream.write_all(body).await?;
    }
    Ok(())
}

/// Reads one frame whose body has at most `most` bytes.
pub(super) async fn read<T: DeserializeOwned>(
    stream: &mut (impl AsyncRead + Unpin),
    most: usize,
) -> Result<(T, Bytes), FrameError> {
    let lengths = lengths(stream).await?;
    rest(stream, lengths, most).await
}

/// The lengths of a frame's header and body in bytes.
#[derive(Debug, Clone, Copy)]
pub(super) struct Lengths {
    header: u32,
    body: u64,
}

/// Reads the beginning of a frame.
pub(super) async fn lengths(stream: &mut (impl AsyncRead + Unpin)) -> Result<Lengths, FrameError> {
    Ok(Lengths {
        header: stream.read_u32().await?,
        body: stream.read_u64().await?,
    })
}

/// Reads a frame of these lengths whose body has at most `most` bytes.
pub(super) async fn rest<T: DeserializeOwned>(
    stream: &mut (impl AsyncRead + Unpin),
    lengths: Lengths,
    most: usize,
) -> Result<(T, Bytes), FrameError> {
    let (header_length, bytes) = (lengths.header, lengths.body);
    if header_length > LONGEST_HEADER {
        return Err(FrameError::Header(format!("it has {header_length} bytes")));
    }
    if bytes > most as u64 {
        return Err(FrameError::TooLarge { bytes });
    }
    let mut header = vec![0; header_length as usize];
    stream.read_exact(&mut header).await?;
    let mut body = BytesMut::with_capacity(bytes as usize);
    while (body.len() as u64) < bytes {
        let missing = bytes - body.len() as u64;
        if stream.take(missing).read_buf(&mut body).await? == 0 {
            return Err(FrameError::Stream(std::io::ErrorKind::UnexpectedEof.into()));
        }
    }
    let header = serde_json::from_slice(&header).map_err(|e| FrameError::Header(e.to_string()))?;
    Ok((header, body.freeze()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::{Value, json};

    #[tokio::test]
    async fn frames_arrive_whole_and_limits_hold() {
        let (mut ours, mut theirs) = tokio::io::duplex(1 << 22);
        for size in [0, 1, SMALL, SMALL + 1, 1 << 20] {
            let body = Bytes::from(vec![7; size]);
            write(&mut ours, &json!({"size": size}), &body)
                .await
                .unwrap();
            let (header, got): (Value, Bytes) = read(&mut theirs, 1 << 20).await.unwrap();
            assert_eq!(header["size"], size);
            assert_eq!(got, body);
        }
        write(&mut ours, &json!({}), &Bytes::from(vec![0; 11]))
            .await
            .unwrap();
        let refused = read::<Value>(&mut theirs, 10).await;
        assert!(matches!(refused, Err(FrameError::TooLarge { bytes: 11 })));
    }

    #[tokio::test]
    async fn rubbish_and_half_a_frame_are_errors() {
        for rubbish in [
            &b"HTTP/1.1 200 OK\r\n\r\nhello"[..],
            b"\0\0\0\x02\0\0\0\0\0\0\0\0{}",
            b"\0",
        ] {
            let mut stream = rubbish;
            let read = read::<Vec<u8>>(&mut stream, 10).await;
            assert!(read.is_err(), "{rubbish:?}");
        }
    }
}
