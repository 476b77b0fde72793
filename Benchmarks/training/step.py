#!/usr/bin/env python3
"""One training step and one pass of VoxFormer at real size (wavlm-base, 2 × 5 s, 2 threads) against PyTorch's CPU,
and what it saves to keep the features of wavlm-base and wavlm-large.

Both programs run in turns, so that a busy neighbour hits both; the medians are over all repetitions but each run's first.
PyTorch is a peer only: without `torch` and `transformers` its side is left out. They are looked for in `--python`, and
`pip install torch transformers` into that environment brings them (2 GB).
"""

import os
import pathlib
import subprocess
import sys

# run.py starts each script by itself.
sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent))

from measuring import BrokenRun, Result, main, median, run_weighed

HERE = pathlib.Path(__file__).resolve().parent
ROUNDS, REPETITIONS = 3, 4


def python_with_torch() -> str | None:
    for candidate in (os.environ.get("VOXSITE_TORCH_PYTHON"), sys.executable):
        if candidate and subprocess.run(
                [candidate, "-c", "import torch, transformers"], capture_output=True).returncode == 0:
            return candidate
    return None


def run(command):
    usage = run_weighed(command, timeout=600)
    rows = [[float(field) for field in line.split("\t")[:3]] for line in usage.output.splitlines() if "\t" in line]
    if len(rows) != REPETITIONS:
        raise BrokenRun(f"{' '.join(command)} printed\n{usage.output[-500:]}")
    return rows[1:], usage.peak_mebibytes


def measure(options):
    program = options.binaries / "StepBenchmark"
    if not program.exists():
        raise BrokenRun(f"{program} is missing; run `swift build -c release --product StepBenchmark`")
    python = python_with_torch()
    if python is None:
        print("no torch and transformers here, so there is nothing to compare with; set VOXSITE_TORCH_PYTHON",
              file=sys.stderr)
    results = []
    whole = {}
    for case in ("stage1", "kept", "stage2", "forward", "large", "large-kept"):
        ours, theirs, peaks = [], [], ([], [])
        for _ in range(ROUNDS):
            rows, peak = run([str(program), case, str(REPETITIONS)])
            ours += rows
            peaks[0].append(peak)
            if python and case in ("stage1", "stage2", "forward"):
                rows, peak = run([python, str(HERE / "torch_step.py"), case, str(REPETITIONS)])
                theirs += rows
                peaks[1].append(peak)
        results += compared(case, ours, theirs, peaks)
        whole[case] = median(sum(row) for row in ours)
        computing = {"kept": "stage1", "large-kept": "large"}.get(case)
        if computing:
            gain = whole[computing] / whole[case]
            results.append(Result("  of the step that computes them", f"{gain:.2f} times as fast", "2.0", gain >= 2))
    return results


def compared(case, ours, theirs, peaks):
    def parts(rows):
        return [median(column) for column in zip(*rows)]

    def text(rows):
        forward, backward, optimizer = parts(rows)
        detail = f" ({forward:.2f} forward, {backward:.2f} backward, {optimizer:.2f} optimiser)" if backward else ""
        return f"{median(sum(row) for row in rows):.2f} s{detail}"

    name = {
        "stage1": "step of stage 1", "kept": "step with kept features", "stage2": "step of stage 2",
        "forward": "forward pass", "large": "step of stage 1 behind wavlm-large",
        "large-kept": "step with kept features of wavlm-large",
    }[case]
    results = [Result(name, f"{text(ours)}, {max(peaks[0]):.0f} MiB")]
    if theirs:
        ratio = median(sum(row) for row in theirs) / median(sum(row) for row in ours)
        memory = max(peaks[0]) / max(peaks[1])
        results += [
            Result("  PyTorch", f"{text(theirs)}, {max(peaks[1]):.0f} MiB"),
            Result("  times as fast", f"{ratio:.2f}", "1.0, aim 1.3", ratio >= 1),
            Result("  memory of PyTorch's", f"{memory:.2f}", "1.0", memory <= 1),
        ]
    return results


if __name__ == "__main__":
    sys.exit(main(measure, __doc__))
