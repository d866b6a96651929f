"""Microseconds a row of the predictor alone, beside scikit-learn and onnxruntime."""

import json
import os
import subprocess

SIZES = (1, 32, 1000)

PEERS = """
import json, sys, time, joblib, numpy
import onnxruntime
from skl2onnx import to_onnx
from sklearn.datasets import load_breast_cancer
model = joblib.load(sys.argv[1])
rows = load_breast_cancer(return_X_y=True)[0]
graph = to_onnx(model, rows[:1].astype("f4"), options={"zipmap": False})
options = onnxruntime.SessionOptions()
options.intra_op_num_threads = 1
session = onnxruntime.InferenceSession(graph.SerializeToString(), options, providers=["CPUExecutionProvider"])
name = session.get_inputs()[0].name
def timed(call):
    call()
    times = []
    began = time.perf_counter()
    while len(times) < 20 or time.perf_counter() - began < 2:
        start = time.perf_counter()
        call()
        times.append(time.perf_counter() - start)
    return sorted(times)[len(times) // 2]
found = {}
for size in json.loads(sys.argv[2]):
    some = numpy.resize(rows, (size, rows.shape[1]))
    single = some.astype("f4")
    found[size] = [timed(lambda: model.predict(some)) / size * 1e6, timed(lambda: session.run(None, {name: single})) / size * 1e6]
print(json.dumps(found))
"""


def measure(server, python, trained, root):
    [form] = (server.data / "native").glob("*.form")
    bench = ["cargo", "bench", "-q", "-p", "tradewind-predictors", "--bench", "evaluate", "--", str(form)]
    ours = json.loads(subprocess.check_output(bench + [trained.body], cwd=root, text=True))
    single = {**os.environ, "OMP_NUM_THREADS": "1"}
    command = [python, "-c", PEERS, trained.path, json.dumps(SIZES)]
    theirs = json.loads(subprocess.check_output(command, text=True, env=single))
    print("\n| rows at once | Tradewind µs/row | scikit-learn | onnxruntime, one thread | against scikit-learn |")
    print("|---|---|---|---|---|")
    for size in SIZES:
        mine, (sklearn, onnx) = ours[str(size)], theirs[str(size)]
        print(f"| {size} | {mine:.2f} | {sklearn:.1f} | {onnx:.2f} | {sklearn / mine:.0f}× |", flush=True)
