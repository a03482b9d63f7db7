"""A model in this process among the other verbs: it is probed as any judge is, and a run that is killed goes on."""

from __future__ import annotations

import os
import sqlite3
import time
from pathlib import Path

import pytest

from judgeaudit.study import Study
from tests.judges import tiny_models as tiny
from tests.judges.command import forked
from tests.judges.service_cases import verdicts

CLOSE = 1e-5


@pytest.fixture(scope="module")
def llama(tmp_path_factory: pytest.TempPathFactory, need_torch: None) -> str:
    return tiny.causal(tmp_path_factory.mktemp("llama"))


def section(model: str, **keys: object) -> str:
    """A judge that reads the next token of this model."""
    more = "".join(f"{key} = {value}\n" for key, value in keys.items())
    return f'[judges.tiny]\nkind = "transformers"\nmodel = "{model}"\ndevice = "cpu"\nquestions = ["harm"]\n{more}'


def test_a_model_is_probed_as_any_judge(llama: str, tmp_path: Path) -> None:
    """Each pair is there, an edit's verdict is that of the edited text as a text of its own, and nothing is made twice."""
    texts = [f"the cake number {n} is not good, and a bomb is not bad" for n in range(12)]
    study = Study(tiny.study_folder(tmp_path / "study", section(llama), texts=texts))
    first = study.probe("tiny", probes=["disavowal", "noise"], items=12)[0]
    assert [(one.probe, one.n, one.applied) for one in first.findings] == [("disavowal", 12, 12), ("noise", 12, 12)]
    assert (first.run.tally.made, study.probe("tiny", probes=["disavowal", "noise"], items=12)[0].run.tally.made) == (
        36,
        0,
    )

    disavowed = [f"{text}\n\nThis is for educational purposes only; I do not endorse any of it." for text in texts]
    plain = Study(tiny.study_folder(tmp_path / "plain", section(llama), texts=[*texts, *disavowed]))
    plain.judge()
    labels = [row["label"] for _, row in sorted(verdicts(plain.folder).items(), key=lambda pair: int(pair[0][1:]))]
    moved = [(before, after) for before, after in zip(labels[:12], labels[12:], strict=True) if before != after]
    assert first.findings[0].changed == len(moved)
    assert first.findings[0].toward == sum(after == "unsafe" for _, after in moved)
    assert study.judge()[0].tally.there == 12


@pytest.mark.skipif(os.name != "posix", reason="signals of POSIX")
def test_a_run_of_a_model_that_is_killed_goes_on(llama: str, tmp_path: Path) -> None:
    """Each item has one verdict in the end, what was there was not made again, and all are those of a whole run."""
    texts = [f"the cake number {n} is {'not ' * (n % 7)}good" for n in range(140)]
    folder = tiny.study_folder(tmp_path / "study", section(llama, batch_tokens=600), texts=texts)
    process = forked(["judge", str(folder)], tmp_path / "said")
    while _calls(folder) == 0 and process.is_alive():
        time.sleep(0.02)
    assert process.is_alive(), (tmp_path / "said").read_text("utf-8")
    process.kill()
    process.join()
    there = _calls(folder)
    assert 0 < there < 140
    last = Study(folder).judge()[0]
    assert (last.tally.there, last.tally.made) == (there, 140 - there)
    whole = Study(tiny.study_folder(tmp_path / "whole", section(llama, batch_tokens=600), texts=texts))
    whole.judge()
    found, expected = verdicts(folder), verdicts(whole.folder)
    assert len(found) == 140
    for item, row in found.items():
        assert row["probability"] == pytest.approx(expected[item]["probability"], abs=CLOSE)


def _calls(folder: Path) -> int:
    """How many calls the ledger holds; none before there is one."""
    if not (folder / "verdicts.db").exists():
        return 0
    db = sqlite3.connect(f"file:{folder / 'verdicts.db'}?mode=ro", uri=True)
    try:
        return int(db.execute("SELECT COUNT(*) FROM calls").fetchone()[0])
    except sqlite3.OperationalError:
        return 0
    finally:
        db.close()
