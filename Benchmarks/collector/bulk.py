#!/usr/bin/env python3
"""How long one large file takes: voxsite sync against scp at 50 ms and 1 % loss, and against rsync on loopback.

The file is random bytes, as a checkpoint nearly is. Both programs fetch it over ssh from the same sshd, in turn;
voxsite is also charged for its SHA-256 on both sides, which scp does not do. Seconds of the whole process.
"""

import os
import pathlib
import shutil
import sys
import tempfile

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent))
from measuring import SCRATCH, BrokenRun, Result, main, median, run_weighed, say, voxsite  # noqa: E402
from ssh_host import Link, SSHHost  # noqa: E402


def compare(host, source, rounds, peer_name, peer_command):
    seconds = {"voxsite": [], peer_name: []}
    for number in range(rounds):
        for name in seconds:
            with tempfile.TemporaryDirectory(dir=SCRATCH) as folder:
                target = f"{folder}/copy.bin"
                command = host.voxsite(source, target) if name == "voxsite" else peer_command(source, target)
                seconds[name].append(run_weighed(command, timeout=900).wall_seconds)
                if os.path.getsize(target) != os.path.getsize(source):
                    raise BrokenRun(f"{name} left {target} incomplete")
        say(f"  round {number + 1}: " + ", ".join(f"{name} {values[-1]:.2f} s" for name, values in seconds.items()))
    return median(seconds["voxsite"]), median(seconds[peer_name])


def measure(options):
    folder = pathlib.Path(tempfile.mkdtemp(prefix="bulk-", dir=SCRATCH))
    source = folder / "checkpoint.bin"
    with open(source, "wb") as file:
        for _ in range(options.mebibytes):
            file.write(os.urandom(1 << 20))
    results = []
    try:
        host = SSHHost(voxsite(options))
        try:
            own, peer = compare(host, source, options.rounds, "rsync", lambda a, b: host.rsync(a, b, "-W"))
        finally:
            host.close()
        ratio = peer / own
        results.append(
            Result(
                f"{options.mebibytes} MiB, loopback",
                f"{ratio:.2f} × the speed of rsync -e ssh ({own:.2f} and {peer:.2f} s)",
                "≥ 1.00 ×",
                ratio >= 1,
            )
        )
        if os.geteuid() != 0:
            say("  the slow link is skipped: it needs root, for network namespaces")
            return results
        link = Link(options.round_trip, options.loss)
        try:
            host = SSHHost(voxsite(options), link)
            try:
                own, peer = compare(host, source, options.slow_rounds, "scp", host.scp)
            finally:
                host.close()
        finally:
            link.close()
        ratio = peer / own
        results.append(
            Result(
                f"{options.mebibytes} MiB, {options.round_trip:.0f} ms, {options.loss:.0f} % loss",
                f"{ratio:.2f} × the speed of scp ({own:.1f} and {peer:.1f} s)",
                "≥ 0.90 ×",
                ratio >= 0.9,
            )
        )
        return results
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def extra(parser):
    parser.add_argument("--mebibytes", type=int, default=1024)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--slow-rounds", type=int, default=1)
    parser.add_argument("--round-trip", type=float, default=50)
    parser.add_argument("--loss", type=float, default=1)


if __name__ == "__main__":
    main(measure, __doc__, extra)
