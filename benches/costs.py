"""The ledger beside DuckDB and Polars: ingest and four group-bys, CPU seconds and peak memory; then the
figures of right-sizing, forecasts and anomalies.

    python3 benches/costs.py [--rows 5000000] [--folder FOLDER] [--utilization CPU.csv.gz] [--spot FOLDER]
        [--focus BILL.csv]

Builds the benches of `crates/costs` in release, makes the lines once, installs the peers from PyPI into
a virtual environment in the folder, and measures each step in a process of its own, the group-bys three
times (the median counts). Sums that differ from DuckDB's end it.
"""

import argparse
import changes
import json
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile
import time
import venv

QUERIES = {
    "service": ["service"],
    "day": ["day"],
    "tag": ["tag:team"],
    "service × tag × day": ["service", "tag:team", "day"],
}

DUCK = """
import duckdb, json, resource, sys, time
step, folder = sys.argv[1], sys.argv[2]
con = duckdb.connect(folder + "/duck.db")
tag = "json_extract_string(Tags, '$.team')"
def cpu():
    u = resource.getrusage(resource.RUSAGE_SELF)
    return u.ru_utime + u.ru_stime
begin, wall = cpu(), time.perf_counter()
if step == "parquet":
    con.execute(f"copy (select * from read_csv('{folder}/lines.csv', types={{'BilledCost':'DECIMAL(18,10)','EffectiveCost':'DECIMAL(18,10)','ListCost':'DECIMAL(18,10)','SubAccountId':'VARCHAR','BillingAccountId':'VARCHAR'}})) to '{folder}/lines.parquet' (format parquet)")
elif step == "ingest":
    con.execute("drop table if exists l")
    con.execute(f"create type s as enum (select distinct ServiceName from '{folder}/lines.parquet')")
    con.execute(f"create type t as enum (select distinct {tag} from '{folder}/lines.parquet')")
    con.execute(f"create table l as select ServiceName::s ServiceName, ({tag})::t team, ChargePeriodStart::date as day, EffectiveCost from '{folder}/lines.parquet'")
else:
    source, keys = step.split(":")
    native = source == "table"
    name = {"service": "ServiceName", "day": "day" if native else "ChargePeriodStart::date", "tag": "team" if native else tag}
    keys = [name[key] for key in keys.split(",")]
    table = "l" if native else f"'{folder}/lines.parquet'"
    rows = con.execute(f"select {', '.join(keys)}, sum(EffectiveCost) from {table} group by all").fetchall()
    print(len(rows), "groups,", format(sum(row[-1] for row in rows).normalize(), "f"))
print(json.dumps({"cpu": cpu() - begin, "wall": time.perf_counter() - wall}))
"""

POLARS = """
import json, polars as pl, resource, sys, time
step, folder = sys.argv[1], sys.argv[2]
def cpu():
    u = resource.getrusage(resource.RUSAGE_SELF)
    return u.ru_utime + u.ru_stime
keys = {
    "service": pl.col("ServiceName"),
    "day": pl.col("ChargePeriodStart").dt.date().alias("day"),
    "tag": pl.col("Tags").str.json_path_match("$.team").alias("team"),
}
begin, wall = cpu(), time.perf_counter()
by = [keys[key] for key in step.split(",")]
pl.scan_parquet(folder + "/lines.parquet").group_by(by).agg(pl.col("EffectiveCost").sum()).collect()
print(json.dumps({"cpu": cpu() - begin, "wall": time.perf_counter() - wall}))
"""


def measured(command):
    """Runs a command; its output, CPU seconds and peak memory in MiB."""
    before = time.perf_counter()
    child = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    output = child.stdout.read()
    _, status, usage = os.wait4(child.pid, 0)
    child.returncode = os.waitstatus_to_exitcode(status)
    if child.returncode:
        sys.exit(f"{command} ended with {child.returncode}")
    return {
        "output": output.strip(),
        "cpu": usage.ru_utime + usage.ru_stime,
        "wall": time.perf_counter() - before,
        "peak": usage.ru_maxrss / 1024,
    }


def peer(python, script, step, folder):
    """CPU seconds of a step without the start of Python, and peak memory with it."""
    result = measured([python, "-c", script, step, str(folder)])
    return {**result, **json.loads(result["output"].splitlines()[-1])}


def row(name, result, rows=None):
    """Prints one line of the table."""
    rate = f"{rows / result['wall'] / 1000:,.0f} k rows/s" if rows else ""
    print(f"{name:<44} {result['cpu']:8.2f} {result['wall']:8.2f} {result['peak']:8.0f}  {rate}", flush=True)


def median(measure):
    """The measurement with the median of CPU seconds out of three."""
    return sorted((measure() for _ in range(3)), key=lambda result: result["cpu"])[1]


def same(ours, theirs):
    """Ends the program when two answers differ in groups or sum."""
    ours, theirs = ours["output"].splitlines()[0], theirs["output"].splitlines()[0]
    if ours != theirs:
        sys.exit(f"answers differ: ours {ours}, DuckDB {theirs}")


def bench(name):
    """Builds a bench and gives its program."""
    command = ["cargo", "bench", "-p", "tradewind-costs", "--bench", name, "--no-run", "--message-format", "json"]
    built = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True).stdout
    found = [json.loads(line).get("executable") for line in built.splitlines() if line.startswith("{")]
    return [program for program in found if program][-1]


def main():
    """Measures all."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--rows", type=int, default=5_000_000)
    parser.add_argument("--folder", type=pathlib.Path)
    parser.add_argument("--program", help="the program of the bench `ledger`, when it is built already")
    parser.add_argument("--advisor", help="the program of the bench `advice`, when it is built already")
    parser.add_argument("--utilization", help="CPU samples by day and machine, for right-sizing")
    parser.add_argument("--spot", help="traces of what could be had, for anomalies")
    parser.add_argument("--focus", help="a bill in FOCUS, for anomalies")
    parser.add_argument("--python", help="a Python that has duckdb, polars, numpy and ruptures")
    wanted = parser.parse_args()
    folder = wanted.folder or pathlib.Path(tempfile.mkdtemp(prefix="tradewind-costs-"))
    folder.mkdir(parents=True, exist_ok=True)
    program = wanted.program or bench("ledger")
    python = wanted.python
    if not python:
        venv.create(folder / "venv", with_pip=True)
        python = str(folder / "venv" / "bin" / "python")
        subprocess.run([python, "-m", "pip", "install", "-q", "duckdb", "polars", "numpy", "ruptures"], check=True)
    lines = folder / "lines.csv"
    if not lines.exists():
        measured([program, "generate", str(wanted.rows), str(lines)])
    print(f"load average {os.getloadavg()[0]:.1f}, {wanted.rows:,} rows, {lines.stat().st_size / 1e9:.2f} GB of CSV")
    print(f"{'':<44} {'CPU s':>8} {'wall s':>8} {'MiB':>8}")
    (folder / "duck.db").unlink(missing_ok=True)
    row("DuckDB CSV to Parquet", peer(python, DUCK, "parquet", folder), wanted.rows)
    for name, source in [("csv", lines), ("parquet", folder / "lines.parquet")]:
        ledger = folder / name
        shutil.rmtree(ledger, ignore_errors=True)
        row(f"ours, ingest of {name}", measured([program, "ingest", str(ledger), str(source)]), wanted.rows)
    row("DuckDB ingest of Parquet with enum keys", peer(python, DUCK, "ingest", folder), wanted.rows)
    for name, keys in QUERIES.items():
        short = ",".join(key.removesuffix(":team") for key in keys)
        ours = median(lambda: measured([program, "ask", str(folder / "csv"), ",".join(keys)]))
        row(f"{name}: ours", ours)
        theirs = median(lambda: peer(python, DUCK, f"file:{short}", folder))
        same(ours, theirs)
        same(measured([program, "ask", str(folder / "parquet"), ",".join(keys)]), theirs)
        row(f"{name}: DuckDB on Parquet", theirs)
        row(f"{name}: DuckDB after ingest", median(lambda: peer(python, DUCK, f"table:{short}", folder)))
        row(f"{name}: Polars on Parquet", median(lambda: peer(python, POLARS, short, folder)))
    advisor = wanted.advisor or bench("advice")
    print(measured([advisor, *([wanted.utilization] if wanted.utilization else [])])["output"])
    changes.report(wanted.utilization, wanted.spot, wanted.focus, advisor, python)


main()
