"""Which judge it is: a fingerprint of whatever could change what it says, made from study.toml and the files it names.

Nothing of a model or a service is asked for it, so an audit can tell which verdicts are those of the judges as they are.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Collection, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from judgeaudit.domain.errors import InputError, one_line
from judgeaudit.domain.output import OF_OUTPUTS, PLACE, Asked, Output, digest
from judgeaudit.domain.pair_sides import Swap, plain_swap
from judgeaudit.storage.config.judges import JudgeConfig, PanelConfig, PromptedConfig, PythonConfig, TransformersConfig
from judgeaudit.storage.files.write import cannot_read, shown
from judgeaudit.storage.identity.judge_weights import weights_of

if TYPE_CHECKING:
    from judgeaudit.storage.config.questions import QuestionConfig
    from judgeaudit.storage.config.schema import StudyConfig


#: raised when replies are read in another way
_READ = 2
#: keys that name a file whose content counts, not its name
_FILES = ("prompt", "examples")


def asked_of(config: StudyConfig, folder: Path, name: str, *, guideline: bool = True) -> Asked:
    """The question as a judge gets it, with the text of its guideline where it has one and the judge is to read it."""
    section = config.questions[name]
    question = section.question(name)
    text = ""
    if guideline and section.guideline is not None:
        text = read_text(folder, section.guideline, f"questions.{name}.guideline")
    return Asked(
        name=name,
        text=section.text,
        scale=section.scale,
        labels=question.labels,
        positive=question.positive,
        guideline=text,
        layout=section.layout,
        swap=_swap(section, question.labels, name),
    )


def _swap(section: QuestionConfig, labels: tuple[str, ...], name: str) -> Swap:
    if section.layout != "pairwise":
        return ()
    return plain_swap(name, labels) if section.swap is None else section.swap


def fingerprint_of(config: StudyConfig, folder: Path, name: str) -> tuple[str, str]:
    """The fingerprint of a judge, and what it was made of as JSON.

    Keys that say how a judge is run or read are no part of it, nor are keys that are left at their defaults. The name is,
    so that two judges who read the replies of one model differently keep verdicts of their own. A panel is its members
    as they are.
    """
    section, where = config.judges[name], f"judges.{name}"
    plain = section.model_dump(mode="json", by_alias=True, exclude_defaults=True, exclude=set(section.RUN))
    for key in _FILES:
        if isinstance(plain.get(key), str):
            plain[key] = {"sha256": _of_text(read_text(folder, plain[key], f"{where}.{key}"))}
    if isinstance(section, PythonConfig):
        plain["code"] = _code_of(section.function, folder)
    if isinstance(section, TransformersConfig) and (files := weights_of(section.model, folder)):
        plain["weights"] = files
    if isinstance(section, PanelConfig):
        plain["of"] = [fingerprint_of(config, folder, member)[0] for member in section.of]
    plain["kind"] = section.kind
    plain["name"] = name
    plain["made"] = section.MADE
    identity = json.dumps(plain, sort_keys=True)
    return hashlib.sha256(identity.encode()).hexdigest(), identity


def reading_of(section: JudgeConfig) -> str:
    """Changes with how a judge's replies are read: `parse`, `map` and `threshold`."""
    parse = section.parse.model_dump(mode="json") if isinstance(section, PromptedConfig) and section.parse else None
    plain: list[object] = [_READ, parse, sorted(section.map.items())]
    if isinstance(section, TransformersConfig):
        plain.append(section.threshold)
    return hashlib.sha256(json.dumps(plain).encode()).hexdigest()[:16]


def columns_named(section: JudgeConfig, folder: Path, columns: Sequence[str], *, where: str) -> tuple[str, ...]:
    """Further columns of the outputs that a judge's own prompt names: they are part of what it sees."""
    if not isinstance(section, PromptedConfig) or section.prompt is None:
        return ()
    places = set(PLACE.findall(read_text(folder, section.prompt, f"{where}.prompt")))
    return tuple(name for name in columns if name in places and name not in OF_OUTPUTS)


def ask_sha256(asked: Sequence[Asked]) -> str:
    """Of the questions that one call asks."""
    return digest([one.sha256 for one in asked])


def item_sha256(output: Output, columns: Sequence[str] = ()) -> str:
    """Of what a judge may see of an item; of further columns only those that its prompt names."""
    held = dict(output.columns)
    return digest([output.sha256, *(part for name in columns for part in (name, held.get(name, "")))])


def call_key(*, fingerprint: str, ask: str, item_id: str, item: str, run: int, order: str) -> str:
    """What one call is known by in the ledger."""
    return digest([fingerprint, ask, item_id, item, f"{run}", order])


def read_text(folder: Path, name: str, where: str) -> str:
    """The text of a file that study.toml names, from the study's folder."""
    file = folder / name
    try:
        return file.read_bytes().decode("utf-8-sig")
    except FileNotFoundError:
        msg = f"study.toml: {one_line(where)}: there is no file {shown(file)}; make it, or correct the name"
        raise InputError(msg) from None
    except UnicodeDecodeError:
        msg = f"study.toml: {one_line(where)}: {shown(file)} is not UTF-8; save it as UTF-8"
        raise InputError(msg) from None
    except OSError as error:
        raise cannot_read(file, error) from error


def _of_text(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


def _code_of(function: str, folder: Path) -> str:
    """The fingerprint of the file with a user's function; of a module elsewhere, its name alone."""
    name = function.rsplit(":", 1)[0]
    file = folder / name
    return _of_text(read_text(folder, name, "function")) if name.endswith(".py") or file.is_file() else name


# What an audit keeps of who its judges are, so that a later one can tell whether they are the same.


#: as many digits as tell two judges apart
_SHORT = 16


def judges_told(config: StudyConfig, folder: Path, names: Collection[str]) -> dict[str, dict[str, str]]:
    """Judge -> kind, model, prompt, its fingerprint, how it is read, and what it is asked; of those that can be told."""
    told: dict[str, dict[str, str]] = {}
    for name in config.judges:
        if name not in names:
            continue
        try:
            fingerprint, identity = fingerprint_of(config, folder, name)
            asked = [asked_of(config, folder, one).sha256 for one in config.judges[name].questions or config.questions]
        except InputError:  # a file that it names is gone: its verdicts are there all the same
            continue
        made = json.loads(identity)
        prompt = made.get("prompt")
        told[name] = {
            "kind": str(made["kind"]),
            **({"model": str(made["model"])} if made.get("model") else {}),
            **({"prompt": prompt["sha256"][:_SHORT]} if isinstance(prompt, dict) else {}),
            "fingerprint": fingerprint[:_SHORT],
            "reading": reading_of(config.judges[name])[:_SHORT],
            "asked": "".join(one[:4] for one in asked),
        }
    return told
