"""What is usual in sound English answers; made by benchmarks/coherence/fit.py."""

from __future__ import annotations

#: measure -> its middle, and the spread of which 97 in 100 of 89 sound answers lie within two
USUAL: dict[str, tuple[float, float]] = {
    "loops": (0.0, 0.1),
    "rows": (0.0, 0.05),
    "repeats": (0.0, 0.18),
    "packing": (-0.646, 0.12),
    "one_word": (0.1, 0.05),
    "odd": (0.0, 0.01),
    "unspelled": (3.138, 0.213),
    "glued": (0.0, 0.03),
    "marks": (0.038, 0.153),
    "disorder": (-0.247, 0.118),
    "shuffling": (-0.773, 0.222),
    "unheld": (0.525, 0.122),
    "overheld": (0.55, 0.08),
    "long_words": (4.275, 1.106),
    "short_words": (-3.925, 0.3),
    "surprise": (4.863, 0.782),
    "foretold": (-2.399, 0.733),
    "mean_surprise": (3.597, 0.478),
}
#: the excess that one in forty of them reaches, by the quick measures alone and with those of a model
LIMIT: dict[str, float] = {
    "quick": 2.107,
    "with a model": 2.319,
}
