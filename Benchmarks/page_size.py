#!/usr/bin/env python3
"""How large the page of a million-line run is, plain and gzipped, and whether its charts keep single spikes.

The run has three one-point spikes among its million. The page names the largest value of `loss`, so the spike's
value must stand in it; that its point is in the drawn path at any place is a property test of the charts.
"""

import gzip
import pathlib
import re
import tempfile

from generate_run import SPIKE, write_run
from measuring import SCRATCH, BrokenRun, Result, main, run_weighed, voxsite

RAW_LIMIT = 300_000
GZIP_LIMIT = 60_000


def measure(options):
    runs = SCRATCH / f"runs-spikes-{options.lines}"
    if not runs.with_suffix(".complete").exists():
        write_run(runs / "bench-000", options.lines, seed=1, spikes=3)
        runs.with_suffix(".complete").touch()
    with tempfile.TemporaryDirectory(dir=SCRATCH) as folder:
        site = pathlib.Path(folder) / "site"
        run_weighed([voxsite(options), "build", "-q", "-r", str(runs), "-o", str(site)])
        page = site / "runs" / "bench-000" / "index.html"
        raw = page.read_bytes()
        twin = pathlib.Path(f"{page}.gz")
        published = twin.stat().st_size if twin.exists() else None
        if published is not None and gzip.decompress(twin.read_bytes()) != raw:
            raise BrokenRun(f"{twin} does not unpack to {page}")
        files = [path for path in site.rglob("*") if path.is_file()]
        total = sum(path.stat().st_size for path in files)
    zipped = published or len(gzip.compress(raw, 9))
    paths = re.findall(rb'<path[^>]* d="([^"]*)"', raw)
    largest = max((len(path) for path in paths), default=0)
    spike_shown = re.search(rb"\b%d\b" % int(SPIKE), raw) is not None
    return [
        Result(
            f"page of {options.lines:,} lines, gzipped",
            f"{zipped / 1000:.1f} kB",
            f"≤ {GZIP_LIMIT // 1000} kB",
            zipped <= GZIP_LIMIT,
        ),
        Result("  raw", f"{len(raw) / 1000:.1f} kB", f"≤ {RAW_LIMIT // 1000} kB", len(raw) <= RAW_LIMIT),
        Result("  one-point spikes shown", "yes" if spike_shown else "no", "yes", spike_shown),
        Result(f"  {len(paths)} paths, the longest", f"{largest / 1000:.1f} kB"),
        Result(f"  whole site, {len(files)} files", f"{total / 1e6:.2f} MB"),
    ]


def extra(parser):
    parser.add_argument("--lines", type=int, default=1_000_000)


if __name__ == "__main__":
    main(measure, __doc__, extra)
