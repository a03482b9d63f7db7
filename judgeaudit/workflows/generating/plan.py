"""What the outputs of a study lack: which prompts each of its models has still to answer, and how an answer becomes a row."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from judgeaudit.domain.errors import InputError, nearest, one_line
from judgeaudit.domain.output import Turn, digest
from judgeaudit.services.messages import Request
from judgeaudit.storage.config.generate import GenerateConfig, GeneratorConfig, LocalGenerator, ServiceGenerator
from judgeaudit.storage.config.schema import StudyConfig
from judgeaudit.storage.files.write import append_jsonl, mend_jsonl
from judgeaudit.storage.identity.generator import made_by
from judgeaudit.storage.labelling.book import rows_of
from judgeaudit.storage.study.prompts import Prompt

OUTPUTS = "outputs.jsonl"


@dataclass(slots=True, kw_only=True)
class GenerateReport:
    """What came of running one model. `halted`: no further call could succeed. `stopped`: a person ended it.

    total, there  how many outputs there shall be, and how many earlier runs made
    failed        why prompts have no output -> how many
    finished      finish reason -> how many new outputs
    measured      task -> score, where the capability was measured
    """

    name: str
    total: int = 0
    there: int = 0
    made: int = 0
    failed: Counter[str] = field(default_factory=Counter)
    finished: Counter[str] = field(default_factory=Counter)
    measured: dict[str, float] = field(default_factory=dict)
    seconds: float = 0.0
    halted: str = ""
    stopped: str = ""

    @property
    def missing(self) -> int:
        return self.total - self.there - self.made


Tell = Callable[[GenerateReport], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """An output that is missing."""

    item_id: str
    prompt: Prompt
    run: int

    def request(self, system: str) -> Request:
        """What the model is asked."""
        output = self.prompt.output
        return Request(turns=output.turns or (Turn(role="user", content=output.prompt),), system=system)


@dataclass(slots=True, kw_only=True)
class Generator:
    """A model of a study, and where its outputs go."""

    name: str
    section: GeneratorConfig
    folder: Path
    made_by: str
    report: GenerateReport
    tell: Tell

    @property
    def where(self) -> str:
        """What errors call its section."""
        return f"generate.models.{one_line(self.name)}"

    def keep(self, rows: Sequence[Mapping[str, object]]) -> None:
        """After this the rows are on disk."""
        append_jsonl(self.folder / OUTPUTS, rows)
        self.report.made += len(rows)
        self.report.finished.update(str(row["finish_reason"]) for row in rows)
        self.tell(self.report)

    def row(self, one: Wanted, *, response: str, finish: str, tokens: int | None) -> dict[str, object]:
        """An output, with all that made it."""
        section = self.section
        local = section if isinstance(section, LocalGenerator) else None
        keys = section.keys if isinstance(section, ServiceGenerator) else {}
        asked = keys.get("temperature")
        return {
            "item_id": one.item_id,
            **one.prompt.row,
            "response": response,
            "model": section.model,
            **named(self.name, section),
            "generator": self.name,
            "run": one.run,
            "temperature": local.drawn_at if local is not None else None if asked == "unset" else asked,
            "top_p": local.top_p if local is not None else None,
            "max_new_tokens": section.max_new_tokens,
            "seed": local.seed if local is not None else keys.get("seed"),
            "finish_reason": finish,
            "output_tokens": tokens,
            "made_by": self.made_by,
        }


def named(name: str, section: GeneratorConfig) -> dict[str, str]:
    """What the columns checkpoint, method and degradation hold, of which study.toml may say any itself."""
    degraded = section.degrading if isinstance(section, LocalGenerator) else None
    return {
        "checkpoint": name if section.checkpoint is None else section.checkpoint,
        "method": (degraded.recipe if degraded else "") if section.method is None else section.method,
        "degradation": (str(degraded) if degraded else "none") if section.degradation is None else section.degradation,
    }


def item_id(prompt_id: str, name: str, run: int) -> str:
    """What an output is called: always the same, and nothing in it tells a judge or a rater which model it was."""
    return digest([prompt_id, name, f"{run}"])[:16]


def declared(config: StudyConfig, names: Sequence[str]) -> GenerateConfig:
    """The study's [generate] section, which has the models that were asked for."""
    if config.generate is None:
        msg = "study.toml: no [generate] section; add one with prompts, and a section such as [generate.models.base]"
        raise InputError(msg)
    for name in names:
        if name not in config.generate.models:
            known = list(config.generate.models)
            msg = f"study.toml: no model {one_line(name)!r}{nearest(name, known)}; declared are {', '.join(map(one_line, known))}"
            raise InputError(msg)
    return config.generate


def outputs_there(folder: Path) -> dict[str, Mapping[str, str]]:
    """Item -> its row, of a file whose last line is whole."""
    mend_jsonl(folder / OUTPUTS)
    return {row.get("item_id", ""): row for row in rows_of(folder, "outputs", appendable=True)}


def missing(generator: Generator, prompts: Sequence[Prompt], there: Mapping[str, Mapping[str, str]]) -> list[Wanted]:
    """The outputs of a model that no earlier run made, in the order of runs and prompts.

    An InputError where one is there that was made from another prompt, or by other settings under the same name.
    """
    found = []
    for one in _all(generator, prompts):
        held = there.get(one.item_id)
        if held is None:
            found.append(one)
        else:
            _refuse_other(generator, one, held)
    generator.report.total = len(prompts) * generator.section.runs
    generator.report.there = generator.report.total - len(found)
    return found


def _all(generator: Generator, prompts: Sequence[Prompt]) -> Iterator[Wanted]:
    for run in range(generator.section.runs):
        for prompt in prompts:
            yield Wanted(item_id=item_id(prompt.prompt_id, generator.name, run), prompt=prompt, run=run)


def _refuse_other(generator: Generator, one: Wanted, held: Mapping[str, str]) -> None:
    what = ""
    if held.get("made_by", "") != generator.made_by:
        what = "was made by other settings"
    elif any(held.get(column, "") != one.prompt.row.get(column, "") for column in ("prompt", "messages")):
        what = f"answers another prompt than {one_line(one.prompt.prompt_id)!r} is now"
    if what:
        msg = (
            f"{OUTPUTS}: item '{one.item_id}' of model {one_line(generator.name)!r} {what}; "
            "give the section another name, change it back, or take the model's outputs out of the file"
        )
        raise InputError(msg)


def generator_of(folder: Path, name: str, section: GeneratorConfig, tell: Tell) -> Generator:
    """A model of a study, ready to be asked."""
    made = made_by(section, folder, f"generate.models.{name}")
    return Generator(
        name=name, section=section, folder=folder, made_by=made, report=GenerateReport(name=name), tell=tell
    )
