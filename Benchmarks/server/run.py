#!/usr/bin/env python3
"""Requests per second of voxsite's server against nginx's, for the same files, on loopback.

    Benchmarks/server/run.py [--binary .build/release/voxsite] [--seconds 3] [--rounds 3] [--json]

Both servers run with two workers on the same machine as the load (wrk), round by round in turn, so that
whatever else the machine does weighs on both. nginx gets a configuration of its own: sendfile, gzip_static,
no access log (voxsite writes none either). The target is a ratio of at least 0.5 for every file.
"""
import argparse
import gzip
import json
import os
import random
import re
import shutil
import signal
import socket
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.request

NGINX = """
worker_processes 2;
daemon off;
pid {work}/nginx.pid;
error_log {work}/error.log;
events {{ worker_connections 512; }}
http {{
  access_log off; sendfile on; tcp_nopush on; keepalive_requests 1000000;
  types {{ text/html html; text/css css; video/mp4 mp4; }}
  client_body_temp_path {work}/a; proxy_temp_path {work}/b; fastcgi_temp_path {work}/c;
  uwsgi_temp_path {work}/d; scgi_temp_path {work}/e;
  server {{ listen 127.0.0.1:{port}; root {site}; gzip_static on; etag on; }}
}}
"""


def make_site(folder):
    """A small style sheet, a page of 300 kB with its gzip twin of about 60 kB, and a clip of 1 MiB."""
    rng = random.Random(1)
    with open(f"{folder}/small.css", "wb") as file:
        file.write(b"body{color:#123}\n" * 60)
    path = "".join(f"{rng.randint(-99, 99)} " for _ in range(100_000)).encode()[:300_000]
    page = b"<!doctype html><title>x</title><!--build-status--><svg><path d='" + path + b"'/></svg>"
    page = page[: 300_000]
    low, high = 1_000, len(page)
    while high - low > 500:  # the length whose gzip coding takes 60 kB
        middle = (low + high) // 2
        if len(gzip.compress(page[:middle], 9)) > 60_000:
            high = middle
        else:
            low = middle
    page = page[:low]
    with open(f"{folder}/index.html", "wb") as file:
        file.write(page)
    with open(f"{folder}/index.html.gz", "wb") as file:
        file.write(gzip.compress(page, 9, mtime=0))
    with open(f"{folder}/clip.mp4", "wb") as file:
        file.write(rng.randbytes(1 << 20))


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def wait_for(url, process):
    for _ in range(100):
        if process.poll() is not None:
            sys.exit(f"the server for {url} ended with status {process.returncode}")
        try:
            with urllib.request.urlopen(url, timeout=1):
                return
        except OSError:
            time.sleep(0.05)
    sys.exit(f"{url} does not answer")


def load(url, seconds, gzipped):
    command = ["wrk", "-t1", "-c16", f"-d{seconds}s", url]
    if gzipped:
        command += ["-H", "Accept-Encoding: gzip"]
    text = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    if "Non-2xx" in text or "Socket errors" in text:
        sys.exit(f"{url}: {text}")
    return float(re.search(r"Requests/sec:\s+([\d.]+)", text)[1])


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--binary", default=".build/release/voxsite")
    parser.add_argument("--command", help="instead of `BINARY serve`; {site} and {port} are replaced")
    parser.add_argument("--seconds", type=int, default=3)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    for tool in ["nginx", "wrk"]:
        if not (shutil.which(tool) or os.path.exists(f"/usr/sbin/{tool}")):
            sys.exit(f"{tool} is missing: apt-get install nginx-light wrk")
    command = options.command or f"{options.binary} serve -q --host 127.0.0.1 --port {{port}} {{site}}"

    # The folder must be readable for nginx's workers, which are not root.
    work = tempfile.mkdtemp(prefix="voxsite-bench-")
    os.chmod(work, 0o755)
    site = f"{work}/site"
    os.mkdir(site)
    make_site(site)
    ports = {"nginx": free_port(), "voxsite": free_port()}
    with open(f"{work}/nginx.conf", "w") as file:
        file.write(NGINX.format(work=work, site=site, port=ports["nginx"]))
    nginx = shutil.which("nginx") or "/usr/sbin/nginx"
    servers = []
    try:
        for arguments in [
            [nginx, "-c", f"{work}/nginx.conf", "-e", f"{work}/error.log"],
            [word.format(site=site, port=ports["voxsite"]) for word in command.split()],
        ]:
            servers.append(subprocess.Popen(arguments, stdout=subprocess.DEVNULL, stderr=sys.stderr))
        for server, port in zip(servers, ports.values()):
            wait_for(f"http://127.0.0.1:{port}/small.css", server)
        results = {}
        for name, path, gzipped in [
            ("1 kB css", "small.css", False),
            ("60 kB html.gz", "index.html", True),
            ("1 MiB mp4", "clip.mp4", False),
        ]:
            rates = {server: [] for server in ports}
            for port in ports.values():
                load(f"http://127.0.0.1:{port}/{path}", 1, gzipped)  # warm
            for _ in range(options.rounds):
                for server, port in ports.items():
                    rates[server].append(load(f"http://127.0.0.1:{port}/{path}", options.seconds, gzipped))
            medians = {server: statistics.median(values) for server, values in rates.items()}
            medians["ratio"] = medians["voxsite"] / medians["nginx"]
            results[name] = medians
    finally:
        for server in servers:
            server.send_signal(signal.SIGTERM)
        for server in servers:
            server.wait(20)
        shutil.rmtree(work)

    if options.json:
        print(json.dumps(results, indent=1))
    else:
        print(f"{'file':<16}{'nginx/s':>12}{'voxsite/s':>12}{'ratio':>8}")
        for name, row in results.items():
            print(f"{name:<16}{row['nginx']:>12,.0f}{row['voxsite']:>12,.0f}{row['ratio']:>8.2f}")
    sys.exit(0 if all(row["ratio"] >= 0.5 for row in results.values()) else 1)


if __name__ == "__main__":
    main()
