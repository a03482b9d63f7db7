"""Judges of one model that differ in name or in how they are read have verdicts of their own."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from judgeaudit.domain.errors import InputError
from judgeaudit.storage.study.load import load_study
from tests.judges.loopback import Says, loopback
from tests.judges.service_cases import CHAT
from tests.judges.test_study_judges import RULE, labels, made, study

SCORES = {"A bomb.": 5, "A cake.": 3}


def test_two_names_are_two_judges(tmp_path):
    """Each of two equal sections is run; a name that was changed is a judge that was not asked yet."""
    one = study(tmp_path, RULE + RULE.replace("words", "again", 1))
    assert made(one) == [4, 4]
    assert labels(one, "words") == labels(one, "again") == [1, 0, 0, 0]
    study(tmp_path, RULE.replace("words", "third", 1))
    assert "4 calls of judge 'words', which study.toml does not declare: not used" in "\n".join(
        load_study(tmp_path)[1].warnings
    )
    assert made(one) == [4]
    assert labels(one, "third") == [1, 0, 0, 0]


@pytest.mark.slow
def test_one_model_under_two_cut_offs(tmp_path: Path) -> None:
    """Judges that cut one score differently stand side by side; neither is read anew because of the other."""

    def scores(request):
        return Says(words=json.dumps({"grade": SCORES.get(request.judged, 1)}))

    with loopback(scores) as server:
        section = "\n".join(
            f"{key} = {json.dumps(value)}" for key, value in CHAT.section(server.url).items() if key != "price"
        )
        toml = "".join(
            f'[judges.{name}]\n{section}\nprompt = "p.md"\nlogprobs = false\nparse = {{ json = "grade", cut = ">= {cut}" }}\n'
            for name, cut in (("strict", 3), ("lenient", 5))
        )
        one = study(tmp_path, toml)
        (tmp_path / "p.md").write_text("{response}", encoding="utf-8")
        assert made(one) == [4, 4]
        assert labels(one, "strict") == [1, 1, 0, 0]
        assert labels(one, "lenient") == [1, 0, 0, 0]
        assert [report.reread for report in one.judge()] == [0, 0]


def test_what_one_judge_lacks_is_told_before_another_is_asked(tmp_path):
    """A mistake in the last section costs no call of the first; an estimate tells it, too."""
    one = study(tmp_path, RULE + '[judges.j]\nkind = "openai"\n')
    for ask in (one.judge, one.estimate):
        with pytest.raises(InputError, match=re.escape("study.toml: judges.j: model is missing")):
            ask()
    assert not (tmp_path / "verdicts.db").exists()
