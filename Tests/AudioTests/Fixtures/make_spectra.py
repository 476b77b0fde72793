"""Makes spectra.json: the numbers that librosa and SciPy give for a small signal.

    python3 -m venv venv && venv/bin/pip install numpy scipy librosa
    venv/bin/python make_spectra.py > spectra.json

Made with librosa 0.11.0, SciPy 1.17.1, NumPy 2.4.6. All matrices are [frames, features], row after row. The
talking-head mel is written out in NumPy over librosa's filters and an explicit Fourier sum, after the published
parameters; nothing in it comes from the code under test.
"""
import json

import librosa
import numpy as np
import scipy.fft

RATE = 16000


def numbers(matrix):
    return [float(f"{value:.7g}") for value in np.asarray(matrix, dtype=np.float64).reshape(-1)]


random = np.random.default_rng(7)
time = np.arange(1700) / RATE
sound = 0.4 * np.sin(2 * np.pi * 220 * time) + 0.2 * np.sin(2 * np.pi * (900 + 12000 * time) * time)
sound += 0.05 * random.standard_normal(len(time))
sound[1100:1300] = 0
integers = np.clip(np.round(sound * 32768), -32768, 32767).astype(np.int64)
signal = (integers / 32768).astype(np.float32)
short = signal[:210]

golden = {"signal16": integers.tolist()}

golden["hann48"] = numbers(librosa.filters.get_window("hann", 48, fftbins=True))
for name, options in {
    "zeros": dict(center=True, pad_mode="constant"),
    "reflection": dict(center=True, pad_mode="reflect"),
    "none": dict(center=False),
}.items():
    spectra = librosa.stft(short, n_fft=64, hop_length=20, win_length=48, window="hann", **options).T
    golden[f"stft_{name}"] = numbers(np.stack([spectra.real, spectra.imag], axis=-1))

golden["mel"] = [
    {
        "htk": htk,
        "area": norm == "slaney",
        "weights": numbers(
            librosa.filters.mel(sr=8000, n_fft=128, n_mels=10, fmin=80, fmax=3600, htk=htk, norm=norm)
        ),
    }
    for htk in (False, True)
    for norm in (None, "slaney")
]
hertz = np.array([0.0, 55, 440, 999, 1000, 1001, 3800, 7600, 20000])
golden["hertz"] = numbers(hertz)
golden["hertz_slaney"] = numbers(librosa.hz_to_mel(hertz))
golden["hertz_htk"] = numbers(librosa.hz_to_mel(hertz, htk=True))

bands = librosa.feature.melspectrogram(
    y=signal, sr=RATE, n_fft=400, hop_length=160, n_mels=80, pad_mode="constant", power=2.0
)
golden["speech_decibels"] = numbers(librosa.power_to_db(bands).T)
golden["speech_mfcc"] = numbers(librosa.feature.mfcc(S=librosa.power_to_db(bands), n_mfcc=13).T)

vector = random.standard_normal(12)
golden["dct_input"] = numbers(vector)
golden["dct_output"] = numbers(scipy.fft.dct(vector, type=2, norm="ortho"))

emphasised = signal.astype(np.float64).copy()
emphasised[1:] -= 0.97 * signal[:-1].astype(np.float64)
padded = np.concatenate([np.zeros(400), emphasised, np.zeros(400)])
frames = 1 + len(signal) // 200
hann = 0.5 - 0.5 * np.cos(2 * np.pi * np.arange(800) / 800)
fourier = np.exp(-2j * np.pi * np.outer(np.arange(800), np.arange(401)) / 800)
magnitudes = np.stack([np.abs((padded[t * 200 : t * 200 + 800] * hann) @ fourier) for t in range(frames)])
filters = librosa.filters.mel(sr=RATE, n_fft=800, n_mels=80, fmin=55, fmax=7600).astype(np.float64)
levels = 20 * np.log10(np.maximum(1e-5, magnitudes @ filters.T)) - 20
golden["talking_head"] = numbers(np.clip(8 * (levels + 100) / 100 - 4, -4, 4))

print("{\n" + ",\n".join(f'"{name}": {json.dumps(value)}' for name, value in golden.items()) + "\n}")
