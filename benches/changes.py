"""Anomalies on real changes: what a rule that sees whole series marks, and what the detector, which sees
each day with the days before it, finds.

    python3 benches/changes.py --utilization CPU.csv.gz [--spot FOLDER] [--focus BILL.csv]
        [--advisor PROGRAM] [--python PYTHON]

Real series of daily bills with marked changes are not at hand; these are loads of machines (means of
twenty minutes, machine-days), how many instances a cloud would give (means of four hours), and the days
of each service in a month's bill. A change is marked where PELT (Killick, Fearnhead and Eckley 2012; `ruptures` from PyPI) with a squared
loss parts two levels that differ by at least five scales of the noise, a fifth of the level, and one
unit; a single value is marked where it is as far from the median of its own level. Noise is measured by
differences of neighbours. Nothing of the marks reaches the detector. It hits a change when an anomaly
begins or lasts within two values of it.
"""

import argparse
import csv
import gzip
import json
import os
import pathlib
import subprocess
import sys
import tempfile
import venv

MARK = """
import json, sys
import numpy as np, ruptures
for line in sys.stdin:
    one = json.loads(line)
    x = np.array(one["values"], float)
    steps = np.diff(x)
    noise = 1.4826 * np.median(np.abs(steps - np.median(steps))) / np.sqrt(2)
    noise = max(noise, 0.02 * abs(np.median(x)), 1e-9)
    cuts = ruptures.Pelt(model="l2", min_size=3, jump=1).fit(x.reshape(-1, 1))
    cuts = cuts.predict(pen=4 * np.log(len(x)) * noise**2)[:-1]
    ends = [0, *cuts, len(x)]
    levels = [x[a:b] for a, b in zip(ends, ends[1:])]
    far = lambda change, level: change >= max(1.0, 5 * noise, 0.2 * abs(level))
    shifts = [at for at, a, b in zip(cuts, levels, levels[1:]) if far(abs(b.mean() - a.mean()), a.mean())]
    peaks = []
    for begin, level in zip(ends, levels):
        middle = np.median(level)
        peaks += [begin + at for at, value in enumerate(level) if far(abs(value - middle), middle)]
    print(json.dumps({"name": one["name"], "shifts": shifts, "peaks": [int(at) for at in peaks]}))
"""

# Before this the detector judges nothing.
HISTORY = 21
NEAR = 2


def machines(path):
    """Means of twenty minutes of every machine-day."""
    with gzip.open(path, "rt") as file:
        rows = csv.reader(file)
        next(rows)
        for day, name, *samples in rows:
            samples = [float(sample) for sample in samples if sample]
            values = [sum(samples[at : at + 4]) / 4 for at in range(0, len(samples) - 3, 4)]
            if len(values) >= 60:
                yield {"name": f"machine/{name}/{day}", "values": values}


def spot(folder):
    """Means of four hours of what could be had."""
    for path in sorted(pathlib.Path(folder).rglob("*.json")):
        trace = json.loads(path.read_text())
        each = int(4 * 3600 / trace["metadata"]["gap_seconds"])
        data = trace["data"]
        values = [sum(data[at : at + each]) / each for at in range(0, len(data) - each + 1, each)]
        if len(values) >= 42:
            yield {"name": f"spot/{path.name}", "values": values}


def bill(path):
    """Effective cost of every service by day."""
    days, services = set(), {}
    with open(path, newline="") as file:
        for line in csv.DictReader(file):
            day, cost = line["ChargePeriodStart"][:10], line["EffectiveCost"]
            if day[:2] == "20" and cost not in ("", "NULL"):
                days.add(day)
                own = services.setdefault(line["ServiceName"], {})
                own[day] = own.get(day, 0.0) + float(cost)
    for name, own in sorted(services.items()):
        yield {"name": f"service/{name}", "values": [own.get(day, 0.0) for day in sorted(days)]}


def half(name):
    """FNV-1a of the machine, as right-sizing parts them: figures of the half on which nothing was set."""
    value = 0xCBF29CE484222325
    for byte in name.split("/")[1].encode():
        value = ((value ^ byte) * 0x100000001B3) & (2**64 - 1)
    return "looked at" if value >> 32 & 1 == 0 else "unseen"


def scores(found, marked):
    """Prints precision and recall."""
    right = wrong = hit = missed = 0
    for name, anomalies in found.items():
        shifts = [at for at in marked[name]["shifts"] if at >= HISTORY]
        real = shifts + [at for at in marked[name]["peaks"] if at >= HISTORY]
        near = lambda at: any(first - NEAR <= at <= last + NEAR for first, last in anomalies)
        for first, last in anomalies:
            if any(first - NEAR <= at <= last + NEAR for at in real):
                right += 1
            else:
                wrong += 1
        hit += sum(near(at) for at in shifts)
        missed += sum(not near(at) for at in shifts)
    share = lambda part, whole: f"{100 * part / whole:.1f} %" if whole else "–"
    return (
        f"{len(found)} series, {hit + missed} marked shifts: precision {share(right, right + wrong)} of "
        f"{right + wrong}, recall {share(hit, hit + missed)}"
    )


def measure(series, program, python):
    """What is found and marked, by name."""
    lines = "".join(json.dumps(one) + "\n" for one in series)
    with tempfile.NamedTemporaryFile("w", suffix=".jsonl") as file:
        file.write(lines)
        file.flush()
        out = subprocess.run([program, "--series", file.name], check=True, stdout=subprocess.PIPE, text=True)
    marks = subprocess.run([python, "-c", MARK], input=lines, check=True, stdout=subprocess.PIPE, text=True)
    read = lambda text: {one["name"]: one for one in map(json.loads, text.splitlines())}
    found = {name: one["found"] for name, one in read(out.stdout).items()}
    return found, read(marks.stdout)


def report(utilization, traces, focus, program, python):
    """Prints the figures of each kind of series."""
    if utilization:
        found, marked = measure(list(machines(utilization)), program, python)
        for group in ["looked at", "unseen"]:
            part = {name: one for name, one in found.items() if half(name) == group}
            print(f"anomalies, real machine-days, {group}: {scores(part, marked)}")
    if traces:
        print(f"anomalies, spot traces: {scores(*measure(list(spot(traces)), program, python))}")
    if focus:
        print(f"anomalies, days of a bill: {scores(*measure(list(bill(focus)), program, python))}")


def main():
    """Measures all."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--utilization")
    parser.add_argument("--spot")
    parser.add_argument("--focus")
    parser.add_argument("--advisor", help="the program of the bench `advice`, when it is built already")
    parser.add_argument("--python", help="a Python that has ruptures and numpy")
    wanted = parser.parse_args()
    program = wanted.advisor
    if not program:
        command = ["cargo", "bench", "-p", "tradewind-costs", "--bench", "advice", "--no-run", "--message-format", "json"]
        built = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True).stdout
        found = [json.loads(line).get("executable") for line in built.splitlines() if line.startswith("{")]
        program = [one for one in found if one][-1]
    python = wanted.python
    with tempfile.TemporaryDirectory(prefix="tradewind-changes-") as folder:
        if not python:
            venv.create(folder, with_pip=True)
            python = os.path.join(folder, "bin", "python")
            subprocess.run([python, "-m", "pip", "install", "-q", "ruptures", "numpy"], check=True)
        report(wanted.utilization, wanted.spot, wanted.focus, program, python)


if __name__ == "__main__":
    sys.exit(main())
