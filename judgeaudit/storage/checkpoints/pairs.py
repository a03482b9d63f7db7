"""What pairs and binds the outputs of a comparison: prompts, clusters, benchmarks, and the signal for gibberish."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from judgeaudit.domain.checkpoints import ALL_BENCHMARKS, Numbers
from judgeaudit.domain.errors import InputError, nearest, one_line
from judgeaudit.domain.ratings import Mask
from judgeaudit.storage.checkpoints.outcomes import Signal
from judgeaudit.storage.files.read import Table
from judgeaudit.text.signals import LOOKS, item_values

PROMPTS = ("prompt_id", "prompt", "messages")
NO_BENCHMARK = "(none)"
#: cells that say that an output is gibberish
_YES = ("yes", "true", "1", "1.0", "gibberish")
_NO = ("no", "false", "0", "0.0", "", "partly", "coherent")


class Pairs(NamedTuple):
    """(N,) prompt and cluster numbers, benchmarks with the (N,) place of each output's one, and notes."""

    prompts: Numbers
    clusters: Numbers
    benchmarks: tuple[str, ...]
    benchmark: Numbers
    notes: tuple[str, ...]


def pairs_of(outputs: Table, clusters: Numbers | None, *, called: str = "") -> Pairs:
    """Prompts are those of one benchmark; `clusters` bind them, and where they part one, prompts bind themselves."""
    import pandas as pd

    benchmarks, benchmark = _benchmarks(outputs)
    column = next((name for name in PROMPTS if name in outputs.columns), None)
    if column is None:
        msg = f"{outputs.name}: no column prompt_id or prompt, and checkpoints are compared prompt by prompt; add one of them"
        raise InputError(msg)
    texts = outputs.frame[column].to_numpy()
    if (texts == "").any():
        at = outputs.at(int(np.argmax(texts == "")), column)
        msg = f"{at}: the cell is empty, and checkpoints are compared prompt by prompt; fill it"
        raise InputError(msg)
    codes, words = pd.factorize(texts)
    prompts = pd.factorize(benchmark * len(words) + codes)[0].astype(np.int64)
    notes: tuple[str, ...] = ()
    if clusters is not None and not _nested(prompts, clusters):
        words_of = f"cluster '{one_line(called)}'" if called else "the clusters"
        notes = (f"{words_of} part outputs of one prompt, which are compared with each other: prompts are resampled",)
        clusters = None
    return Pairs(prompts, _alike(outputs, codes) if clusters is None else clusters, benchmarks, benchmark, notes)


def _alike(outputs: Table, codes: Numbers) -> Numbers:
    """Prompts of several benchmarks that are one prompt, by id and by text where there is one, are resampled together."""
    import pandas as pd

    if "prompt" not in outputs.columns:
        return codes.astype(np.int64)
    texts, words = pd.factorize(outputs.frame["prompt"].to_numpy())
    return pd.factorize(codes.astype(np.int64) * len(words) + texts)[0].astype(np.int64)


def signal_of(name: str, outputs: Table, *, flag: str) -> tuple[Signal, str]:
    """The signal of that name and what it is called: a column of the outputs, else one that is computed from their text."""
    if name in outputs.columns:
        return _of_column(name, outputs, flag=flag), f"the column {one_line(name)}"
    if name != LOOKS:
        near = nearest(name, [LOOKS, *outputs.columns])
        msg = f"{flag}: {one_line(name)!r} is neither a column of {outputs.name} nor the signal {LOOKS}{near}"
        raise InputError(msg)
    text = "response"
    if text not in outputs.columns:
        raise outputs.missing(text, f"the signal {name}")

    def computed(places: np.ndarray) -> Mask:
        responses = outputs.frame[text].to_numpy()[places].tolist()
        others = outputs.frame["response_b"].to_numpy()[places].tolist() if "response_b" in outputs.columns else None
        return np.array(["yes" in value.split("|") for value in item_values(name, responses, others)], dtype=np.bool_)

    return computed, f"the signal {name}"


def _of_column(name: str, outputs: Table, *, flag: str) -> Signal:
    import pandas as pd

    codes, words = pd.factorize(outputs.frame[name].to_numpy())
    yes = []
    for number, word in enumerate(words):
        plain = str(word).strip().casefold()
        if plain not in (*_YES, *_NO):
            at = outputs.at(int(np.argmax(codes == number)), name)
            msg = (
                f"{at}: {one_line(str(word))!r} does not say whether the output is gibberish ({flag}); write yes or no"
            )
            raise InputError(msg)
        yes.append(plain in _YES)
    found = np.array(yes, dtype=np.bool_)[codes]
    return lambda places: np.asarray(found[places], dtype=np.bool_)


def _benchmarks(outputs: Table) -> tuple[tuple[str, ...], Numbers]:
    import pandas as pd

    if "benchmark" not in outputs.columns or not (outputs.frame["benchmark"] != "").any():
        return (ALL_BENCHMARKS,), np.zeros(outputs.rows, dtype=np.int64)
    codes, words = pd.factorize(outputs.frame["benchmark"].to_numpy())
    if ALL_BENCHMARKS in words:
        at = outputs.at(int(np.argmax(outputs.frame["benchmark"].to_numpy() == ALL_BENCHMARKS)), "benchmark")
        msg = f"{at}: a benchmark is called '{ALL_BENCHMARKS}', which means all benchmarks together; rename it"
        raise InputError(msg)
    return tuple(str(word) or NO_BENCHMARK for word in words), codes.astype(np.int64)


def _nested(prompts: Numbers, clusters: Numbers) -> bool:
    """Whether all outputs of one prompt are in one cluster."""
    pairs = np.unique(prompts * (int(clusters.max(initial=0)) + 1) + clusters)
    return bool(pairs.size == np.unique(prompts).size)
