"""The recorder and the server fixture: bytes pass unchanged, and nothing is left at the end."""

import pathlib
import socket

from harness import wire
from harness.recorder import Recorder
from harness.server import Server, _processes_of


def test_bytes_pass_unchanged_and_are_kept(server, tmp_path):
    asked = b"GET /api/v1/health HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"
    with Recorder(("127.0.0.1", server.port), tmp_path) as recorder:
        with socket.create_connection(("127.0.0.1", recorder.port)) as connection:
            # One byte at a time: the relay must not wait for whole requests.
            for at in range(len(asked)):
                connection.sendall(asked[at : at + 1])
            answered = b""
            while piece := connection.recv(65536):
                answered += piece
    assert not recorder.failures
    (exchange,) = wire.exchanges(tmp_path)
    assert exchange.status == 200
    assert answered.endswith(exchange.answer)
    assert (tmp_path / "00000.request").read_bytes() == asked
    assert (tmp_path / "00000.response").read_bytes() == answered


def test_a_server_that_is_gone_is_a_closed_connection(tmp_path):
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    with Recorder(("127.0.0.1", port), tmp_path) as recorder:
        with socket.create_connection(("127.0.0.1", recorder.port)) as connection:
            connection.sendall(b"GET / HTTP/1.1\r\n\r\n")
            assert connection.recv(1) == b""
    assert not recorder.failures


def test_killed_and_started_again_it_is_the_same_server():
    with Server() as server:
        port, key = server.port, server.key
        server.kill()
        server.start()
        assert (server.port, server.key) == (port, key)
        folder = pathlib.Path(server.folder)
    assert not folder.exists()
    assert not _processes_of(str(folder))
