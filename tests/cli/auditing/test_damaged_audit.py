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
#: how many of these are tried in one place, in turn from place to place
IN_TURN = 2


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
    rows = ["item_id,ann,bob,cy,gpt,prob,bench,prompt_id,response"]
    for n in range(90):
        truth = "unsafe" if n % 3 == 0 else "safe"
        turned = "safe" if truth == "unsafe" else "unsafe"
        people = [truth, turned if n % 11 == 0 else truth, "" if n % 7 == 0 else truth] if n % 5 else ["", "", ""]
        gpt = "" if n % 17 == 0 else turned if n % 9 == 0 else truth
        prob = (0.8 if gpt == "unsafe" else 0.3) + n % 6 / 50
        rows.append(",".join([f"i{n}", *people, gpt, f"{prob:.2f}", "xy"[n % 2], f"p{n // 2}", f"text {n}"]))
    folder = tmp_path_factory.mktemp("damaged")
    (folder / "t.csv").write_text("\n".join(rows) + "\n", encoding="utf-8")
    given = {"human": ["ann", "bob", "cy"], "judges": ["gpt"], "labels": ["safe", "unsafe"], "positive": "unsafe"}
    audit = ja.audit_table(
        folder / "t.csv",
        **given,
        scale="binary",
        by=["bench"],
        probability={"gpt": "prob"},
        label_design="random",
        replicates=200,
    )
    return thinned(json.loads(audit.to_json()), folder / "audit.json")


@pytest.fixture(scope="module")
def study_audit(simulated: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The audit of a simulated study: raters at work, verdicts that came back or did not, calls and their cost."""
    plain = json.loads((simulated / "audit.json").read_text(encoding="utf-8"))
    return thinned(plain, tmp_path_factory.mktemp("damaged") / "audit.json")


def thinned(plain: dict[str, Any], file: Path) -> Path:
    """The audit with the findings of all items alone, which keeps hundreds of damages to seconds."""
    plain["findings"] = [one for one in plain["findings"] if one["stratum"] == "all"][:60]
    plain["contrasts"], plain["curves"] = plain["contrasts"][:10], plain["curves"][:6]
    file.write_text(json.dumps(plain), encoding="utf-8")
    return file


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
    return [
        Damage(place, WRONG[(number * IN_TURN + turn) % len(WRONG)])
        for number, place in enumerate(places(plain))
        for turn in range(IN_TURN)
    ]


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
        lambda: repr(ja.decide(audit)),
        lambda: ja.filter_verdicts(rows, ja.decide(audit, ja.Policy(purpose="rate")), max_risk=0.1),
        lambda: ja.recalibrate(rows, audit),
        lambda: repr(ja.diff(audit, whole)),
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


@pytest.mark.parametrize(
    ("kind", "parts"),
    [("table_audit", ()), ("study_audit", ("raters", "silence", "services", "flow", "options", "inputs"))],
    ids=["of a table", "of a study, what tables lack"],
)
def test_a_damaged_audit_is_refused_in_one_line_or_read(
    kind: str, parts: tuple[str, ...], request: pytest.FixtureRequest, tmp_path: Path
) -> None:
    """Whatever single value of an audit.json is wrong or gone, nothing that reads it ends with an error of our own."""
    whole: Path = request.getfixturevalue(kind)
    plain = json.loads(whole.read_text(encoding="utf-8"))
    file = tmp_path / "audit.json"
    found = {}
    every = [one for one in damages(plain) if not parts or one.place[0] in parts]
    for one in every:
        file.write_text(json.dumps(damaged(plain, one)), encoding="utf-8")
        if told := broken(file, whole):
            found[str(one)] = told
    assert len(every) > 150
    assert found == {}


@pytest.mark.parametrize(
    "content",
    [b"", b"{", b"[]", b"null", b"\xff\xfe{}", b'{"schema": 1}', b'{"schema": 2, "findings": []}', b"[" * 100_000],
    ids=["empty", "cut off", "a list", "null", "no UTF-8", "no findings", "another schema", "deep"],
)
def test_a_file_that_is_no_audit_ends_with_2(
    content: bytes, tmp_path: Path, refused: Callable[..., str], table_audit: Path
) -> None:
    """Gate, report, filter and diff say what and where, and how to make it again."""
    file = tmp_path / "audit.json"
    file.write_bytes(content)
    (tmp_path / "v.csv").write_text("item_id,judge\n", encoding="utf-8")
    name, out = str(file), str(tmp_path / "out.csv")
    commands = (
        ["gate", name],
        ["report", name],
        ["filter", "v.csv", "--audit", name, "-o", out],
        ["diff", str(table_audit), name],
    )
    for command in commands:
        told = refused(command, cwd=tmp_path)
        assert name in told
        assert "with `judgeaudit audit`" in told


def test_the_line_names_the_place_what_should_stand_there_and_the_way_out(table_audit: Path, tmp_path: Path) -> None:
    """As a person needs it who edited the file, or copied half of it."""
    plain = json.loads(table_audit.read_text(encoding="utf-8"))
    plain["findings"][3]["value"] = "high"
    (tmp_path / "audit.json").write_text(json.dumps(plain), encoding="utf-8")
    with pytest.raises(InputError) as caught:
        ja.read_audit(tmp_path / "audit.json")
    assert str(caught.value) == (
        f'{tmp_path / "audit.json"}: a damaged audit.json (findings[3].value: a finite number should stand here, not "high"); '
        "make it again with `judgeaudit audit`"
    )


def test_what_a_newer_version_adds_is_passed_over(table_audit: Path, tmp_path: Path) -> None:
    """Keys that are not known are no damage, wherever they stand."""
    plain = json.loads(table_audit.read_text(encoding="utf-8"))
    plain |= {"added": {"a": 1}}
    plain["findings"][0]["added"] = [None]
    (tmp_path / "audit.json").write_text(json.dumps(plain), encoding="utf-8")
    assert ja.read_audit(tmp_path / "audit.json").result == ja.read_audit(table_audit).result
