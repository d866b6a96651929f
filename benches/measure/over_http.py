"""Requests a second and latency with one row a request, beside other servers."""

import json
import pathlib
import re
import subprocess
import tempfile

from .peers import Peer, free_port

CONNECTIONS = (1, 8, 64)


def wrk(address, body, seconds, connections, key=None):
    script = ['wrk.method = "POST"', 'wrk.headers["Content-Type"] = "application/json"', "wrk.body = [==[%s]==]" % body]
    if key:
        script.append('wrk.headers["Authorization"] = "Bearer %s"' % key)
    with tempfile.NamedTemporaryFile("w", suffix=".lua") as file:
        file.write("\n".join(script))
        file.flush()
        command = ["wrk", "-t1", f"-c{connections}", f"-d{seconds}s", "--timeout", "30s", "--latency", "-s", file.name, address]
        out = subprocess.check_output(command, text=True)
    failed = re.search(r"Non-2xx or 3xx responses: (\d+)", out)
    rate = float(re.search(r"Requests/sec:\s+([\d.]+)", out).group(1))
    return rate, quantile(out, 50), quantile(out, 99), int(failed.group(1)) if failed else 0


def quantile(out, which):
    number, unit = re.search(rf"{which}%\s+([\d.]+)(us|ms|s)", out).groups()
    return float(number) * {"us": 0.001, "ms": 1, "s": 1000}[unit]


def peers(python, peer_python, trained, folder):
    """Name and process of each peer."""
    uvicorn, functions, bento = free_port(), free_port(), free_port()
    yield "FastAPI + uvicorn", Peer(
        [python, "-m", "uvicorn", "serve_fastapi:app", "--port", str(uvicorn), "--log-level", "error"],
        "/predict", trained.body, trained.path, uvicorn)
    yield "functions-framework", Peer(
        [str(pathlib.Path(python).parent / "functions-framework"), "--target", "predict", "--port", str(functions)],
        "/", trained.body, trained.path, functions)
    yield "BentoML, batching", Peer(
        [str(pathlib.Path(peer_python).parent / "bentoml"), "serve", "serve_bentoml:Forest", "--port", str(bento)],
        "/predict", trained.body, trained.path, bento, env={"BENTOML_DO_NOT_TRACK": "True"})
    yield "MLServer, batching", mlserver(peer_python, trained, folder)


def mlserver(python, trained, folder):
    http, grpc, metrics = free_port(), free_port(), free_port()
    settings = {"http_port": http, "grpc_port": grpc, "metrics_port": metrics, "parallel_workers": 1, "host": "127.0.0.1"}
    model = {
        "name": "forest", "implementation": "mlserver_sklearn.SKLearnModel", "max_batch_size": 64,
        "max_batch_time": 0.005, "parameters": {"uri": trained.path},
    }
    (folder / "settings.json").write_text(json.dumps(settings))
    (folder / "model-settings.json").write_text(json.dumps(model))
    tensor = {"name": "x", "shape": [1, len(trained.row)], "datatype": "FP64", "data": trained.row}
    program = str(pathlib.Path(python).parent / "mlserver")
    return Peer([program, "start", "."], "/v2/models/forest/infer", json.dumps({"inputs": [tensor]}), trained.path, http, folder=folder)


def measure(server, python, peer_python, trained, seconds):
    print("\n| server | connections | requests/s | p50 ms | p99 ms | failed | memory MiB |\n|---|---|---|---|---|---|---|")
    with tempfile.TemporaryDirectory() as folder:
        for name, peer in peers(python, peer_python, trained, pathlib.Path(folder)):
            try:
                with peer:
                    for connections in CONNECTIONS:
                        row(name, connections, wrk(peer.address, peer.body, seconds, connections), peer.resident_bytes())
            except RuntimeError as error:
                print(f"| {name} | | not measured: {error} | | | | |", flush=True)
    for name, endpoint in (("Tradewind, Python worker", "python"), ("Tradewind, Python worker, batching", "batching"), ("Tradewind, native", "native")):
        address = f"{server.address}/api/v1/endpoints/{endpoint}/predict"
        for connections in CONNECTIONS:
            row(name, connections, wrk(address, trained.body, seconds, connections, server.key), server.resident_bytes())


def row(name, connections, figures, memory):
    rate, middle, high, failed = figures
    print(f"| {name} | {connections} | {rate:,.0f} | {middle:.2f} | {high:.2f} | {failed} | {memory / 2**20:.0f} |", flush=True)
