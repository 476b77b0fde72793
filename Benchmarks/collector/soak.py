#!/usr/bin/env python3
"""Months of trouble in minutes: a follower is killed, cut off and lied to, and must have every byte in the end.

    soak.py [--binaries DIR] [--seconds 600] [--seed 1]

Trainers append to logs on an ssh host; now and then one truncates, rotates or rewrites its log, or starts it anew
under the same inode. Meanwhile the collector is killed (SIGKILL) at random moments, the connections of sshd are cut
or frozen, and, where root allows network namespaces, the network is parted. An oracle keeps what every log was,
generation by generation. At the end each generation and each log here must equal it byte for byte.

A log is destroyed only after the journal says that the collector has it: what nobody collected nobody can keep.
"""

import argparse
import json
import os
import pathlib
import random
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent))
from measuring import ROOT, SCRATCH, BrokenRun, say  # noqa: E402
from ssh_host import Link, SSHHost, checked  # noqa: E402
from follow import Journal, descendants  # noqa: E402


class Trainer:
    """One log with what it has been: a list of generations, the last still growing."""

    def __init__(self, path: pathlib.Path, seed: int):
        self.path, self.random, self.step = path, random.Random(seed), 0
        self.generations = [b""]
        path.parent.mkdir(parents=True)
        path.touch()

    def line(self) -> bytes:
        self.step += 1
        row = {"time": time.time(), "step": self.step, "train/loss": self.random.random(), "pad": "x" * self.random.randrange(400)}
        return json.dumps(row).encode() + b"\n"

    def append(self):
        data = b"".join(self.line() for _ in range(self.random.randint(1, 20)))
        # Now and then half a line first, as a reader may see it.
        cut = self.random.randrange(1, len(data)) if self.random.random() < 0.3 else len(data)
        for part in (data[:cut], data[cut:]):
            with open(self.path, "ab", buffering=0) as file:
                file.write(part)
            time.sleep(self.random.random() * 0.02)
        self.generations[-1] += data

    def destroy(self) -> str:
        """Ends a generation in one of the ways trainers and operators do."""
        way = self.random.choice(["truncate", "rotate", "replace", "rewrite"])
        self.generations.append(b"")
        # What follows differs from what was from its first line on, as it does in life: lines carry their time.
        fresh = b"".join(self.line() for _ in range(self.random.randint(1, 60)))
        if way == "truncate":
            with open(self.path, "r+b") as file:
                file.truncate(0)
            with open(self.path, "ab", buffering=0) as file:
                file.write(fresh)
        elif way == "rotate":
            old = self.path.with_name(self.path.name + ".1")
            old.unlink(missing_ok=True)
            self.path.rename(old)
            self.path.write_bytes(fresh)
        elif way == "replace":
            beside = self.path.with_name("." + self.path.name + ".new")
            beside.write_bytes(fresh)
            beside.replace(self.path)
        else:
            # The same length, if it can be: the quick check of size and whole seconds does not see that.
            with open(self.path, "r+b") as file:
                size = os.fstat(file.fileno()).st_size
                while len(fresh) < size:
                    fresh += self.line()
                file.truncate(0)
                file.write(fresh)
        self.generations[-1] = fresh
        return way


class Collector:
    """`voxsite sync --follow`, started again whenever it was killed."""

    def __init__(self, host, source, target, log):
        self.command = host.voxsite(f"{source}/", f"{target}/", "-r", "--follow", "--timeout=5", "--contimeout=5")
        self.log, self.process, self.starts = log, None, 0
        self.start()

    def start(self):
        self.process = subprocess.Popen(self.command, stdout=self.log, stderr=self.log, stdin=subprocess.DEVNULL)
        self.starts += 1

    def kill(self):
        for process in reversed(descendants(self.process.pid)):
            try:
                os.kill(process, signal.SIGKILL)
            except ProcessLookupError:
                pass
        self.process.wait()
        self.start()

    def stop(self):
        self.process.send_signal(signal.SIGTERM)
        self.process.wait(60)


def sessions(host):
    return [one for one in descendants(host.process.pid) if one != host.process.pid]


def disturb(kind, source, host, collector, link):
    if kind == "kill":
        collector.kill()
    elif kind == "cut":
        for one in sessions(host):
            os.kill(one, signal.SIGKILL)
    elif kind == "freeze":
        frozen = sessions(host)
        for one in frozen:
            os.kill(one, signal.SIGSTOP)
        time.sleep(source.uniform(1, 8))
        for one in frozen:
            try:
                os.kill(one, signal.SIGCONT)
            except ProcessLookupError:
                pass
    elif kind == "part" and link:
        checked(["ip", "-n", link.server, "link", "set", "tb", "down"])
        time.sleep(source.uniform(1, 8))
        checked(["ip", "-n", link.server, "link", "set", "tb", "up"])


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--binaries", type=pathlib.Path, default=ROOT / ".build" / "release")
    parser.add_argument("--seconds", type=float, default=600)
    parser.add_argument("--logs", type=int, default=20)
    parser.add_argument("--seed", type=int, default=int(time.time()))
    options = parser.parse_args()
    SCRATCH.mkdir(exist_ok=True)
    print(f"seed {options.seed}, {options.seconds:.0f} s, {options.logs} logs", flush=True)
    source = random.Random(options.seed)
    folder = pathlib.Path(tempfile.mkdtemp(prefix="soak-", dir=SCRATCH))
    link = Link(20, 0.5) if os.geteuid() == 0 else None
    if link is None:
        say("no root: the network is not parted in this run")
    host = SSHHost(str(options.binaries / "voxsite"), link)
    trainers = [
        Trainer(folder / "source" / f"run-{number:02}" / "metrics.jsonl", options.seed + number)
        for number in range(options.logs)
    ]
    target = folder / "target"
    target.mkdir()
    log = open(folder / "collector.txt", "wb")
    collector = Collector(host, folder / "source", target, log)
    journal, stop, destroyed = Journal(target), threading.Event(), {}
    lock = threading.Lock()

    def write(part):
        chooser = random.Random(options.seed + id(part) % 1000)
        while not stop.is_set():
            trainer = chooser.choice(part)
            trainer.append()
            if chooser.random() < 0.01:
                name = str(trainer.path.relative_to(folder / "source"))
                generation = len(trainer.generations)
                for _ in range(600):
                    with lock:
                        journal.read()
                        known = journal.entries.get(name, {})
                    if known.get("synced") == len(trainer.generations[-1]) and known.get("generation", 0) + 1 == generation:
                        way = trainer.destroy()
                        destroyed[way] = destroyed.get(way, 0) + 1
                        break
                    if stop.wait(0.1):
                        break
            time.sleep(chooser.random() * 0.05)

    parts = [trainers[index::4] for index in range(4)]
    writers = [threading.Thread(target=write, args=(part,)) for part in parts]
    for writer in writers:
        writer.start()
    troubles, end = {}, time.monotonic() + options.seconds
    try:
        while time.monotonic() < end:
            time.sleep(source.uniform(0.2, 6))
            kind = source.choice(["kill", "kill", "cut", "freeze"] + (["part"] if link else []))
            disturb(kind, source, host, collector, link)
            troubles[kind] = troubles.get(kind, 0) + 1
            if collector.process.poll() is not None:
                raise BrokenRun(f"the collector ended by itself with {collector.process.returncode}")
        stop.set()
        for writer in writers:
            writer.join()
        patience = time.monotonic() + 120
        while time.monotonic() < patience:
            if all(
                (target / trainer.path.relative_to(folder / "source")).exists()
                and (target / trainer.path.relative_to(folder / "source")).stat().st_size == len(trainer.generations[-1])
                for trainer in trainers
            ):
                break
            time.sleep(0.2)
        collector.stop()
        wrong = []
        for trainer in trainers:
            mirror = target / trainer.path.relative_to(folder / "source")
            here = sorted(mirror.parent.glob("metrics.jsonl.gen*")) + [mirror]
            found = [path.read_bytes() for path in here if path.exists()]
            if found != trainer.generations:
                wrong.append(
                    f"{mirror}: {[len(one) for one in found]} bytes here, {[len(one) for one in trainer.generations]} written"
                )
        total = sum(len(one) for trainer in trainers for one in trainer.generations)
        print(f"troubles: {troubles}; ends of logs: {destroyed}; {total:,} bytes; {collector.starts} starts")
        if wrong:
            print("\n".join(wrong))
            print(f"kept for inspection: {folder}")
            return 1
        print("every log and every generation equals what was written")
        shutil.rmtree(folder, ignore_errors=True)
        return 0
    finally:
        stop.set()
        if collector.process.poll() is None:
            collector.process.kill()
        host.close()
        if link:
            link.close()
        log.close()


if __name__ == "__main__":
    try:
        sys.exit(main())
    except BrokenRun as problem:
        say(f"broken run: {problem}")
        sys.exit(1)
    except KeyboardInterrupt:
        sys.exit(130)
