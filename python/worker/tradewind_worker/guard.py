"""Ties the life of a worker, and of all it starts, to the life of the server.

The server holds the only writing end of a pipe, on which nothing is ever written. The reading end
is set to send SIGKILL to our whole process group when the pipe changes (fcntl(2): F_SETOWN,
F_SETSIG, O_ASYNC), which it does exactly once: when the server closes it or dies, by whatever
signal. The kernel does it, so it works while user code holds the interpreter lock.
"""

import array
import fcntl
import os
import select
import signal
import socket
import threading

from . import frames

# Linux's number; the fcntl module has the name only since some versions of Python.
F_SETSIG = getattr(fcntl, "F_SETSIG", 10)


def receive_descriptors(connection, count):
    """The descriptors that the server passes with one byte on the socket; raises Closed when there
    is no byte any more."""
    size = array.array("i").itemsize * count
    data, ancillary, _flags, _address = connection.recvmsg(1, socket.CMSG_SPACE(size))
    if not data:
        raise frames.Closed
    descriptors = array.array("i")
    for level, kind, payload in ancillary:
        if level == socket.SOL_SOCKET and kind == socket.SCM_RIGHTS:
            descriptors.frombytes(payload[: len(payload) - len(payload) % descriptors.itemsize])
    if len(descriptors) != count:
        raise OSError("the server passed %d descriptors instead of %d" % (len(descriptors), count))
    for descriptor in descriptors:
        os.set_inheritable(descriptor, False)
    return list(descriptors)


def tie(lifeline):
    """From now on the end of the lifeline is the end of this process group."""
    try:
        fcntl.fcntl(lifeline, fcntl.F_SETOWN, -os.getpgrp())
        fcntl.fcntl(lifeline, F_SETSIG, signal.SIGKILL)
        flags = fcntl.fcntl(lifeline, fcntl.F_GETFL)
        fcntl.fcntl(lifeline, fcntl.F_SETFL, flags | os.O_ASYNC)
    except (OSError, AttributeError):
        threading.Thread(target=_watch, args=(lifeline,), daemon=True).start()
    if _ended(lifeline):
        os.killpg(os.getpgrp(), signal.SIGKILL)


def _ended(lifeline):
    poller = select.poll()
    poller.register(lifeline, select.POLLIN)
    return bool(poller.poll(0))


def _watch(lifeline):
    try:
        os.read(lifeline, 1)
    finally:
        os.killpg(os.getpgrp(), signal.SIGKILL)
