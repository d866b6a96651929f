"""What goes in and out of a function: a JSON head and a body, in one frame's body.

The head's length is four bytes, unsigned and big-endian. A call's head has `kind` (`event` or
`http`), the request's id and what is known of it; an answer's head has `kind` (`event`, `http` or
`error`) and, for HTTP, status and headers as a list of pairs.
"""

import json
import struct
import sys

from ..handlers.answer import Answer

LENGTH = struct.Struct("!I")
TYPE = "application/vnd.tradewind.function"
# Printed on both streams when a call is over, so that what it printed is known to be complete.
END = "\x1etradewind-end "


def read(data):
    """The head and the body of a call."""
    (length,) = LENGTH.unpack_from(data)
    start = LENGTH.size
    return json.loads(data[start : start + length]), data[start + length :]


def write(head, body):
    """An answer for the frame."""
    text = json.dumps(head, separators=(",", ":")).encode("ascii")
    return Answer(LENGTH.pack(len(text)) + text + bytes(body), TYPE)


def error(kind, payload, where):
    """An answer that says that the function failed; `where` is the server's word for how."""
    return write({"kind": "error", "fault": where, "type": kind}, payload)


def finished(request):
    """Marks the end of what a call printed, on both streams."""
    for stream in (sys.stdout, sys.stderr):
        try:
            stream.flush()
        except Exception:
            pass  # The user's code may have replaced or closed it.
    mark = (END + request + "\n").encode("ascii")
    for descriptor in (1, 2):
        _write_all(descriptor, mark)


def _write_all(descriptor, data):
    import os

    try:
        os.write(descriptor, data)
    except OSError:
        pass  # Closed by the user's code; the server waits a moment longer then.
