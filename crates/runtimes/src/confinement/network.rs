//! The loopback of a network namespace, which is down when it is made.

use nix::sys::socket::{
    AddressFamily, MsgFlags, NetlinkAddr, SockFlag, SockProtocol, SockType, recv, sendto, socket,
};
use std::os::fd::AsRawFd;

/// rtnetlink(7): changes a link.
const RTM_NEWLINK: u16 = 16;
/// netlink(7): a request whose receipt is to be told.
const REQUEST_AND_ACKNOWLEDGE: u16 = 1 | 4;
/// netlink(7): the receipt; its code is 0 when all went well.
const NLMSG_ERROR: u16 = 2;
/// netdevice(7): the link is up.
const IFF_UP: u32 = 1;
/// The first link of every network namespace.
const LOOPBACK: i32 = 1;

/// Raises it; false where that is not allowed.
pub(crate) fn raise_loopback() -> bool {
    ask(&request()).is_some_and(|answer| succeeded(&answer))
}

/// A message header (`struct nlmsghdr`) and a link (`struct ifinfomsg`).
fn request() -> Vec<u8> {
    let mut link = vec![0_u8; 4];
    link.extend(LOOPBACK.to_ne_bytes());
    link.extend(IFF_UP.to_ne_bytes());
    link.extend(IFF_UP.to_ne_bytes());
    let length = 16 + link.len() as u32;
    let mut message = Vec::new();
    message.extend(length.to_ne_bytes());
    message.extend(RTM_NEWLINK.to_ne_bytes());
    message.extend(REQUEST_AND_ACKNOWLEDGE.to_ne_bytes());
    message.extend(1_u32.to_ne_bytes());
    message.extend(0_u32.to_ne_bytes());
    message.extend(link);
    message
}

fn ask(message: &[u8]) -> Option<Vec<u8>> {
    let socket = socket(
        AddressFamily::Netlink,
        SockType::Raw,
        SockFlag::SOCK_CLOEXEC,
        SockProtocol::NetlinkRoute,
    );
    let socket = socket.ok()?;
    let kernel = NetlinkAddr::new(0, 0);
    sendto(socket.as_raw_fd(), message, &kernel, MsgFlags::empty()).ok()?;
    let mut answer = vec![0; 4_096];
    let length = recv(socket.as_raw_fd(), &mut answer, MsgFlags::empty()).ok()?;
    answer.truncate(length);
    Some(answer)
}

fn succeeded(answer: &[u8]) -> bool {
    let kind = answer.get(4..6).map(|two| [two[0], two[1]]);
    let code = answer.get(16..20);
    kind.map(u16::from_ne_bytes) == Some(NLMSG_ERROR) && code == Some(&[0; 4][..])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_receipt_with_a_code_is_a_failure() {
        let receipt = |code: i32| {
            let mut text = vec![0; 4];
            text.extend(NLMSG_ERROR.to_ne_bytes());
            text.extend([0; 10]);
            text.extend(code.to_ne_bytes());
            text
        };
        assert!(succeeded(&receipt(0)));
        assert!(!succeeded(&receipt(-1)));
        assert!(!succeeded(b""));
        assert_eq!(request().len(), 32);
    }
}
