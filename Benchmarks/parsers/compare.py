#!/usr/bin/env python3
"""voxsite's log reader beside simdjson's on-demand parser (Debian's libsimdjson), on the same million lines.

Both read the file block by block. simdjson sums every number and forgets it; our reader keeps every value in its column,
which is more work but what a dashboard needs. Best of five rounds, with one thread and with two.
"""

import pathlib
import re
import subprocess
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent))

from generate_run import prepared  # noqa: E402
from measuring import SCRATCH, BrokenRun, Result, main, run_weighed, warm  # noqa: E402

SOURCE = pathlib.Path(__file__).resolve().parent / "simdjson_reader.cpp"
# "NAME THREADS 1234 MB/s …", one variant a line: what both programs print.
LINE = re.compile(r"^(\S+) (\d+) ([\d.]+) MB/s", re.MULTILINE)


def compiled() -> str:
    program = SCRATCH / "simdjson_reader"
    if not program.exists() or program.stat().st_mtime < SOURCE.stat().st_mtime:
        command = ["c++", "-O3", "-march=native", "-std=c++17", str(SOURCE), "-lsimdjson", "-pthread", "-o", str(program)]
        made = subprocess.run(command, capture_output=True, text=True)
        if made.returncode != 0:
            raise BrokenRun(f"{' '.join(command)}:\n{made.stderr[-2000:]}")
    return str(program)


def rates(command: list[str]) -> dict[tuple[str, int], float]:
    output = run_weighed(command).output
    found = {(name, int(threads)): float(rate) for name, threads, rate in LINE.findall(output)}
    if not found:
        raise BrokenRun(f"{' '.join(command)} printed no rate:\n{output[-1000:]}")
    return found


def measure(options):
    ours = options.binaries / "ReaderBenchmark"
    if not ours.exists():
        raise BrokenRun(f"{ours} is missing; run `swift build -c release --product ReaderBenchmark`")
    log = prepared(SCRATCH, runs=1, count=1_000_000) / "bench-000" / "metrics.jsonl"
    warm(log)
    best: dict[tuple[str, int], float] = {}
    program = compiled()
    for _ in range(3):
        for command in ([program, str(log)], [str(ours), str(log)]):
            for variant, rate in rates(command).items():
                best[variant] = max(best.get(variant, 0), rate)
    results = []
    for threads in (1, 2):
        rivals = {name: rate for (name, count), rate in best.items() if count == threads and "simdjson" in name}
        mine = {name: rate for (name, count), rate in best.items() if count == threads and "simdjson" not in name}
        if not rivals or not mine:
            continue
        ratio = max(mine.values()) / rivals["simdjson-lines"]
        plural = "s" if threads > 1 else ""
        results.append(Result(f"reader, {threads} thread{plural}", f"{ratio:.2f} × simdjson by lines"))
        results += [Result(f"  {name}", f"{rate:,.0f} MB/s") for name, rate in {**mine, **rivals}.items()]
    return results


if __name__ == "__main__":
    main(measure, __doc__)
