"""What changed between two audits: outputs, labels, judges, and the rules by which they were held against each other."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import fields
from pathlib import PurePosixPath
from typing import Any

from judgeaudit.audit.setting.options import KEYS_OF_THEIR_OWN, AuditOptions
from judgeaudit.domain.errors import one_line
from judgeaudit.domain.option import Declared, declared
from judgeaudit.domain.policy import Policy
from judgeaudit.domain.question import Question
from judgeaudit.domain.results.audit import AuditResult
from judgeaudit.domain.results.questions import Marks, QuestionRecord
from judgeaudit.gate.diff.items import Shared, joint_question, reference_codes, shared_items, verdict_codes

Record = dict[str, Any]
_EMPTY: tuple[object, ...] = (None, "", (), [], {})
_QUESTION = ("text", "scale", "labels", "positive")
_IDENTITY = {
    "kind": "its kind",
    "model": "its model",
    "prompt": "its prompt",
    "asked": "what it is asked",
    "reading": "how its replies are read",
    "fingerprint": "its settings",
}
#: how the tables of a study begin -> what changes with them
_TABLES = {"outputs": "outputs", "annotations": "labels", "verdicts": "judge", "labelling": "labels"}


def changes_of(old: AuditResult, new: AuditResult) -> list[Record]:
    """Every cause that can be told, each a record with `what`, `question`, `who`, counts and a sentence."""
    out: list[Record] = []
    for about in new.questions:
        before = _named(old.questions, about.name)
        if before is None:
            out.append(_change("question", about.name, None, "asked in the new audit alone"))
            continue
        out += question_changes(old, new, before, about)
    gone = [one.name for one in old.questions if _named(new.questions, one.name) is None]
    out += [_change("question", name, None, "asked in the old audit alone") for name in gone]
    out += _judges_told(old, new)
    if not any(one["what"] in ("outputs", "labels", "judge") for one in out):
        out += _tables(old, new)
    return [*out, *_rules(old, new)]


def untold(old: AuditResult, new: AuditResult) -> list[Record]:
    """Where findings changed and no cause can be told: in which files it lies, if in any."""
    names = [one_line(name) for name in sorted({*old.inputs, *new.inputs}) if _digest(old, name) != _digest(new, name)]
    told = "something that audits keep no mark of, such as probabilities, scores or weights"
    return [_change("table", None, None, f"{told}{': ' if names else ''}{', '.join(names)}")]


def marks_of(result: AuditResult, question: str) -> Marks | None:
    """The marks of a question; None in an audit that was made before there were any."""
    return next((one for one in result.marks if one.question == question), None)


def question_changes(old: AuditResult, new: AuditResult, before: QuestionRecord, about: QuestionRecord) -> list[Record]:
    """What changed of one question."""
    name = about.name
    out = _declared(before, about)
    designs = (before.label_design, about.label_design)
    if designs[0] != designs[1] and old.options.get("label_design") == new.options.get("label_design"):
        out.append(_change("options", name, None, f"label_design: {_shown(designs[0])} → {_shown(designs[1])}"))
    first, second = marks_of(old, name), marks_of(new, name)
    if first is None or second is None:
        return out
    shared = shared_items(first, second)
    if shared is None:
        return [*out, *_by_digests(name, first, second)]
    out += _outputs(name, shared, first, second)
    question = joint_question(before, about)
    if question is None:
        return out
    out += _labels(question, shared, first, second)
    rules = (str(old.options.get("unanswered", "counted")), str(new.options.get("unanswered", "counted")))
    for judge in _both(first.judges, second.judges):
        said = [verdict_codes(m, judge, question, r) for m, r in zip((first, second), rules, strict=True)]
        if said[0] is not None and said[1] is not None:
            out += _counted("judge", name, judge, said[0], said[1], shared, "verdicts")
    return out


def _declared(before: QuestionRecord, about: QuestionRecord) -> list[Record]:
    """What study.toml or the flags say of a question, and how sure its judges say they are."""
    changed = [key for key in _QUESTION if getattr(before, key) != getattr(about, key)]
    if about.scale == "interval":  # its labels are the numbers that stand in the table
        changed = [key for key in changed if key != "labels"]
    out = [_change("question", about.name, None, f"its {key} changed") for key in changed]
    return [*out, *_sure_by(about.name, before.sure_by, about.sure_by, _both(before.judges, about.judges))]


def _labels(question: Question, shared: Shared, old: Marks, new: Marks) -> list[Record]:
    """Other labels of the reference on the same items, and whose labels are others."""
    name, out = question.name, []
    codes = [reference_codes(mark, question) for mark in (old, new)]
    if codes[0] is not None and codes[1] is not None:
        out += _counted("labels", name, None, codes[0], codes[1], shared, "labels of the reference")
    whole = not out and shared.added == shared.removed == shared.rewritten == 0
    if people := _people(old, new, whole=whole):
        same = "" if out else "; the reference of shared items is the same"
        out.append(_change("labels", name, None, f"{people}{same}"))
    return out


def _sure_by(name: str, old: Mapping[str, str], new: Mapping[str, str], judges: Sequence[str]) -> list[Record]:
    """Judges that now say how sure they are, do not any more, or by something else."""
    return [
        _change("options", name, judge, f"how sure it is: {_shown(old.get(judge))} → {_shown(new.get(judge))}")
        for judge in judges
        if old.get(judge) != new.get(judge)
    ]


def _outputs(name: str, shared: Shared, old: Marks, new: Marks) -> list[Record]:
    some = "labelled items" if "labelled" in (old.kept, new.kept) else "items"
    if not (shared.added or shared.removed or shared.rewritten):
        same = old.items == new.items and (old.outputs == new.outputs or not shared.texts_known)
        return (
            [] if same else [_change("outputs", name, None, "items without a label changed; no finding rests on them")]
        )
    counts = {"added": shared.added, "removed": shared.removed, "rewritten": shared.rewritten}
    told = f"{shared.added:,} {some} added, {shared.removed:,} removed"
    told += f", the texts of {shared.rewritten:,} changed" if shared.texts_known else "; no texts are known"
    return [{**_change("outputs", name, None, f"{told}; {shared.n_shared:,} are the same"), **counts}]


def _counted(what: str, name: str, who: str | None, old: Any, new: Any, shared: Shared, words: str) -> list[Record]:
    """Labels that are others, that are gone and that are new, of the items that both audits have."""
    both = shared.both
    a, b = old[shared.old[both]], new[shared.new[both]]
    held = (a >= 0) & (b >= 0)
    differ, gone, came = (int(mask.sum()) for mask in (held & (a != b), (a >= 0) & (b < 0), (a < 0) & (b >= 0)))
    if not (differ or gone or came):
        return []
    counts = {"differ": differ, "shared": int(held.sum()), "gone": gone, "new": came}
    parts = [f"{n:,} {word}" for word, n in (("gone", gone), ("new", came)) if n]
    told = f"{differ:,} of {counts['shared']:,} {words} on the same items differ" if differ else ""
    rest = f"{'; ' if differ else f'{words} on the same items: '}{', '.join(parts)}" if parts else ""
    return [{**_change(what, name, who, f"{told}{rest}"), **counts}]


def _people(old: Marks, new: Marks, *, whole: bool) -> str:
    """Which people's labels are others; where items came or went their digests differ anyhow."""
    gone = [name for name in old.people if name not in new.people]
    came = [name for name in new.people if name not in old.people]
    other = [n for n in _both(old.people, new.people) if whole and old.people[n] != new.people[n]]
    parts = [
        f"{word} {', '.join(map(one_line, names))}"
        for word, names in (("new raters:", came), ("raters gone:", gone), ("other labels by", other))
        if names
    ]
    return "; ".join(parts)


def _by_digests(name: str, old: Marks, new: Marks) -> list[Record]:
    """Where single items are not kept: that something differs, and not how much."""
    out = []
    if old.items != new.items:
        out.append(_change("outputs", name, None, f"other items ({old.n_items:,} before, {new.n_items:,} now)"))
    elif old.outputs != new.outputs:
        out.append(_change("outputs", name, None, "texts of the same items differ"))
    same = old.items == new.items
    differ = same and old.reference != new.reference
    if differ:
        out.append(_change("labels", name, None, "labels of the reference differ"))
    if people := _people(old, new, whole=same and not differ):
        out.append(_change("labels", name, None, people))
    for judge in _both(old.judges, new.judges):
        if same and old.judges[judge] != new.judges[judge]:
            out.append(_change("judge", name, judge, "verdicts differ"))
    return out


def _judges_told(old: AuditResult, new: AuditResult) -> list[Record]:
    """Judges that came or went, and what is known of those that stayed: settings, and the models that answered."""
    before = {judge for about in old.questions for judge in about.judges}
    now = {judge for about in new.questions for judge in about.judges}
    out = [_change("judge", None, judge, "is in the new audit alone") for judge in sorted(now - before)]
    out += [_change("judge", None, judge, "is in the old audit alone") for judge in sorted(before - now)]
    for judge in sorted(now & before):
        out += _settings(old, new, judge)
        models = [_served(one, judge) for one in (old, new)]
        if models[0] and models[1] and models[0] != models[1]:
            said = " → ".join(", ".join(map(one_line, names)) for names in models)
            out.append(_change("judge", None, judge, f"another model answered: {said}"))
    return out


def _settings(old: AuditResult, new: AuditResult, judge: str) -> list[Record]:
    """Which of a judge's settings are others, where both audits know them."""
    a, b = (one.options.get("judges", {}).get(judge) for one in (old, new))
    if a is None or b is None or a == b:
        return []
    parts = [words for key, words in _IDENTITY.items() if a.get(key) != b.get(key)]
    if len(parts) > 1:  # the fingerprint follows from the others
        parts = [part for part in parts if part != _IDENTITY["fingerprint"]]
    return [_change("judge", None, judge, f"{', '.join(parts)} changed")]


def _served(result: AuditResult, judge: str) -> list[str]:
    """The models that answered for a judge."""
    return sorted({one.model for service in result.services if service.judge == judge for one in service.models})


def _tables(old: AuditResult, new: AuditResult) -> list[Record]:
    """By the files alone, where the audits hold nothing better."""
    marked = {mark.question for mark in old.marks} & {mark.question for mark in new.marks}
    if marked:
        return []
    out = []
    for name in sorted({*old.inputs, *new.inputs} - {"study.toml"}):
        a, b = _digest(old, name), _digest(new, name)
        if a != b:
            begins = PurePosixPath(name).parts[0].split(".")[0]
            what = _TABLES.get(begins, "table")
            word = "is new" if a is None else "is gone" if b is None else "changed"
            out.append(_change(what, None, None, f"{one_line(name)} {word}"))
    return out


def _rules(old: AuditResult, new: AuditResult) -> list[Record]:
    out = []
    if old.label_source != new.label_source:
        out.append(_change("labels", None, None, f"label source: {old.label_source} → {new.label_source}"))
    for one in declared(AuditOptions):
        a, b = _option(old, one), _option(new, one)
        if a != b:
            out.append(_change("options", None, None, f"{one.name}: {_shown(a)} → {_shown(b)}"))
    rules = [
        {rule.name: getattr(one.policy, rule.name) for rule in fields(Policy) if rule.name != "source"}
        for one in (old, new)
    ]
    if rules[0] != rules[1]:
        keys = [key for key in dict.fromkeys([*rules[0], *rules[1]]) if rules[0].get(key) != rules[1].get(key)]
        out.append(_change("policy", None, None, f"{', '.join(keys)} changed"))
    versions = [{"judgeaudit": one.judgeaudit, **one.versions} for one in (old, new)]
    other = [key for key in versions[1] if versions[0].get(key) != versions[1][key]]
    if other:
        told = ", ".join(f"{key} {versions[0].get(key, 'unknown')} → {versions[1][key]}" for key in other)
        out.append(_change("versions", None, None, told))
    return out


def _option(result: AuditResult, one: Declared) -> object:
    """What an audit says of an option; of one that came later than the audit, its default."""
    if one.name in KEYS_OF_THEIR_OWN:
        return getattr(result, one.name)
    found = result.options.get(one.name, one.default)
    return None if found in _EMPTY else found


def _shown(value: object) -> str:
    return "none" if value in _EMPTY else one_line(str(value))


def _change(what: str, question: str | None, who: str | None, sentence: str) -> Record:
    return {"what": what, "question": question, "who": who, "sentence": sentence}


def _named(records: Sequence[QuestionRecord], name: str) -> QuestionRecord | None:
    return next((one for one in records if one.name == name), None)


def _digest(result: AuditResult, file: str) -> str | None:
    found = result.inputs.get(file)
    return None if found is None else found.sha256


def _both(old: Collection[str], new: Collection[str]) -> list[str]:
    return [name for name in new if name in old]
