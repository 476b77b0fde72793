#!/usr/bin/env python3
"""Every kernel that matters at real sizes: its rate, and its share of what a matrix product or a copy reaches.

The product and the copy are timed just before each kernel, so that a busy neighbour hits both.
"""

import sys

from measuring import BrokenRun, Result, main, run_weighed

# How wide the vectors are that the kernels were built for; the loader takes the widest the processor has.
WIDTHS = {"avx512f": "512-bit", "avx2": "256-bit"}


def vector_width() -> str:
    with open("/proc/cpuinfo") as file:
        flags = next((line.split() for line in file if line.startswith("flags")), [])
    return next((width for flag, width in WIDTHS.items() if flag in flags), "128-bit")


def measure(options):
    program = options.binaries / "KernelBenchmark"
    if not program.exists():
        raise BrokenRun(f"{program} is missing; run `swift build -c release --product KernelBenchmark`")
    results = [Result("vectors", vector_width())]
    for line in run_weighed([str(program)], timeout=900).output.splitlines():
        fields = line.split("\t")
        if len(fields) != 5:
            continue
        name, milliseconds, rate, unit, share = fields
        beside = "a matrix product" if unit == "GFLOP/s" else "a copy"
        results.append(
            Result(name, f"{float(milliseconds):9.3f} ms  {float(rate):6.1f} {unit:7}  {float(share):.2f} of {beside}")
        )
    return results


if __name__ == "__main__":
    sys.exit(main(measure, __doc__))
