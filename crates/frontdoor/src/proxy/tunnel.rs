//! A tunnel: bytes both ways as they come, and the end of one way told to the other while its
//! counterpart goes on.

use tokio::io::{AsyncRead, AsyncWrite, copy_bidirectional_with_sizes};

/// Bytes under way in each direction.
const BUFFER: usize = 64 << 10;

/// Carries bytes until both sides have ended.
pub(crate) async fn tunnel(
    mut client: impl AsyncRead + AsyncWrite + Unpin,
    mut server: impl AsyncRead + AsyncWrite + Unpin,
) {
    match copy_bidirectional_with_sizes(&mut client, &mut server, BUFFER, BUFFER).await {
        Ok((sent, received)) => tracing::debug!(sent, received, "a tunnel ended"),
        Err(error) => tracing::debug!(%error, "a tunnel broke"),
    }
}
