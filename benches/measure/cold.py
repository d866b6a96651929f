"""From a request that finds nothing running to its answer."""

import http.server
import os
import statistics
import subprocess
import threading
import time

from .asleep import asleep
from .peers import FOLDER, Peer, ask, free_port
from .server import say

ROUNDS = 5
# Seconds after which an endpoint that sleeps has its model loaded in a process of its own.
PREPARED = 2


def bare(server, trained):
    """Seconds to wake endpoints of a server that keeps no model loaded for what sleeps."""
    # The first one has the packages imported ahead for the others.
    wake(server, "bare-first", trained, "--no-native", rest=PREPARED)
    return [wake(server, f"bare-{number}", trained, "--no-native", rest=PREPARED) for number in range(ROUNDS)]


def measure(server, python, trained, bare):
    say("starting peers afresh")
    rows = [("fresh functions-framework process", [functions_framework(python, trained) for _ in range(ROUNDS)]),
            ("fresh awslambdaric process", [awslambdaric(python, trained) for _ in range(ROUNDS)])]
    say("waking endpoints")
    rows += [("Tradewind, Python worker forked", bare),
             ("Tradewind, Python worker forked with its model", [wake(server, f"warm-python-{number}", trained, "--no-native", rest=PREPARED) for number in range(ROUNDS)]),
             ("Tradewind, native", [wake(server, f"cold-native-{number}", trained) for number in range(ROUNDS)])]
    status = server.request("GET", "endpoints/python/status")["deployments"][0]
    print("\n| cold start to first answer | median ms | spread |\n|---|---|---|")
    for name, seconds in rows:
        spread = f"{min(seconds) * 1e3:.1f} … {max(seconds) * 1e3:.1f}"
        print(f"| {name} | {statistics.median(seconds) * 1e3:.1f} | {spread} |")
    print(f"| Tradewind, first start of a Python template | {status['start']['mean']:.0f} | one run |", flush=True)


def functions_framework(python, trained):
    port = free_port()
    program = os.path.join(os.path.dirname(python), "functions-framework")
    with Peer([program, "--target", "predict", "--port", str(port)], "/", trained.body, trained.path, port) as peer:
        return peer.cold


def awslambdaric(python, trained):
    """The Runtime API as far as one invocation needs it."""
    answered = threading.Event()

    class Api(http.server.BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self):
            if answered.is_set():
                time.sleep(3600)
            self.send_response(200)
            for name, value in (("Lambda-Runtime-Aws-Request-Id", "1"), ("Lambda-Runtime-Deadline-Ms", str(int(time.time() * 1e3) + 60_000)),
                                ("Lambda-Runtime-Invoked-Function-Arn", "arn:aws:lambda:us-east-1:0:function:f"), ("Lambda-Runtime-Trace-Id", "Root=1-0-0"), ("Content-Type", "application/json"), ("Content-Length", str(len(trained.body)))):
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(trained.body.encode())

        def do_POST(self):
            # The body comes in chunks and is not needed; its arrival is.
            if self.path.endswith("/response"):
                answered.set()
            self.send_response(202)
            self.send_header("Content-Length", "0")
            self.end_headers()
            self.close_connection = True

        def log_message(self, *_):
            pass

    api = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Api)
    api.daemon_threads = True
    threading.Thread(target=api.serve_forever, daemon=True).start()
    env = {**os.environ, "MODEL": trained.path, "AWS_LAMBDA_RUNTIME_API": f"127.0.0.1:{api.server_port}",
           "AWS_LAMBDA_FUNCTION_MEMORY_SIZE": "512", "AWS_LAMBDA_FUNCTION_NAME": "f", "AWS_LAMBDA_FUNCTION_VERSION": "1",
           "AWS_LAMBDA_LOG_GROUP_NAME": "g", "AWS_LAMBDA_LOG_STREAM_NAME": "s", "OMP_NUM_THREADS": "1"}
    began = time.perf_counter()
    process = subprocess.Popen([python, "-m", "awslambdaric", "lambda_function.lambda_handler"], cwd=FOLDER, env=env,
                               stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    if not answered.wait(60):
        process.kill()
        raise RuntimeError("awslambdaric did not answer")
    took = time.perf_counter() - began
    process.kill()
    process.wait()
    api.shutdown()
    return took


def wake(server, endpoint, trained, *options, rest=0):
    """Makes an endpoint, waits until it sleeps and `rest` seconds more, and wakes it. What is deployed without a warm floor
    is started once to see whether it starts, and sleeps soon when nobody asks."""
    server.tradewind("deploy", endpoint, "forest:1", "--replicas", "0", *options)
    server.wait(f"endpoints/{endpoint}/status", asleep, pause=0.01)
    time.sleep(rest)
    began = time.perf_counter()
    ask(f"{server.address}/api/v1/endpoints/{endpoint}/predict", trained.body, {"Authorization": f"Bearer {server.key}"})
    return time.perf_counter() - began
