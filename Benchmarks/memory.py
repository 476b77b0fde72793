#!/usr/bin/env python3
"""The peak memory of building a site from ten runs of a million lines each: 2.2 GB of logs.

Peak resident set as the kernel accounts it (`wait4`), mapped pages of files included. The ten logs are hard links of
two different ones, which spares the disk; every one is opened, read and drawn as a run of its own.
"""

import os
import tempfile

from generate_run import write_run
from measuring import SCRATCH, Result, main, run_weighed, voxsite

LIMIT_MEBIBYTES = 400


def measure(options):
    runs = SCRATCH / f"runs-memory-{options.runs}x{options.lines}"
    if not runs.with_suffix(".complete").exists():
        for number in range(options.runs):
            folder = runs / f"bench-{number:03}"
            if number < 2:
                write_run(folder, options.lines, seed=number + 1)
                continue
            folder.mkdir(parents=True, exist_ok=True)
            (folder / "metrics.jsonl").unlink(missing_ok=True)
            os.link(runs / f"bench-{number % 2:03}" / "metrics.jsonl", folder / "metrics.jsonl")
        runs.with_suffix(".complete").touch()
    with tempfile.TemporaryDirectory(dir=SCRATCH) as folder:
        usage = run_weighed([voxsite(options), "build", "-q", "-r", str(runs), "-o", f"{folder}/site"])
        pages = sum(1 for _ in os.scandir(f"{folder}/site/runs"))
    assert pages == options.runs, f"{pages} pages for {options.runs} runs"
    return [
        Result(
            f"peak memory, {options.runs} × {options.lines:,} lines",
            f"{usage.peak_mebibytes:.0f} MiB",
            f"≤ {LIMIT_MEBIBYTES} MB",
            usage.peak_mebibytes * 1.048576 <= LIMIT_MEBIBYTES,
        ),
        Result("  built in", f"{usage.wall_seconds:.2f} s wall, {usage.cpu_seconds:.2f} s CPU"),
    ]


def extra(parser):
    parser.add_argument("--runs", type=int, default=10)
    parser.add_argument("--lines", type=int, default=1_000_000)


if __name__ == "__main__":
    main(measure, __doc__, extra)
