"""Audits that were damaged on the way: every command that reads one says so in one line, or still works."""

from __future__ import annotations

import copy
import json
import math
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, NamedTuple

import pytest

import judgeaudit as ja
from judgeaudit.domain.errors import InputError, JudgeAuditError

Place = tuple[str | int, ...]
#: what stands in the place of a value; REMOVED takes the key away
REMOVED = object()
WRONG: tuple[Any, ...] = (REMOVED, None, "text", [], {}, -3, 0.5, True, math.nan, [None], {"a": [1]}, 10**400)
#: what is tried in every place; the others are tried in turn, from place to place
ALWAYS, IN_TURN = 3, 3


class Damage(NamedTuple):
    """Where a file was damaged, and what stands there now."""

    place: Place
    value: Any

    def __str__(self) -> str:
        what = "removed" if self.value is REMOVED else json.dumps(self.value)[:20]
        return f"{'.'.join(map(str, self.place))}: {what}"


@pytest.fixture(scope="module")
def table_audit(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An audit with probabilities, strata, clusters, ties, no answers and a stated design of the labels."""
    rows = ["item_id,ann,bob,cy,gpt,other,prob,bench,prompt_id,response"]
    for n in range(90):
        truth = "unsafe" if n % 3 == 0 else "safe"
        turned = "safe" if truth == "unsafe" else "unsafe"
        people = [truth, turned if n % 11 == 0 else truth, "" if n % 7 == 0 else truth] if n % 5 else ["", "", ""]
        gpt = "" if n % 17 == 0 else turned if n % 9 == 0 else truth
        other = turned if n % 8 == 0 else truth
        prob = (0.8 if gpt == "unsafe" else 0.3) + n % 6 / 50
        rows.append(",".join([f"i{n}", *people, gpt, other, f"{prob:.2f}", "xyz"[n % 3], f"p{n // 2}", f"text {n}"]))
    folder = tmp_path_factory.mktemp("damaged")
    (folder / "t.csv").write_text("\n".join(rows) + "\n", encoding="utf-8")
    ja.audit_table(
        folder / "t.csv",
        human=["ann", "bob", "cy"],
        judges=["gpt", "other"],
        labels=["safe", "unsafe"],
        positive="unsafe",
        scale="binary",
        by=["bench"],
        probability={"gpt": "prob"},
        label_design="random",
        replicates=200,
    ).to_json(folder / "audit.json")
    return folder / "audit.json"


@pytest.fixture(scope="module")
def study_audit(simulated: Path) -> Path:
    """The audit of a simulated study: raters at work, verdicts that came back or did not, calls and their cost."""
    return simulated / "audit.json"


def places(plain: Any, here: Place = ()) -> Iterator[Place]:
    """Every key and the first entry of every list, one of each kind of place; where it is, in order of the file."""
    if isinstance(plain, dict):
        for key, value in plain.items():
            yield (*here, key)
            yield from places(value, (*here, key))
    elif isinstance(plain, list) and plain:
        yield (*here, 0)
        yield from places(plain[0], (*here, 0))


def damages(plain: dict[str, Any]) -> list[Damage]:
    """A few damages for each place."""
    out = []
    for number, place in enumerate(places(plain)):
        rest = WRONG[ALWAYS:]
        turns = [rest[(number * IN_TURN + turn) % len(rest)] for turn in range(IN_TURN)]
        out += [Damage(place, value) for value in (*WRONG[:ALWAYS], *turns)]
    return out


def damaged(plain: dict[str, Any], damage: Damage) -> dict[str, Any]:
    """A copy with the damage in it."""
    out = copy.deepcopy(plain)
    at: Any = out
    for step in damage.place[:-1]:
        at = at[step]
    if damage.value is REMOVED:
        del at[damage.place[-1]]
    else:
        at[damage.place[-1]] = damage.value
    return out


def uses(file: Path, whole: Path) -> list[Callable[[], object]]:
    """What the commands do with an audit: gate, gate with a policy, filter, diff both ways, and the pages."""
    audit = ja.read_audit(file)
    rows = [
        {
            "item_id": "i1",
            "judge": "gpt",
            "question": "label",
            "label": "safe",
            "status": "answered",
            "probability": "0.9",
        }
    ]
    return [
        lambda: ja.decide(audit),
        lambda: repr(ja.decide(audit, ja.Policy(purpose="rate"))),
        lambda: ja.filter_verdicts(rows, ja.decide(audit)),
        lambda: ja.filter_verdicts(rows, ja.decide(audit), max_risk=0.1),
        lambda: ja.recalibrate(rows, audit),
        lambda: repr(ja.diff(audit, whole)),
        lambda: repr(ja.diff(whole, audit)),
        lambda: audit.to_text(),
        lambda: audit.to_markdown(full=True),
        lambda: audit.to_json(),
        lambda: (audit.findings, audit.contrasts, audit.confusions, audit.decisions),
    ]


def broken(file: Path, whole: Path) -> list[str]:
    """What ended otherwise than well or with one line, each as `exception: message`."""
    out = []
    try:
        doings = uses(file, whole)
    except JudgeAuditError as error:
        assert isinstance(error, InputError)
        told = str(error)
        return [] if "\n" not in told and str(file) in told and "make it" in told else [told]
    except Exception as error:  # noqa: BLE001 - whatever it is, it is no line for a user
        return [f"{type(error).__name__}: {error}"]
    for doing in doings:
        try:
            doing()
        except JudgeAuditError as error:
            if "\n" in str(error):
                out.append(str(error))
        except Exception as error:  # noqa: BLE001 - whatever it is, it is no line for a user
            out.append(f"{type(error).__name__}: {error}")
    return out


@pytest.mark.parametrize("kind", ["table_audit", "study_audit"])
def test_a_damaged_audit_is_refused_in_one_line_or_read(
    kind: str, request: pytest.FixtureRequest, tmp_path: Path
) -> None:
    """Whatever single value of an audit.json is wrong or gone, nothing that reads it ends with an error of our own."""
    whole: Path = request.getfixturevalue(kind)
    plain = json.loads(whole.read_text(encoding="utf-8"))
    file = tmp_path / "audit.json"
    found = {}
    every = damages(plain)
    for one in every:
        file.write_text(json.dumps(damaged(plain, one)), encoding="utf-8")
        if told := broken(file, whole):
            found[str(one)] = told
    assert len(every) > 400
    assert found == {}
