#!/usr/bin/env python3
"""How long an appended line takes to stand in the page's file, and what it costs the processor.

1. Latency: 100 runs of 10,000 lines are watched by `voxsite build --watch`. A line is appended to one of them with
   one write(2); the clock stops when the file of that run's page in the site holds the new step. The page is looked
   at every half millisecond, so that is the resolution.
2. The same while other runs grow by 20 lines a second, for the record: the builder rests after each build for as
   long as it worked, so that a busy folder costs half a core or less, and that adds to the time.
3. CPU per append at run lengths of 1k, 10k, 100k and 1M lines, one run at a time: the processor time of the whole
   process between the first and last of many appends (clock_getcpuclockid), waiting for each to be shown.
"""

import json
import os
import pathlib
import random
import re
import shutil
import signal
import subprocess
import tempfile
import threading
import time

from generate_run import PLAIN, START, write_run
from measuring import (
    SCRATCH,
    BrokenRun,
    Result,
    cpu_seconds_of,
    main,
    median,
    percentile,
    say,
    voxsite,
)

LIMIT_SECONDS = 0.100
# Cost at a million lines over cost at a thousand. Not 1: pages of short runs draw fewer points.
LIMIT_GROWTH = 3.0
# Steps between lines: makes the newest step a number with seven digits that stands nowhere else in a page.
STRIDE = 137
PATIENCE_SECONDS = 10


class Watched:
    """Runs of its own under `voxsite build --watch`, and the pages made from them."""

    def __init__(self, binary: str, count: int, lines: int):
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="watched-", dir=SCRATCH))
        self.runs = self.folder / "runs"
        self.site = self.folder / "site"
        self.names = [f"bench-{number:03}" for number in range(count)]
        self.steps = {}
        for number, name in enumerate(self.names):
            write_run(self.runs / name, lines, seed=number + 1, stride=STRIDE)
            # Not a multiple: lines * STRIDE is a round number, which an axis may show before it is logged.
            self.steps[name] = lines * STRIDE + 12
        self.output = open(self.folder / "output.txt", "wb")
        self.process = subprocess.Popen(
            [binary, "build", "--watch", "-r", str(self.runs), "-o", str(self.site)],
            stdout=self.output,
            stderr=self.output,
            stdin=subprocess.DEVNULL,
        )
        self.descriptors = {
            name: os.open(self.runs / name / "metrics.jsonl", os.O_WRONLY | os.O_APPEND) for name in self.names
        }

    def __enter__(self):
        return self

    def __exit__(self, *_):
        for descriptor in self.descriptors.values():
            os.close(descriptor)
        self.process.send_signal(signal.SIGINT)
        try:
            self.process.wait(timeout=10)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        self.output.close()
        shutil.rmtree(self.folder, ignore_errors=True)

    def page(self, name: str) -> str:
        return str(self.site / "runs" / name / "index.html")

    def wait_until_built(self, patience: float = 120) -> None:
        """Until every page is there and the process rests."""
        end = time.monotonic() + patience
        while time.monotonic() < end:
            self.check_alive()
            if all(os.path.exists(self.page(name)) for name in self.names):
                before = cpu_seconds_of(self.process.pid)
                time.sleep(0.5)
                if cpu_seconds_of(self.process.pid) - before < 0.02:
                    return
            time.sleep(0.1)
        raise BrokenRun(f"no site after {patience} s; {self.said()}")

    def check_alive(self) -> None:
        if self.process.poll() is not None:
            raise BrokenRun(f"voxsite ended with {self.process.returncode}; {self.said()}")

    def said(self) -> str:
        return "it said: " + (self.folder / "output.txt").read_text(errors="replace")[-1000:]

    def append(self, name: str) -> int:
        """Appends one line as a trainer does and returns its step."""
        step = self.steps[name] = self.steps[name] + STRIDE
        values = dict.fromkeys(PLAIN, 1.0 + random.random()) | {"gpu_util": 97}
        row = {"time": round(START + step * 0.256, 2), "step": step, "epoch": 4, **values}
        os.write(self.descriptors[name], (json.dumps(row, separators=(",", ":")) + "\n").encode())
        return step

    def seconds_until_shown(self, name: str, step: int, start: float) -> float:
        marker = marker_of(step)
        page = self.page(name)
        seen = None
        while True:
            try:
                state = os.stat(page)
                identity = (state.st_ino, state.st_mtime_ns, state.st_size)
                if identity != seen:
                    seen = identity
                    with open(page, "rb") as file:
                        if marker.search(file.read()):
                            return time.perf_counter() - start
            except FileNotFoundError as problem:
                # Publishing switches whole trees: a page that is gone, however briefly, is a defect.
                raise BrokenRun(f"{page} disappeared while it was watched") from problem
            if time.perf_counter() - start > PATIENCE_SECONDS:
                self.check_alive()
                raise BrokenRun(f"step {step} did not reach {page} in {PATIENCE_SECONDS} s; {self.said()}")
            time.sleep(0.0005)


def marker_of(step: int) -> re.Pattern:
    """The step as a page may write it: plain, or its digits grouped by comma or by a narrow space."""
    separator = rb"(?:,|\xe2\x80\xaf|\xe2\x80\x89|&#8239;|&#8201;)?"
    grouped = re.sub(r"(?<=\d)(?=(?:\d{3})+$)", "|", str(step)).split("|")
    return re.compile(rb"(?<!\d)" + separator.join(part.encode() for part in grouped) + rb"(?!\d)")


def latencies(watched: Watched, samples: int, source: random.Random) -> list[float]:
    measured = []
    for _ in range(samples):
        name = source.choice(watched.names[:50])
        time.sleep(source.uniform(0.05, 0.15))
        start = time.perf_counter()
        step = watched.append(name)
        measured.append(watched.seconds_until_shown(name, step, start))
    return measured


def latency_results(options) -> list[Result]:
    results = []
    source = random.Random(7)
    with Watched(voxsite(options), options.runs, options.lines) as watched:
        watched.wait_until_built()
        latencies(watched, 10, source)
        for title, lines_per_second in (("quiet otherwise", 0), ("20 lines/s elsewhere", 20)):
            stop = threading.Event()

            def elsewhere():
                others = random.Random(8)
                while not stop.wait(1 / lines_per_second):
                    watched.append(others.choice(watched.names[50:]))

            busy = threading.Thread(target=elsewhere) if lines_per_second and options.runs > 50 else None
            if busy:
                busy.start()
            try:
                measured = latencies(watched, options.samples, source)
            finally:
                stop.set()
                if busy:
                    busy.join()
            worst = percentile(measured, 0.95)
            say(f"  {title}: p50 {median(measured) * 1000:.1f} ms, p95 {worst * 1000:.1f} ms")
            results.append(
                Result(
                    f"append → page, {options.runs} runs × {options.lines:,}, {title}",
                    f"p50 {median(measured) * 1000:.1f} ms, p95 {worst * 1000:.1f} ms",
                    "" if lines_per_second else f"p95 ≤ {LIMIT_SECONDS * 1000:.0f} ms",
                    None if lines_per_second else worst <= LIMIT_SECONDS,
                )
            )
    return results


def cost_results(options) -> list[Result]:
    costs = {}
    for lines in options.lengths:
        with Watched(voxsite(options), 1, lines) as watched:
            watched.wait_until_built()
            name = watched.names[0]
            for _ in range(10):
                watched.seconds_until_shown(name, watched.append(name), time.perf_counter())
            before = cpu_seconds_of(watched.process.pid)
            for _ in range(options.samples):
                watched.seconds_until_shown(name, watched.append(name), time.perf_counter())
                time.sleep(0.02)
            costs[lines] = (cpu_seconds_of(watched.process.pid) - before) / options.samples
            say(f"  {lines:,} lines: {costs[lines] * 1000:.2f} ms of CPU per append")
    shortest, longest = min(costs), max(costs)
    growth = costs[longest] / costs[shortest]
    return [
        Result(
            f"CPU per append, {longest:,} lines over {shortest:,}",
            f"{growth:.2f} ×",
            f"≤ {LIMIT_GROWTH:.1f} ×",
            growth <= LIMIT_GROWTH,
        )
    ] + [Result(f"  at {lines:,} lines", f"{cost * 1000:.2f} ms") for lines, cost in costs.items()]


def measure(options):
    return latency_results(options) + cost_results(options)


def extra(parser):
    parser.add_argument("--runs", type=int, default=100)
    parser.add_argument("--lines", type=int, default=10_000)
    parser.add_argument("--samples", type=int, default=200)
    parser.add_argument("--lengths", type=int, nargs="+", default=[1_000, 10_000, 100_000, 1_000_000])


if __name__ == "__main__":
    main(measure, __doc__, extra)
