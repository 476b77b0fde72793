"""What the benchmarks share: running a program and weighing it, and results that can be printed and judged."""

import argparse
import json
import os
import pathlib
import signal
import statistics
import subprocess
import sys
import time
from dataclasses import asdict, dataclass

ROOT = pathlib.Path(__file__).resolve().parent.parent
SCRATCH = ROOT / ".bench"


class BrokenRun(Exception):
    """A benchmark could not be carried out; this is the only thing that fails `make bench`."""


@dataclass
class Result:
    """One line of the table: a measured value, what it is compared with, and whether it reached its target."""

    name: str
    measured: str
    target: str = ""
    # None where the line is for the record only.
    reached: bool | None = None


@dataclass
class Usage:
    """What one run of a program took."""

    wall_seconds: float
    cpu_seconds: float
    peak_mebibytes: float
    output: str


def run_weighed(command: list[str], timeout: float = 600) -> Usage:
    """Runs a program to its end; CPU and peak memory are the kernel's own account (`wait4`)."""
    start = time.perf_counter()
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, stdin=subprocess.DEVNULL)
    signal.signal(signal.SIGALRM, lambda *_: process.kill())
    signal.alarm(int(timeout))
    output = process.stdout.read().decode("utf-8", "replace")
    _, status, usage = os.wait4(process.pid, 0)
    wall = time.perf_counter() - start
    signal.alarm(0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode != 0:
        raise BrokenRun(f"{' '.join(command)} ended with {process.returncode}:\n{output[-2000:]}")
    return Usage(wall, usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024, output)


def cpu_seconds_of(process_id: int) -> float:
    """The CPU time a live process has used, all threads, in nanosecond steps (clock_getcpuclockid(3))."""
    return time.clock_gettime((~process_id << 3) | 2)


def median(values) -> float:
    return statistics.median(values)


def percentile(values, share: float) -> float:
    """The nearest-rank percentile: a value that was measured, never one in between."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, max(0, round(share * len(ordered) + 0.5) - 1))]


def warm(path: pathlib.Path) -> None:
    """Reads a file once, so that no contestant pays for the disk."""
    with open(path, "rb", buffering=0) as file:
        while file.read(1 << 24):
            pass


def say(text: str) -> None:
    print(text, file=sys.stderr, flush=True)


def arguments(description: str) -> argparse.ArgumentParser:
    """The options every benchmark has."""
    parser = argparse.ArgumentParser(description=description)
    parser.add_argument(
        "--binaries",
        type=pathlib.Path,
        default=ROOT / ".build" / "release",
        help="the folder of the release binaries (default: .build/release)",
    )
    parser.add_argument("--json", action="store_true", help="print the results as JSON")
    return parser


def voxsite(options: argparse.Namespace) -> str:
    binary = options.binaries / "voxsite"
    if not binary.exists():
        raise BrokenRun(f"{binary} is missing; run `make build` first")
    return str(binary)


def report(results: list[Result], as_json: bool) -> None:
    if as_json:
        print(json.dumps([asdict(result) for result in results]))
        return
    width = max(len(result.name) for result in results)
    measured_width = max(len(result.measured) for result in results)
    for result in results:
        verdict = {True: "reached", False: "MISSED", None: ""}[result.reached]
        print(f"{result.name:<{width}}  {result.measured:<{measured_width}}  {result.target:<22}  {verdict}".rstrip())


def main(measure, description: str, extra=None) -> None:
    """Runs one benchmark as a program of its own."""
    parser = arguments(description)
    if extra is not None:
        extra(parser)
    options = parser.parse_args()
    try:
        report(measure(options), options.json)
    except BrokenRun as problem:
        say(f"broken run: {problem}")
        sys.exit(1)
    except KeyboardInterrupt:
        sys.exit(130)
