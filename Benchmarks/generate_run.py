#!/usr/bin/env python3
"""Writes runs to measure with: the same bytes for the same options, on every machine.

The log is what a Python trainer writes with `json.dumps(row, separators=(",", ":"))`: doubles with all their
digits, a wall-clock time, steps, epochs and seven series. A million lines are 215 MB and take about 7 s.

    generate_run.py OUT                          one run of 1,000,000 lines
    generate_run.py OUT --runs 100 --lines 10000
    generate_run.py OUT --spikes 3               three one-point spikes of `loss`, at steps that are printed
    generate_run.py OUT --prefixed               keys as voxsite's own trainer writes them (train/loss, …): 268 MB
"""

import argparse
import json
import math
import pathlib
import random

PLAIN = ["loss", "ctc_loss", "ce_loss", "lr", "grad_norm", "steps_per_second", "gpu_util"]
PREFIXED = [
    "train/loss",
    "train/ctc_loss",
    "train/ce_loss",
    "train/learning_rate",
    "train/grad_norm",
    "train/steps_per_second",
    "system/gpu_util",
]
SECONDS_PER_STEP = 0.256
START = 1_765_467_060.0
SPIKE = 963.0


def line_template(names: list[str]) -> str:
    keys = ",".join(f'"{name}":%{"d" if name.endswith("gpu_util") else "r"}' for name in names)
    return '{"time":%r,"step":%d,"epoch":%d,' + keys + "}\n"


def lines(count: int, seed: int, names: list[str], stride: int, spikes: set[int], epoch_lines: int):
    """Line by line: a loss that falls as a power law under noise, and what goes with it."""
    source = random.Random(seed)
    draw = source.random
    template = line_template(names)
    warmup = max(1, count // 20)
    for index in range(count):
        # Three uniform draws make noise with a bell shape at a third of the cost of gauss().
        noise = draw() + draw() + draw() - 1.5
        level = 0.9 + 6.0 / math.sqrt(1.0 + index / 400.0)
        ctc = level * (0.45 + 0.02 * noise)
        ce = level * (1.25 + 0.05 * draw())
        loss = SPIKE if index in spikes else 0.3 * ctc + 0.7 * ce
        rate = 3e-4 * min(1.0, (index + 1) / warmup) * math.sqrt(warmup / max(index + 1, warmup))
        yield template % (
            round(START + index * stride * SECONDS_PER_STEP, 2),
            index * stride,
            index // epoch_lines,
            loss,
            ctc,
            ce,
            round(rate, 9),
            0.4 + level * 0.1 * (1.0 + noise * 0.3),
            round(1.0 / (SECONDS_PER_STEP + 0.01 * noise), 2),
            90 + int(draw() * 10),
        )


def write_run(
    folder: pathlib.Path,
    count: int,
    seed: int,
    prefixed: bool = False,
    stride: int = 1,
    spikes: int = 0,
) -> list[int]:
    """Writes one run folder and returns the steps of its spikes."""
    folder.mkdir(parents=True, exist_ok=True)
    epochs = 5
    chosen = set(random.Random(seed + 1).sample(range(count), min(spikes, count)))
    plan = {
        "schema": 1,
        "id": folder.name,
        "name": f"Benchmark {folder.name}",
        "engine": "benchmark",
        "started": START,
        "total_epochs": epochs,
        "steps_per_epoch": max(1, count * stride // epochs),
        "config": {"lines": count, "seed": seed, "optimizer": {"name": "adamw", "betas": [0.9, 0.98]}},
    }
    (folder / "run.json").write_text(json.dumps(plan) + "\n")
    names = PREFIXED if prefixed else PLAIN
    temporary = folder / "metrics.jsonl.part"
    with open(temporary, "w", encoding="ascii", buffering=1 << 20) as file:
        file.writelines(lines(count, seed, names, stride, chosen, max(1, count // epochs)))
    temporary.rename(folder / "metrics.jsonl")
    return sorted(index * stride for index in chosen)


def prepared(base: pathlib.Path, runs: int, count: int, stride: int = 1) -> pathlib.Path:
    """A folder of runs, written once and reused; `base` is where such folders are kept."""
    folder = base / f"runs-{runs}x{count}x{stride}"
    if not folder.with_suffix(".complete").exists():
        for number in range(runs):
            write_run(folder / f"bench-{number:03}", count, seed=number + 1, stride=stride)
        folder.with_suffix(".complete").touch()
    return folder


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("out", type=pathlib.Path, help="the folder of runs to write into")
    parser.add_argument("--runs", type=int, default=1)
    parser.add_argument("--lines", type=int, default=1_000_000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--stride", type=int, default=1, help="steps between lines")
    parser.add_argument("--spikes", type=int, default=0, help="one-point spikes per run")
    parser.add_argument("--prefixed", action="store_true", help="keys with train/ and system/")
    options = parser.parse_args()
    for number in range(options.runs):
        name = f"bench-{number:03}"
        spikes = write_run(
            options.out / name,
            options.lines,
            options.seed + number,
            options.prefixed,
            options.stride,
            options.spikes,
        )
        if spikes:
            print(f"{name}: spikes of {SPIKE} at steps {', '.join(map(str, spikes))}")
