"""Which checkpoint a path or a revision names: `runs/sft/checkpoint-200` is step 200 of the run sft."""

from __future__ import annotations

import re

from judgeaudit.storage.eval_logs.common.records import Named

_STEP = re.compile(r"(?:global[-_]?step|checkpoint|ckpt|step|iter|iteration|epoch)[-_]?(\d+)(?![\d.])", re.IGNORECASE)
_STATES = frozenset({"final", "last", "best", "latest", "final_checkpoint", "final-checkpoint"})
#: revisions that are no state of their own
_PLAIN = frozenset({"", "main", "master", "none"})


def named(path: str, *, revision: str = "", base: str = "") -> Named:
    """What the path of a model says. `base` is the model that an adapter at `path` was trained on.

    >>> named("runs/sft/checkpoint-200")
    Named(model='sft', method='sft', checkpoint='checkpoint-200', step='200')
    >>> named("EleutherAI/pythia-160m", revision="step3000")
    Named(model='EleutherAI/pythia-160m', method='', checkpoint='step3000', step='3000')
    """
    parts = [part for part in re.split(r"[/\\]+", path) if part not in ("", ".")]
    if not parts:
        return Named()
    if revision.casefold() not in _PLAIN:
        step = _STEP.search(revision)
        return Named(model=base or _short(path, parts), checkpoint=revision, step=step[1] if step else "")
    last = parts[-1]
    step = _STEP.match(last)
    if len(parts) > 1 and (step or last.casefold() in _STATES):
        run = parts[-2]
        return Named(
            model=_short(base, base.split("/")) if base else run,
            method=run,
            checkpoint=last,
            step=step[1] if step else "",
        )
    if base:
        return Named(model=_short(base, base.split("/")), method=last, checkpoint=last)
    return Named(model=_short(path, parts))


def _short(path: str, parts: list[str]) -> str:
    """`organisation/name` as it is; of a longer path, or one that starts at a root, its last folder."""
    whole = len(parts) <= 2 and not path.startswith((".", "/", "\\", "~")) and "\\" not in path
    return path.rstrip("/") if whole else [part for part in parts if part][-1]
