"""From the submission of a job to the first line of its user code, in a warm environment."""

import pathlib
import tempfile
import time

RUNS = 20

SCRIPT = "import time; print(f'first_line {time.time()}', flush=True)\n"


def measure(server):
    folder = pathlib.Path(tempfile.mkdtemp(dir=server.data))
    script = folder / "first.py"
    script.write_text(SCRIPT)
    spec = {
        "entry": {"kind": "command", "argv": ["python3", str(script)]},
        "policy": {"providers": ["local"]},
    }
    firsts, ends = [], []
    for turn in range(RUNS + 2):
        began = time.time()
        job = server.request("POST", "jobs", {"spec": spec})
        path = f"jobs/{job['id']}"
        ended = server.wait(path, lambda job: job["phase"]["phase"] in ("ended", "cleaning"))
        took = time.time() - began
        lines = server.request("GET", f"{path}/logs")["lines"]
        printed = [line["text"] for line in lines if line["text"].startswith("first_line")]
        if not printed:
            raise RuntimeError(f"the job printed nothing: {ended['phase']}")
        if turn >= 2:
            firsts.append((float(printed[0].split()[1]) - began) * 1000)
            ends.append(took * 1000)
    return [
        ("submit → first line of user code, warm", firsts, "ms"),
        ("submit → outcome of a job that prints one line", ends, "ms"),
    ]
