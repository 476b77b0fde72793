#!/usr/bin/env python3
"""Times the same step as `StepBenchmark`, in PyTorch: `torch_step.py stage1|stage2|forward [repetitions]`."""

import os
import sys
import time

os.environ.setdefault("OMP_NUM_THREADS", "2")

import torch
import torch.nn.functional as F

from voxformer import VoxFormer

BATCH, SAMPLES, TOKENS = 2, 80_000, 29


def losses(model, waveform, tokens, smoothing=0.1):
    frames, logits = model(waveform, F.pad(tokens, (1, 0), value=1))
    length = frames.shape[1]
    ctc = F.ctc_loss(
        frames.log_softmax(-1).transpose(0, 1), tokens, torch.full((BATCH,), length), torch.full((BATCH,), TOKENS),
        zero_infinity=True)
    wanted = F.pad(tokens, (0, 1), value=2)
    entropy = F.cross_entropy(logits.flatten(0, 1), wanted.flatten(), ignore_index=0, label_smoothing=smoothing)
    return 0.4 * ctc + 0.6 * entropy


def main():
    case, repetitions = sys.argv[1], int(sys.argv[2]) if len(sys.argv) > 2 else 3
    torch.set_num_threads(2)
    torch.manual_seed(1)
    model = VoxFormer()
    waveform = torch.rand(BATCH, SAMPLES) * 0.2 - 0.1
    tokens = torch.randint(4, 2000, (BATCH, TOKENS))
    if case == "forward":
        model.eval()
        for _ in range(repetitions):
            start = time.perf_counter()
            with torch.inference_mode():
                model(waveform, F.pad(tokens, (1, 0), value=1))
            print(time.perf_counter() - start, 0, 0, sep="\t")
        return
    model.train()
    model.freeze({"stage1": 0, "stage2": 3}[case])
    trained = [parameter for parameter in model.parameters() if parameter.requires_grad]
    optimizer = torch.optim.AdamW(trained, lr=1e-4, betas=(0.9, 0.98), weight_decay=0.01)
    for _ in range(repetitions):
        start = time.perf_counter()
        loss = losses(model, waveform, tokens)
        value = loss.item()
        forward = time.perf_counter()
        loss.backward()
        backward = time.perf_counter()
        torch.nn.utils.clip_grad_norm_(trained, 1.0)
        optimizer.step()
        optimizer.zero_grad(set_to_none=True)
        end = time.perf_counter()
        print(forward - start, backward - forward, end - backward, value, sep="\t", flush=True)


if __name__ == "__main__":
    main()
