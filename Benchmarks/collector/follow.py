#!/usr/bin/env python3
"""Follow mode: seconds from a line's write(2) to its being durable at the destination, and what waiting costs.

200 logs grow by one line a second each, in a random order. A line counts as durable when the journal says so,
which is written after the log's own fdatasync(2). Then all writers rest, and the processor time of voxsite and its
ssh processes is taken over 20 seconds. Memory is the peak of a process that follows 1,000 logs.
"""

import json
import os
import pathlib
import random
import shutil
import signal
import subprocess
import sys
import tempfile
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent))
from measuring import SCRATCH, BrokenRun, Result, main, median, percentile, say, voxsite  # noqa: E402
from ssh_host import SSHHost  # noqa: E402


def descendants(process_id):
    found, waiting = [], [process_id]
    while waiting:
        parent = waiting.pop()
        found.append(parent)
        try:
            for task in os.listdir(f"/proc/{parent}/task"):
                waiting += map(int, pathlib.Path(f"/proc/{parent}/task/{task}/children").read_text().split())
        except FileNotFoundError:
            pass
    return found


def cpu_seconds(process_id):
    total = 0
    for one in descendants(process_id):
        try:
            fields = pathlib.Path(f"/proc/{one}/stat").read_text().rsplit(")", 1)[1].split()
            total += int(fields[11]) + int(fields[12])
        except FileNotFoundError:
            pass
    return total / os.sysconf("SC_CLK_TCK")


def peak_mebibytes(process_id):
    for line in pathlib.Path(f"/proc/{process_id}/status").read_text().splitlines():
        if line.startswith("VmHWM:"):
            return int(line.split()[1]) / 1024
    raise BrokenRun("the process has ended")


class Journal:
    """Reads what the collector's journal says of each file."""

    def __init__(self, root):
        self.path, self.offset, self.rest = root / ".voxsite" / "journal.jsonl", 0, b""
        # The newest entry of each file, and how much of it is durable.
        self.entries, self.synced = {}, {}

    def read(self):
        try:
            with open(self.path, "rb") as file:
                if os.fstat(file.fileno()).st_size < self.offset:
                    self.offset, self.rest = 0, b""
                file.seek(self.offset)
                data = file.read()
        except FileNotFoundError:
            return
        self.offset += len(data)
        *complete, self.rest = (self.rest + data).split(b"\n")
        for line in complete:
            entry = json.loads(line)
            if "path" in entry:
                self.entries[entry["path"]] = entry
                self.synced[entry["path"]] = entry.get("synced", 0)


class Followed:
    def __init__(self, options, count, host=None, lines=50):
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="followed-", dir=SCRATCH))
        self.source, self.target = self.folder / "source", self.folder / "target"
        self.target.mkdir()
        self.sizes = {}
        for number in range(count):
            path = self.source / f"run-{number:04}" / "metrics.jsonl"
            path.parent.mkdir(parents=True)
            path.write_bytes(b"".join(self.line(step) for step in range(lines)))
            self.sizes[str(path.relative_to(self.source))] = path.stat().st_size
        command = (
            host.voxsite(f"{self.source}/", f"{self.target}/", "-r", "--follow", scheme="sftp")
            if host
            else [voxsite(options), "sync", "-q", "-r", "--follow", f"{self.source}/", f"{self.target}/"]
        )
        self.log = open(self.folder / "log.txt", "wb")
        self.process = subprocess.Popen(command, stdout=self.log, stderr=self.log, stdin=subprocess.DEVNULL)
        self.journal = Journal(self.target)

    @staticmethod
    def line(step):
        return json.dumps({"time": time.time(), "step": step, "train/loss": 1 / (step + 1), "x": "y" * 100}).encode() + b"\n"

    def wait(self, patience=90):
        end = time.monotonic() + patience
        while time.monotonic() < end:
            self.journal.read()
            if all(self.journal.synced.get(path, -1) >= size for path, size in self.sizes.items()):
                return
            if self.process.poll() is not None:
                break
            time.sleep(0.05)
        raise BrokenRun("not followed: " + (self.folder / "log.txt").read_text(errors="replace")[-1500:])

    def latencies(self, seconds):
        paths = list(self.sizes)
        descriptors = {path: os.open(self.source / path, os.O_WRONLY | os.O_APPEND) for path in paths}
        source, waiting, measured, step = random.Random(3), {}, [], 1000
        interval, end = 1 / len(paths), time.perf_counter() + seconds
        order, due = [], time.perf_counter()
        while time.perf_counter() < end or waiting:
            moment = time.perf_counter()
            while due <= moment and moment < end:
                if not order:
                    order = source.sample(paths, len(paths))
                    step += 1
                path = order.pop()
                data = self.line(step)
                start = time.perf_counter()
                os.write(descriptors[path], data)
                self.sizes[path] += len(data)
                waiting.setdefault(path, []).append((self.sizes[path], start))
                due += interval
            self.journal.read()
            moment = time.perf_counter()
            for path in list(waiting):
                synced = self.journal.synced.get(path, 0)
                measured += [moment - start for size, start in waiting[path] if size <= synced]
                waiting[path] = [(size, start) for size, start in waiting[path] if size > synced]
                if not waiting[path]:
                    del waiting[path]
            if moment > end + 30:
                raise BrokenRun(f"{len(waiting)} logs never became durable")
            time.sleep(0.005)
        for descriptor in descriptors.values():
            os.close(descriptor)
        return measured

    def idle_share(self, seconds=20):
        time.sleep(10)
        before = cpu_seconds(self.process.pid)
        time.sleep(seconds)
        return (cpu_seconds(self.process.pid) - before) / seconds

    def check(self):
        for path in self.sizes:
            if (self.source / path).read_bytes() != (self.target / path).read_bytes():
                raise BrokenRun(f"{path} differs")

    def close(self):
        self.process.send_signal(signal.SIGTERM)
        try:
            self.process.wait(20)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        self.log.close()
        shutil.rmtree(self.folder, ignore_errors=True)


def latency_results(options, title, limit, host):
    followed = Followed(options, options.files, host)
    try:
        followed.wait()
        measured = followed.latencies(options.seconds)
        worst = percentile(measured, 0.95)
        say(f"  {title}: p50 {median(measured):.3f} s, p95 {worst:.3f} s")
        idle = followed.idle_share()
        followed.check()
    finally:
        followed.close()
    return [
        Result(
            f"write → durable, {options.files} logs, 1 line/s each, {title}",
            f"p50 {median(measured):.3f} s, p95 {worst:.3f} s",
            f"p95 ≤ {limit:.0f} s",
            worst <= limit,
        ),
        Result(f"  idle, {title}", f"{100 * idle:.2f} % of a core", "≤ 2 %", idle <= 0.02),
    ]


def measure(options):
    results = latency_results(options, "local", 1, None)
    host = SSHHost(voxsite(options))
    try:
        results += latency_results(options, "sftp", 3, host)
        followed = Followed(options, 1_000, host, lines=200)
        try:
            followed.wait(patience=180)
            followed.latencies(10)
            peak = peak_mebibytes(followed.process.pid)
        finally:
            followed.close()
    finally:
        host.close()
    results.append(Result("peak memory, 1,000 logs over sftp", f"{peak:.0f} MiB", "≤ 100 MB", peak * 1.048576 <= 100))
    return results


def extra(parser):
    parser.add_argument("--files", type=int, default=200)
    parser.add_argument("--seconds", type=float, default=20)


if __name__ == "__main__":
    main(measure, __doc__, extra)
