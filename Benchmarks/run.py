#!/usr/bin/env python3
"""Runs the benchmarks and prints one table: measured values, targets, and whether each was reached.

    run.py [--binaries DIR] [ingest parsers page append memory server follow bulk appended kernels step clips]

Exits with 1 only where a benchmark could not be carried out: a slower machine is a result, not a failure.
"""

import argparse
import json
import os
import pathlib
import platform
import subprocess
import sys

from measuring import ROOT, SCRATCH, Result, report, say

HERE = pathlib.Path(__file__).resolve().parent
BENCHMARKS = {
    "ingest": HERE / "ingest.py",
    "parsers": HERE / "parsers" / "compare.py",
    "page": HERE / "page_size.py",
    "append": HERE / "append_latency.py",
    "memory": HERE / "memory.py",
    "server": HERE / "server_ratio.py",
    "follow": HERE / "collector" / "follow.py",
    "bulk": HERE / "collector" / "bulk.py",
    "appended": HERE / "collector" / "appended_log.py",
    "kernels": HERE / "kernels.py",
    "step": HERE / "training" / "step.py",
    "clips": HERE / "clips.py",
}


def machine() -> str:
    model = "unknown processor"
    for line in pathlib.Path("/proc/cpuinfo").read_text().splitlines():
        if line.startswith("model name"):
            model = line.split(":", 1)[1].strip()
            break
    commit = subprocess.run(
        ["git", "-C", str(ROOT), "describe", "--always", "--dirty"], capture_output=True, text=True
    ).stdout.strip()
    load = os.getloadavg()[0]
    return f"{model}, {os.cpu_count()} cores, Linux {platform.release()}, commit {commit}, load before {load:.1f}"


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--binaries", type=pathlib.Path, default=ROOT / ".build" / "release")
    parser.add_argument("names", nargs="*", metavar="BENCHMARK", help=f"one of {', '.join(BENCHMARKS)}; default all")
    options = parser.parse_args()
    unknown = [name for name in options.names if name not in BENCHMARKS]
    if unknown:
        parser.error(f"no benchmark named {', '.join(unknown)}; there are {', '.join(BENCHMARKS)}")
    SCRATCH.mkdir(exist_ok=True)
    print(machine())
    print()
    broken = 0
    for name in options.names or BENCHMARKS:
        say(f"{name}…")
        command = [sys.executable, str(BENCHMARKS[name]), "--binaries", str(options.binaries), "--json"]
        finished = subprocess.run(command, stdout=subprocess.PIPE, text=True, cwd=ROOT)
        if finished.returncode != 0:
            broken += 1
            say(f"{name} could not be measured")
            continue
        report([Result(**fields) for fields in json.loads(finished.stdout.splitlines()[-1])], as_json=False)
        print(flush=True)
    return 1 if broken else 0


if __name__ == "__main__":
    try:
        sys.exit(main())
    except KeyboardInterrupt:
        sys.exit(130)
