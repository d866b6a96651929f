"""Reads recorded connections as HTTP/1.1 exchanges."""

import dataclasses
import http.client
import io
import json
import pathlib


@dataclasses.dataclass
class Exchange:
    """One request and its answer. `status` is 0 when no whole answer came."""

    connection: str
    host: str | None
    method: str
    target: str
    headers: http.client.HTTPMessage
    body: bytes
    complete: bool
    status: int = 0
    answer_headers: http.client.HTTPMessage | None = None
    answer: bytes = b""

    def __str__(self):
        named = self.headers.get("X-Amz-Target") or self.target
        return f"{self.method} {self.headers.get('Host')} {named} -> {self.status}"

    def detail(self, most=1500):
        """The exchange as one would paste it into a report."""
        asked = self.body[:most].decode("utf-8", "replace")
        answered = self.answer[:most].decode("utf-8", "replace")
        headers = "".join(f"{k}: {v}\n" for k, v in (self.answer_headers or {}).items())
        return (
            f"> {self.method} {self.target}\n> Host: {self.headers.get('Host')}\n"
            f"> X-Amz-Target: {self.headers.get('X-Amz-Target')}\n> {asked}\n"
            f"< {self.status}\n{headers}\n{answered}"
        )


class _Socket:
    """What `http.client` reads an answer from; closing it leaves the recorded stream open."""

    def __init__(self, stream):
        self.stream = stream

    def makefile(self, _mode):
        return _Kept(self.stream)


class _Kept(io.RawIOBase):
    def __init__(self, stream):
        self.stream = stream

    def readable(self):
        return True

    def read(self, size=-1):
        return self.stream.read(size)

    def readinto(self, buffer):
        return self.stream.readinto(buffer)

    def readline(self, size=-1):
        return self.stream.readline(size)

    def peek(self, _size=0):
        at = self.stream.tell()
        found = self.stream.read(1)
        self.stream.seek(at)
        return found


def exchanges(folder):
    """All exchanges of a recorder's folder, connection by connection."""
    found = []
    for facts in sorted(pathlib.Path(folder).glob("*.json")):
        host = json.loads(facts.read_text())["host"]
        asked = io.BytesIO(facts.with_suffix(".request").read_bytes())
        answered = io.BytesIO(facts.with_suffix(".response").read_bytes())
        while request := _request(asked):
            exchange = Exchange(facts.stem, host, *request)
            found.append(exchange)
            if not _response(answered, exchange):
                break
    return found


def _request(stream):
    line = stream.readline()
    if not line.strip():
        return None
    words = line.decode("latin-1").split()
    if len(words) != 3 or not words[2].startswith("HTTP/"):
        raise ValueError(f"not the start of a request: {line[:80]!r}")
    headers = http.client.parse_headers(stream)
    if headers.get("Transfer-Encoding", "").lower() == "chunked":
        body, complete = _chunks(stream)
    else:
        length = int(headers.get("Content-Length", 0))
        body = stream.read(length)
        complete = len(body) == length
    return words[0], words[1], headers, body, complete


def _chunks(stream):
    pieces = []
    while line := stream.readline():
        size = int(line.split(b";")[0] or b"0", 16)
        if size == 0:
            while stream.readline().strip():
                pass  # trailers
            return b"".join(pieces), True
        piece = stream.read(size)
        pieces.append(piece)
        if len(piece) != size or stream.read(2) != b"\r\n":
            break
    return b"".join(pieces), False


def _response(stream, exchange):
    """Reads the answer into the exchange; whether there was a whole one."""
    response = http.client.HTTPResponse(_Socket(stream), method=exchange.method)
    try:
        response.begin()
        exchange.answer = response.read()
    except (http.client.HTTPException, ConnectionError, ValueError):
        return False
    exchange.status = response.status
    exchange.answer_headers = response.headers
    return True
