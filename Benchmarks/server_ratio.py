#!/usr/bin/env python3
"""Requests per second of `voxsite serve` over nginx's, as a line per file; `server/run.py` does the measuring."""

import json
import subprocess
import sys

from measuring import ROOT, BrokenRun, Result, main, voxsite

LIMIT = 0.5


def measure(options):
    command = [
        sys.executable,
        str(ROOT / "Benchmarks" / "server" / "run.py"),
        "--json",
        "--command",
        f"{voxsite(options)} serve -q --host 127.0.0.1 --port {{port}} {{site}}",
    ]
    finished = subprocess.run(command, capture_output=True, text=True)
    try:
        # It exits with 1 where a ratio is missed as well; only missing numbers make a broken run.
        rows = json.loads(finished.stdout)
    except ValueError as problem:
        raise BrokenRun(f"server/run.py: {finished.stderr[-2000:]}") from problem
    return [
        Result(
            f"requests/s, {name}",
            f"{row['ratio']:.2f} × nginx ({row['voxsite']:,.0f} and {row['nginx']:,.0f})",
            f"≥ {LIMIT:.2f} ×",
            row["ratio"] >= LIMIT,
        )
        for name, row in rows.items()
    ]


if __name__ == "__main__":
    main(measure, __doc__)
