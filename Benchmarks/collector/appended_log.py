#!/usr/bin/env python3
"""A log of 100 MB that has grown by 1 MB: bytes on the wire and seconds, against `rsync --append-verify`.

Both go through a proxy on loopback that counts what passes in either direction. Both start from the same copy of
the first 100 MB; voxsite has its journal of it, as a collector has.
"""

import asyncio
import json
import os
import pathlib
import shutil
import sys
import tempfile
import threading

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent))
from measuring import SCRATCH, Result, main, median, run_weighed, say, voxsite  # noqa: E402
from ssh_host import SSHHost, free_port  # noqa: E402


class CountingProxy:
    """Passes connections on to a port and counts the bytes."""

    def __init__(self, target: int):
        self.port, self.target, self.bytes = free_port(), target, 0
        self.loop = asyncio.new_event_loop()
        ready = threading.Event()
        threading.Thread(target=self.run, args=(ready,), daemon=True).start()
        ready.wait()

    def run(self, ready):
        asyncio.set_event_loop(self.loop)
        self.loop.run_until_complete(asyncio.start_server(self.serve, "127.0.0.1", self.port))
        ready.set()
        self.loop.run_forever()

    async def serve(self, reader, writer):
        onward_reader, onward_writer = await asyncio.open_connection("127.0.0.1", self.target)

        async def pump(source, sink):
            try:
                while data := await source.read(1 << 18):
                    self.bytes += len(data)
                    sink.write(data)
                    await sink.drain()
            except ConnectionError:
                pass
            finally:
                sink.close()

        await asyncio.gather(pump(reader, onward_writer), pump(onward_reader, writer))


def lines(count, start):
    return b"".join(
        json.dumps({"time": 1.7e9 + step, "step": step, "train/loss": 1 / (step + 1)}).encode() + b"\n"
        for step in range(start, start + count)
    )


def measure(options):
    folder = pathlib.Path(tempfile.mkdtemp(prefix="appended-", dir=SCRATCH))
    source = folder / "source" / "run"
    source.mkdir(parents=True)
    block = lines(20_000, 0)
    before = block * (100_000_000 // len(block))
    tail = lines(20_000, 20_000)[:1_000_000]
    host = SSHHost(voxsite(options))
    proxy = CountingProxy(host.port)
    host.ssh = host.ssh.replace(f"-p {host.port}", f"-p {proxy.port}") + " -o HostKeyAlias=[127.0.0.1]:" + str(host.port)
    host.hosts.write_text(host.hosts.read_text().replace(f":{host.port}\n", f":{proxy.port}\n"))
    wire, seconds = {"voxsite": [], "rsync": []}, {"voxsite": [], "rsync": []}
    try:
        for number in range(options.rounds):
            for name in wire:
                (source / "metrics.jsonl").write_bytes(before)
                target = folder / f"{name}-{number}"
                target.mkdir()
                first = (
                    host.voxsite(f"{folder}/source/", f"{target}/", "-r")
                    if name == "voxsite"
                    else host.rsync(f"{folder}/source/", f"{target}/", "-r")
                )
                run_weighed(first)
                with open(source / "metrics.jsonl", "ab") as file:
                    file.write(tail)
                proxy.bytes = 0
                again = (
                    host.voxsite(f"{folder}/source/", f"{target}/", "-r")
                    if name == "voxsite"
                    else host.rsync(f"{folder}/source/", f"{target}/", "-r", "--append-verify")
                )
                seconds[name].append(run_weighed(again).wall_seconds)
                wire[name].append(proxy.bytes)
                assert (target / "run/metrics.jsonl").read_bytes() == before + tail, f"{name} lost something"
                shutil.rmtree(target)
            say(
                f"  round {number + 1}: "
                + ", ".join(f"{name} {wire[name][-1]:,} bytes in {seconds[name][-1]:.2f} s" for name in wire)
            )
    finally:
        host.close()
        shutil.rmtree(folder, ignore_errors=True)
    own, peer = median(wire["voxsite"]), median(wire["rsync"])
    own_seconds, peer_seconds = median(seconds["voxsite"]), median(seconds["rsync"])
    return [
        Result(
            "100 MB log + 1 MB, bytes on the wire",
            f"{own / peer:.3f} × rsync --append-verify ({own:,.0f} and {peer:,.0f})",
            "< 1 ×",
            own < peer,
        ),
        Result(
            "100 MB log + 1 MB, seconds",
            f"{own_seconds / peer_seconds:.2f} × rsync --append-verify ({own_seconds:.2f} and {peer_seconds:.2f} s)",
            "< 1 ×",
            own_seconds < peer_seconds,
        ),
    ]


def extra(parser):
    parser.add_argument("--rounds", type=int, default=3)


if __name__ == "__main__":
    main(measure, __doc__, extra)
