"""The real binary on a port and a data folder of its own, and its end whatever happens."""

import json
import os
import pathlib
import signal
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request

import prepare

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent

# Longer than anything here takes on a busy machine.
PATIENCE = 180

# What of the surroundings a program under test may see; nobody's account, proxy or settings.
KEPT = ("PATH", "LANG", "LC_ALL", "OPENBLAS_CORETYPE", "OPENBLAS_L2_SIZE", "SSL_CERT_FILE",
        "PIP_CERT", "PIP_FIND_LINKS")


def binary():
    """The program under test: `$TRADEWIND_BINARY`, else the debug build of this checkout."""
    return os.environ.get("TRADEWIND_BINARY") or str(ROOT / "target/debug/tradewind")


class Server:
    """A running server; use it with `with`."""

    def __init__(self, *arguments):
        self.temporary = tempfile.TemporaryDirectory(prefix="tradewind-conformance-")
        self.folder = pathlib.Path(self.temporary.name)
        self.data = self.folder / "data"
        self.home = self.folder / "home"
        self.home.mkdir()
        self.arguments = arguments
        self.log = self.folder / "server.log"
        self.port = 0

    def __enter__(self):
        try:
            self.start()
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_):
        self.process.terminate()
        try:
            self.process.wait(20)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        _end_all_of(str(self.folder))
        _remove_groups(self.data / "tickets")
        self.temporary.cleanup()

    def environment(self):
        """The variables that `tradewind` is run with: its folder, and nobody's cloud."""
        kept = {name: os.environ[name] for name in KEPT if name in os.environ}
        return kept | {
            "HOME": str(self.home),
            "TMPDIR": str(self.folder),
            "TRADEWIND_DATA": str(self.data),
            "TRADEWIND_ENVIRONMENTS": str(prepare.cache() / "environments"),
        }

    def start(self):
        """Starts it, on the port that it had before when there was one."""
        announced = self.data / "server.json"
        announced.unlink(missing_ok=True)
        with open(self.log, "ab") as log:
            self.process = subprocess.Popen(
                [binary(), "serve", "--listen", f"127.0.0.1:{self.port}", *self.arguments],
                env=self.environment(),
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
            )
        self.until("the server listens", lambda: self._announced(announced))
        self.key = json.loads((self.data / "credentials.json").read_text())["key"]

    def _announced(self, file):
        if self.process.poll() is not None:
            raise RuntimeError(f"the server ended: {self.log.read_text()[-4000:]}")
        try:
            self.address = json.loads(file.read_text())["address"]
            self.port = int(self.address.rpartition(":")[2])
            self.request("GET", "/health")
        except (OSError, ValueError, KeyError):
            return False
        return True

    def kill(self):
        """As `kill -9` does: no farewell, and what it started goes on."""
        self.process.send_signal(signal.SIGKILL)
        self.process.wait()

    def until(self, what, look, pause=0.02):
        """Looks until there is something."""
        end = time.monotonic() + PATIENCE
        while True:
            if found := look():
                return found
            if time.monotonic() > end:
                raise TimeoutError(f"not in time: {what}")
            time.sleep(pause)

    def request(self, method, path, body=None, root="/api/v1"):
        """A request to the native API; the decoded answer."""
        data = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(f"{self.address}{root}{path}", data, method=method)
        request.add_header("Authorization", f"Bearer {getattr(self, 'key', '')}")
        if data is not None:
            request.add_header("Content-Type", "application/json")
        opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
        try:
            with opener.open(request, timeout=PATIENCE) as answer:
                return json.loads(answer.read() or b"null")
        except urllib.error.HTTPError as error:
            if path == "/health":
                raise
            raise AssertionError(f"{method} {path}: {error.code} {error.read().decode()}") from error

    def tradewind(self, *arguments, check=True):
        """Runs a command of the binary to its end."""
        done = subprocess.run(
            [binary(), *map(str, arguments)],
            env=self.environment(),
            cwd=self.folder,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=PATIENCE,
        )
        assert not check or done.returncode == 0, f"{arguments}: {done.stdout}\n{done.stderr}"
        return done

    def cloud(self):
        """The variables that `tradewind exec` gives a program."""
        show = "import json, os; print(json.dumps(dict(os.environ)))"
        return json.loads(self.tradewind("exec", "--", sys.executable, "-c", show).stdout)

    def panics(self):
        """What the server's log says of panics; nothing, one hopes."""
        lines = self.log.read_text(errors="replace").splitlines()
        return [line for line in lines if "panicked" in line]


def _end_all_of(folder):
    """Ends the processes that have the folder in their command, environment or working directory."""
    end = time.monotonic() + 20
    while (found := _processes_of(folder)) and time.monotonic() < end:
        for pid in found:
            try:
                os.kill(pid, signal.SIGKILL)
            except ProcessLookupError:
                continue
        time.sleep(0.005)


def _processes_of(folder):
    found = []
    for entry in pathlib.Path("/proc").iterdir():
        if not entry.name.isdigit() or int(entry.name) == os.getpid():
            continue
        try:
            mentions = [(entry / "cmdline").read_bytes(), (entry / "environ").read_bytes()]
            here = str((entry / "cwd").readlink()).startswith(folder)
        except OSError:
            continue
        if here or any(folder.encode() in mention for mention in mentions):
            found.append(int(entry.name))
    return found


def _remove_groups(tickets):
    """Removes the control groups of attempts whose supervisors were killed."""
    names = [entry.name for entry in tickets.iterdir()] if tickets.is_dir() else []
    top = pathlib.Path("/sys/fs/cgroup")
    for root in [top, *(top.iterdir() if top.is_dir() else [])]:
        for name in names:
            try:
                (root / f"tradewind-{name}").rmdir()
            except OSError:
                continue
