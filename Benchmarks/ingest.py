#!/usr/bin/env python3
"""How long a site takes to build from a million-line log, beside what it takes merely to read that log.

`voxsite build` starts, reads, summarises, smooths, draws and publishes the whole site; DuckDB reads the file with
`read_json` and aggregates every column, with two threads. Both take turns, A B A B, in one run.
DuckDB's time is that of its query alone: starting Python and importing DuckDB is not charged to it.
Polars and Python with orjson do the same aggregation for the record.
"""

import pathlib
import shutil
import tempfile

from generate_run import PLAIN, prepared
from measuring import SCRATCH, Result, main, median, run_weighed, say, voxsite, warm

AGGREGATES = ["count({0})", "min({0})", "max({0})", "avg({0})"]
COLUMNS = ["time", "step", "epoch", *PLAIN]

DUCKDB = """
import duckdb, sys, time
connection = duckdb.connect(config={{"threads": 2}})
start = time.perf_counter()
rows = connection.execute({query!r}, [sys.argv[1]]).fetchall()
print(time.perf_counter() - start)
assert rows[0][0] == {lines}, rows
"""

POLARS = """
import os, sys, time
os.environ["POLARS_MAX_THREADS"] = "2"
import polars
start = time.perf_counter()
frame = polars.scan_ndjson(sys.argv[1]).select(
    polars.all().count().name.suffix("_n"), polars.all().min().name.suffix("_min"),
    polars.all().max().name.suffix("_max"), polars.all().mean().name.suffix("_mean")).collect()
print(time.perf_counter() - start)
assert frame["step_n"][0] == {lines}, frame
"""

ORJSON = """
import sys, time
import orjson
start = time.perf_counter()
names = {columns!r}
sums = dict.fromkeys(names, 0.0); low = dict.fromkeys(names, float("inf")); high = dict.fromkeys(names, -float("inf"))
count = 0
with open(sys.argv[1], "rb") as file:
    for line in file:
        row = orjson.loads(line)
        count += 1
        for name, value in row.items():
            sums[name] += value
            if value < low[name]: low[name] = value
            if value > high[name]: high[name] = value
print(time.perf_counter() - start)
assert count == {lines}
"""


def measure(options):
    import sys

    runs = prepared(SCRATCH, runs=1, count=options.lines)
    log = runs / "bench-000" / "metrics.jsonl"
    megabytes = log.stat().st_size / 1e6
    aggregates = ", ".join(f'{pattern.format(chr(34) + name + chr(34))}' for name in COLUMNS for pattern in AGGREGATES)
    query = f"SELECT {aggregates} FROM read_json(?, format = 'newline_delimited')"
    scripts = {
        "DuckDB": DUCKDB.format(query=query, lines=options.lines),
        "Polars": POLARS.format(lines=options.lines),
        "Python + orjson": ORJSON.format(columns=COLUMNS, lines=options.lines),
    }
    binary = voxsite(options)
    warm(log)

    walls: dict[str, list[float]] = {}
    cpus: dict[str, list[float]] = {}
    peaks: dict[str, list[float]] = {}

    def note(name, wall, usage):
        walls.setdefault(name, []).append(wall)
        cpus.setdefault(name, []).append(usage.cpu_seconds)
        peaks.setdefault(name, []).append(usage.peak_mebibytes)

    def build():
        with tempfile.TemporaryDirectory(dir=SCRATCH) as folder:
            site = pathlib.Path(folder) / "site"
            usage = run_weighed([binary, "build", "-q", "-r", str(runs), "-o", str(site)])
            page = site / "runs" / "bench-000" / "index.html"
            assert page.stat().st_size > 0
            note("voxsite build", usage.wall_seconds, usage)

    def query_with(name):
        usage = run_weighed([sys.executable, "-c", scripts[name], str(log)])
        note(name, float(usage.output.split()[-1]), usage)

    for number in range(options.rounds + 1):
        build()
        query_with("DuckDB")
        if number == 0:
            # The first round warms caches of files and of the binaries, for both alike.
            walls.clear(), cpus.clear(), peaks.clear()
            continue
        say(f"  round {number}: voxsite {walls['voxsite build'][-1]:.3f} s, DuckDB {walls['DuckDB'][-1]:.3f} s")
    for name in ("Polars", "Python + orjson"):
        for _ in range(min(3, options.rounds)):
            query_with(name)
    shutil.rmtree(SCRATCH / "site", ignore_errors=True)

    ratio = median(walls["voxsite build"]) / median(walls["DuckDB"])
    results = [
        Result(
            f"cold build, {options.lines:,} lines, {megabytes:.0f} MB",
            f"{ratio:.2f} × DuckDB's read_json",
            "≤ 1.00 (aim 0.50)",
            ratio <= 1,
        )
    ]
    for name in walls:
        results.append(
            Result(
                f"  {name}",
                f"{median(walls[name]):.3f} s wall, {median(cpus[name]):.2f} s CPU, {median(peaks[name]):.0f} MiB peak",
                f"best {min(walls[name]):.3f} s",
            )
        )
    return results


def extra(parser):
    parser.set_defaults(rounds=7, lines=1_000_000)
    parser.add_argument("--rounds", type=int, help="how often each takes its turn (default 7)")
    parser.add_argument("--lines", type=int, help="length of the log (default 1,000,000)")


if __name__ == "__main__":
    main(measure, __doc__, extra)
