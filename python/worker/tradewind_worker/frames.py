"""Frames on the socket between the server and the worker.

A frame is: header length (4 bytes), body length (8 bytes), the header as JSON, the body as it is.
Lengths are unsigned and big-endian. The body is never copied into JSON, so an array of a hundred
megabytes costs one copy.
"""

import json
import struct

LENGTHS = struct.Struct("!IQ")
LONGEST_HEADER = 4 << 20

# Made once: `json.dumps` makes an encoder of its own for other than the usual separators.
_encode = json.JSONEncoder(separators=(",", ":")).encode
_decode = json.JSONDecoder().decode


class Closed(Exception):
    """The server has closed the socket."""


class Channel:
    """One connected stream socket that carries frames both ways."""

    def __init__(self, socket):
        self._socket = socket
        self._reader = socket.makefile("rb", buffering=1 << 16)

    def read(self):
        """The next frame as (header, body); raises Closed at the end of the stream."""
        header_length, body_length = LENGTHS.unpack(self._exactly(LENGTHS.size))
        if header_length > LONGEST_HEADER:
            raise Closed
        header = _decode(self._exactly(header_length).decode("utf-8"))
        body = self._exactly(body_length) if body_length else b""
        return header, body

    def write(self, header, body=b""):
        """Sends one frame; raises OSError when the server is gone."""
        text = _encode(header).encode("ascii")
        start = LENGTHS.pack(len(text), len(body)) + text
        if len(body) <= 1 << 16:
            self._socket.sendall(start + bytes(body))
        else:
            self._socket.sendall(start)
            self._socket.sendall(body)

    def close(self):
        """Closes this process's copy; the server's other end is not shut down."""
        self._reader.close()
        self._socket.close()

    def _exactly(self, count):
        data = self._reader.read(count)
        if data is None or len(data) != count:
            raise Closed
        return data
