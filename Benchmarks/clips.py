#!/usr/bin/env python3
"""Talking-head clips: ten seconds with each avatar at 512 and 256 pixels, and the memory of ten minutes at 512.

Everything is in: planning the motion, drawing, encoding, the pictures beside the clip. The processor time is there
because a busy neighbour stretches the clock, not the work.
"""

import sys
from pathlib import Path

from measuring import BrokenRun, Result, main, run_weighed

ROOT = Path(__file__).resolve().parent.parent
FIXTURES = ROOT / "Tests" / "AvatarTests" / "Fixtures"


def rows(options, *wanted):
    program = options.binaries / "ClipBenchmark"
    if not program.exists():
        raise BrokenRun(f"{program} is missing; run `swift build -c release --product ClipBenchmark`")
    command = [str(program), str(ROOT / "avatars"), str(FIXTURES / "english.ogg"), str(FIXTURES / "english.phonemes")]
    for line in run_weighed(command + list(wanted), timeout=900).output.splitlines():
        fields = line.split("\t")
        if len(fields) == 10:
            yield fields[0], int(fields[1]), [float(field) for field in fields[2:]]


def measure(options):
    results = []
    for name, size, numbers in rows(options, "10", "512,256"):
        factor, user, first, picture, _, _, correlation, lag = numbers
        limit = 0.5 if size > 256 else 0.2
        results.append(
            Result(
                f"{name} {size} px",
                f"real-time factor {factor:.2f} (processor {user:.2f}), first picture {first:4.0f} ms, "
                f"{picture:5.1f} ms a picture, sync {correlation:.2f} lag {lag:+.0f}",
                f"≤ {limit}, ≤ 1000 ms, ≥ 0.5, ±1",
                factor <= limit and first <= 1000 and correlation >= 0.5 and abs(lag) <= 1,
            )
        )
    for kind in ["mp4", "webm"]:
        for _, size, numbers in rows(options, "600", "512", kind):
            factor, user, first, _, own, encoder, _, _ = numbers
            results.append(
                Result(
                    f"ten minutes of {kind}, {size} px",
                    f"real-time factor {factor:.2f} (processor {user:.2f}), first picture {first:4.0f} ms, "
                    f"{own:.0f} MB and {encoder:.0f} MB in ffmpeg",
                    "≤ 200 MB together",
                    own + encoder <= 200,
                )
            )
    return results


if __name__ == "__main__":
    sys.exit(main(measure, __doc__))
