"""The embedded study: real outputs of a small model and of worse versions of it, with recorded verdicts and an export of labels."""

from __future__ import annotations

import shutil
from pathlib import Path

from judgeaudit.domain.errors import InputError
from judgeaudit.storage.config.read import STUDY_FILE
from judgeaudit.storage.files.resources import annotations_folder
from judgeaudit.storage.files.write import cannot_write, shown, write_atomic

NAME = "degraded-smollm"
#: labels as Label Studio exported them, and the plan that says which task is which item
EXPORT = "label-studio.json.gz"
#: verdicts of judges that ask a model or a package, and of rules that need neither
RECORDED = ("verdicts/smollm2.jsonl.gz", "verdicts/profanity-check.jsonl.gz")
RULES = "verdicts/rules.jsonl.gz"
_ALWAYS = ("outputs.jsonl", "prompts.jsonl", "capability.csv", "yes-or-no.md", *RECORDED)
_LABELLED = (EXPORT, "labelling/main/plan.json", "labelling/main/tasks.jsonl")
_LABELLING = "[labelling]\nraters_per_item = 3\nrepeats = 0.0\nby = []\n"
_ALONE = '[labelling]\nraters_per_item = 1\nrepeats = 0.0\nby = ["looks_like_gibberish"]\n'
_SOURCE = (
    'label_source = "models"           # nobody has labelled these yet: language models read them under the guidelines'
)


def embedded_study(folder: Path) -> None:
    """Outputs, recorded verdicts of the judges that ask a model, the export of labels, which is not imported yet, and guidelines."""
    _copy(folder, (*_ALWAYS, *_LABELLED), {})


def embedded_to_label(folder: Path) -> None:
    """The same outputs with all recorded verdicts and no label: whoever labels them is the first person to do so."""
    _copy(folder, (*_ALWAYS, RULES), {_SOURCE: 'label_source = "people"', _LABELLING: _ALONE})


def _copy(folder: Path, names: tuple[str, ...], said: dict[str, str]) -> None:
    """study.toml comes last, so that a folder that was cut off half-way is no study."""
    source = annotations_folder()
    if not (source / NAME / STUDY_FILE).is_file():
        msg = f"{shown(source / NAME)}: the embedded data set is missing from this installation; install judgeaudit-toolkit again"
        raise InputError(msg)
    text = (source / NAME / STUDY_FILE).read_text(encoding="utf-8")
    for old, new in {'"../guidelines/': '"guidelines/', **said}.items():
        if old not in text:
            msg = f"{shown(source / NAME / STUDY_FILE)} is not as it was embedded: it lacks {old.splitlines()[0]}"
            raise InputError(msg)
        text = text.replace(old, new)
    guidelines = [f"guidelines/{path.name}" for path in (source / "guidelines").glob("*.md") if path.name in text]
    try:
        for name in (*names, *guidelines):
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile((source if name in guidelines else source / NAME) / name, folder / name)
    except OSError as error:
        raise cannot_write(folder, error) from None
    write_atomic(folder / STUDY_FILE, text)
