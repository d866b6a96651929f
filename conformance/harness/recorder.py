"""Keeps what an SDK and the server say to each other, byte for byte, without either noticing.

The recorder stands between them as a TCP relay: it copies bytes in both directions and writes each
direction of each connection to a file. It understands nothing of HTTP, so that it cannot repair,
reorder or hide anything: `Expect: 100-continue`, chunk trailers and half-closed uploads arrive as
they were sent. What was kept is read afterwards by `wire` and held against the models by `model`.

It stands before the plain endpoint (`AWS_ENDPOINT_URL`) or before the forward proxy. In the second
case it answers `CONNECT` for the cloud's host names with a certificate that the installation's own
authority signed, and opens TLS of its own towards the server; `CONNECT` to other hosts is relayed
without looking inside.
"""

import asyncio
import itertools
import json
import pathlib
import ssl
import threading

from . import authority

LARGEST = 1 << 16


class Recorder:
    """A relay on a free port of this machine; use it with `with`.

    `upstream` is `(host, port)` of the server. `authority_of` is the data folder whose authority
    signs for the cloud's names; without it only the plain endpoint can be recorded.
    """

    def __init__(self, upstream, folder, authority_of=None):
        self.upstream = upstream
        self.folder = pathlib.Path(folder)
        self.folder.mkdir(parents=True, exist_ok=True)
        self.authority = authority.Authority(authority_of) if authority_of else None
        self.numbers = itertools.count()
        self.failures = []
        self.tasks = set()

    def __enter__(self):
        self.loop = asyncio.new_event_loop()
        self.thread = threading.Thread(target=self.loop.run_forever, daemon=True)
        self.thread.start()
        self.server = self._wait(asyncio.start_server(self._accept, "127.0.0.1", 0))
        self.port = self.server.sockets[0].getsockname()[1]
        return self

    def __exit__(self, *_):
        self._wait(self._end())
        self.loop.call_soon_threadsafe(self.loop.stop)
        self.thread.join()
        self.loop.close()

    @property
    def url(self):
        return f"http://127.0.0.1:{self.port}"

    def _wait(self, work):
        return asyncio.run_coroutine_threadsafe(work, self.loop).result(30)

    async def _end(self):
        self.server.close()
        for task in list(self.tasks):
            task.cancel()
        await asyncio.gather(*self.tasks, return_exceptions=True)

    async def _accept(self, reader, writer):
        task = asyncio.current_task()
        self.tasks.add(task)
        try:
            await self._relay(reader, writer)
        except (OSError, ssl.SSLError, asyncio.IncompleteReadError):
            pass  # One side went away; what was said until then is kept.
        except asyncio.CancelledError:
            pass
        except Exception as error:
            self.failures.append(repr(error))
        finally:
            self.tasks.discard(task)
            writer.close()

    async def _relay(self, reader, writer):
        first = await reader.read(LARGEST)
        if not first:
            return
        host = None
        connection = await asyncio.open_connection(*self.upstream)
        try:
            if first.startswith(b"CONNECT "):
                host = await self._connect(first, reader, writer, connection)
                first = b""
            await self._copy(first, host, reader, writer, *connection)
        finally:
            connection[1].close()

    async def _connect(self, first, reader, writer, connection):
        """Passes `CONNECT` on; the name, where the recorder stands in the encrypted connection."""
        while b"\r\n\r\n" not in first:
            more = await reader.read(LARGEST)
            if not more:
                raise ConnectionResetError
            first += more
        up_reader, up_writer = connection
        up_writer.write(first)
        answer = await up_reader.readuntil(b"\r\n\r\n")
        host = first.split(b" ", 2)[1].rpartition(b":")[0].decode()
        if b" 200" not in answer.splitlines()[0] or not self._signs_for(host):
            writer.write(answer)
            return None
        await up_writer.start_tls(self.authority.client(), server_hostname=host)
        # What the program says after the answer belongs to TLS: it must not be read before.
        writer.transport.pause_reading()
        writer.write(answer)
        await writer.start_tls(self.authority.server(host))
        return host

    def _signs_for(self, host):
        return self.authority is not None and host.endswith((".amazonaws.com", ".api.aws"))

    async def _copy(self, first, host, reader, writer, up_reader, up_writer):
        """Copies both directions until both are at their end."""
        number = f"{next(self.numbers):05}"
        facts = {"host": host}
        (self.folder / f"{number}.json").write_text(json.dumps(facts))
        with (
            open(self.folder / f"{number}.request", "wb", buffering=0) as asked,
            open(self.folder / f"{number}.response", "wb", buffering=0) as answered,
        ):
            asked.write(first)
            up_writer.write(first)
            there = asyncio.ensure_future(_pump(reader, up_writer, asked))
            back = asyncio.ensure_future(_pump(up_reader, writer, answered))
            try:
                # When the server has ended its answer and closed, nothing more can be said.
                await back
            finally:
                there.cancel()
                await asyncio.gather(there, return_exceptions=True)


async def _pump(source, sink, kept):
    while True:
        piece = await source.read(LARGEST)
        if not piece:
            if sink.can_write_eof():
                sink.write_eof()
            else:
                sink.close()
            return
        kept.write(piece)
        sink.write(piece)
        await sink.drain()
