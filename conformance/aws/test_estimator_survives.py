"""The server is killed while the SDK waits in `fit()`; the SDK's call ends well all the same."""

import json
import pathlib
import subprocess

import pytest

import prepare
from harness.server import PATIENCE, Server, binary

PROGRAMS = pathlib.Path(__file__).resolve().parent.parent / "programs"


@pytest.mark.parametrize("when", ["while it runs", "at its end"])
def test_kill(name, when):
    with Server() as server:
        release = server.folder / "release"
        begun = server.folder / "begun"
        words = [prepare.python("sagemaker2"), PROGRAMS / "waiting.py", name, begun, release]
        with subprocess.Popen(
            [binary(), "exec", "--", *map(str, words)],
            env=server.environment(),
            cwd=server.folder,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        ) as program:
            server.until("the job runs", lambda: begun.exists() or program.poll() is not None)
            assert program.poll() is None, program.stderr.read()
            if when == "at its end":
                # The job ends while nobody looks.
                server.kill()
                release.touch()
                server.until("the script ended", lambda: not begun.exists())
                server.start()
            else:
                server.kill()
                server.start()
                release.touch()
            out, err = program.communicate(timeout=PATIENCE)
        assert program.returncode == 0, out + err
        found = json.loads(out.strip().splitlines()[-1])
        assert found["described"]["TrainingJobStatus"] == "Completed"
        assert found["size"] > 0
        assert not server.panics()
