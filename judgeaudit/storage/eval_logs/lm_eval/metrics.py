"""Which of a task's metrics is its score."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from judgeaudit.storage.eval_logs.common.json_files import number

#: metrics by which right is told from wrong without a judge; the first that a task has is its score
METRICS = ("acc", "exact_match", "acc_norm", "em", "prompt_level_strict_acc", "pass@1", "pass_at_1", "f1")


class Chosen(NamedTuple):
    """A key of a task's results, `metric,filter`, and keys that might have been taken as well."""

    key: str
    others: tuple[str, ...]


def main_metric(results: Mapping[str, object], wanted: str) -> Chosen | None:
    """The first of METRICS that has a number, or the one that is wanted; None where there is none.

    Of several filters "none" comes first, then the order in which the file has them. `wanted` may name the filter, too.

    >>> main_metric({"acc_norm,none": 0.4, "acc,none": 0.5, "acc_stderr,none": 0.01}, "").key
    'acc,none'
    """
    keys = [key for key, value in results.items() if "_stderr" not in key and number(value) is not None]
    names = (wanted.partition(",")[0],) if wanted else METRICS
    for name in names:
        found = [key for key in keys if key.partition(",")[0] == name and key.startswith(wanted)]
        found.sort(key=lambda key: key.partition(",")[2] not in ("", "none"))
        if found:
            return Chosen(found[0], tuple(found[1:]))
    return None
