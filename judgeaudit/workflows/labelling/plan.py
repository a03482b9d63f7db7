"""`label sample`: which outputs people shall label, in what order, and what that can decide."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence, Set
from contextlib import nullcontext
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from judgeaudit.audit.cluster_warnings import FEW_CLUSTERS
from judgeaudit.domain.errors import InputError, one_line
from judgeaudit.domain.labelling.sampling import Draw, draw, half_width, items_for_precision
from judgeaudit.domain.labelling.tasks import MAIN, PILOT, PlannedTask, Purpose, opaque_id
from judgeaudit.domain.question import canonical
from judgeaudit.workflows.labelling.chance_to_decide import WIDE, chance_lines, effective_sizes
from judgeaudit.workflows.labelling.form import form_of, guidelines_of
from judgeaudit.workflows.labelling.growth import (
    Again,
    Grown,
    Part,
    Wish,
    earlier_draws,
    grown_from,
    kept,
    repeated,
    shown_again,
    with_chances,
)
from judgeaudit.workflows.labelling.known_answers import known_items, known_lines, more_known

if TYPE_CHECKING:
    from judgeaudit.labelling.order import Known, Pick, Slot
    from judgeaudit.storage.config.schema import StudyConfig
    from judgeaudit.storage.files.read import Table
    from judgeaudit.workflows.labelling.growth import Wish


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanReport:
    """A plan, and what to say of it before anybody labels."""

    round: str
    tasks: tuple[PlannedTask, ...]
    lines: tuple[str, ...]
    warnings: tuple[str, ...]


def sample_round(study: Path, name: str, wish: Wish, *, write: bool = True) -> PlanReport:
    """Draws items, orders them, and writes the plan. What a plan holds that was sent stays as it is."""
    from judgeaudit.storage.config.read import read_study
    from judgeaudit.storage.labelling.rounds import RoundFolder, study_key
    from judgeaudit.storage.study.outputs import outputs_of

    config, folder, outputs = read_study(study), RoundFolder(study, name), outputs_of(study)
    second = "response_b"
    if form_of(config).pairwise and second not in outputs.columns:
        raise outputs.missing(second, "the second answer of pairwise questions")
    guidelines_of(study, config)  # what the push will need is missed before anything is planned
    with folder.alone() if write else nullcontext():
        grown = grown_from(folder, wish)
        drawing = _drawing(study, name, outputs, wish)
        drawn = drawing(wish.per_stratum)
        key = study_key(study) if write else b"nothing is written under these ids"
        tasks, warnings = _tasks(study, config, outputs, name, wish, drawing, grown, key)
        if write:
            folder.write_plan(tasks, _about(wish, drawn, outputs, grown, tasks))
    precise = (
        [] if wish.precision is None else precision_lines(study, config, outputs, drawn, by_verdicts=wish.verdicts)
    )
    chances = [] if name == PILOT else chance_lines(config, drawn, by_verdicts=wish.verdicts)
    lines = (
        *plan_lines(config, drawn, tasks, grown.tasks, wish),
        *known_lines(study, config),
        *precise,
        *chances,
    )
    told = [] if name == PILOT else _few_clusters(config, outputs, drawn)
    return PlanReport(round=name, tasks=tuple(tasks), lines=lines, warnings=(*warnings, *told))


def _few_clusters(config: StudyConfig, outputs: Table, drawn: Draw) -> list[str]:
    """A sentence where the drawn items come from so few prompts that the gate could bound nothing."""
    if config.cluster is None or config.cluster not in outputs.columns:
        return []
    cells = outputs.frame[config.cluster].to_numpy()
    found = len({cells[index] for index in drawn.chosen})
    if found >= FEW_CLUSTERS:
        return []
    return [
        f"the items come from {found} different values of '{one_line(config.cluster)}', which study.toml names as cluster: "
        f"under {FEW_CLUSTERS} no judge can be certified, however many items are labelled; bring in outputs to more prompts"
    ]


def wish_of(
    config: StudyConfig,
    *,
    items: int | None,
    precision: float | None,
    by: tuple[str, ...] | None,
    verdicts: bool,
    pilot: int | None,
    repeats: float | None,
    seed: int,
) -> Wish:
    """The command's options, with study.toml behind them."""
    _refuse_two_sizes(items, precision, pilot, verdicts=verdicts)
    for value, flag in ((items, "--items"), (pilot, "--pilot")):
        if value is not None and value < 1:
            msg = f"{flag} {value}: at least 1"
            raise InputError(msg)
    if repeats is not None and not 0 <= repeats <= 1:
        msg = f"--repeats {repeats:g}: a share between 0 and 1"
        raise InputError(msg)
    if precision is not None:
        items = items_for_precision(precision)
    return Wish(
        by=() if pilot is not None else config.sampling_columns if by is None else by,
        per_stratum=pilot or items or config.labelling.items_per_stratum,
        seed=seed,
        verdicts=verdicts,
        repeats=(0.0 if pilot is not None else config.labelling.repeats) if repeats is None else repeats,
        pilot=pilot is not None,
        precision=precision,
    )


def _refuse_two_sizes(items: int | None, precision: float | None, pilot: int | None, *, verdicts: bool) -> None:
    if items is not None and precision is not None:
        msg = "--items and --precision both say how many; give one"
        raise InputError(msg)
    if pilot is not None and (items is not None or precision is not None or verdicts):
        msg = "--pilot N is the whole size of a pilot; leave --items, --precision and --verdicts away"
        raise InputError(msg)


def _drawing(study: Path, name: str, outputs: Table, wish: Wish) -> Callable[[int], Draw]:
    """The wish's draw with any number of items a stratum; what it rests on is read once."""
    from judgeaudit.storage.study.slices import values_of
    from judgeaudit.workflows.labelling.verdict_weights import verdict_weights

    strata = {column: values_of(column, outputs, flag="label sample") for column in wish.by}
    items, weights = list(outputs.frame["item_id"]), verdict_weights(study) if wish.verdicts else None
    exclude = _planned(study, PILOT if name == MAIN else MAIN)

    def drawing(per_stratum: int) -> Draw:
        return draw(
            items,
            strata,
            per_stratum=per_stratum,
            seed=wish.seed,
            weights=weights,
            exclude=exclude,
            stage=name,
        )

    return drawing


def _planned(study: Path, name: str) -> set[str]:
    """Items of the other round: nobody sees an item in the pilot and in the main round."""
    from judgeaudit.storage.labelling.rounds import RoundFolder

    other = RoundFolder(study, name)
    return {task.item_id for task in other.tasks() if task.purpose == "item"} if other.planned else set()


def _tasks(
    study: Path,
    config: StudyConfig,
    outputs: Table,
    name: str,
    wish: Wish,
    drawing: Callable[[int], Draw],
    grown: Grown,
    key: bytes,
) -> tuple[list[PlannedTask], list[str]]:
    drawn, earlier = drawing(wish.per_stratum), grown.tasks
    items = list(outputs.frame["item_id"])
    place = {item: number for number, item in enumerate(items)}
    there = {task.item_id for task in earlier if task.purpose == "item"}
    fresh = [items[index] for index in drawn.chosen if items[index] not in there]
    known = known_items(study, config)
    more = more_known(known, earlier, len(fresh), wish.seed)
    again = shown_again(earlier, place.keys(), len(fresh), len(more), share=wish.repeats, seed=wish.seed)
    before = earlier_draws(grown.parts, outputs.sha256, drawing) if fresh else []
    tasks = [kept(task, drawn, place.get(task.item_id), grows=bool(fresh)) for task in earlier]
    first = {task.item_id: task for task in tasks if task.purpose == "item"}
    for slot in _slots(config, outputs, place, wish, earlier, fresh, again, more):
        task = PlannedTask(
            ja_id=opaque_id(key, name, slot.purpose, slot.item_id),
            item_id=slot.item_id,
            purpose=slot.purpose,
            position=len(earlier) + slot.position,
            swapped=slot.swapped,
            part=len(grown.parts),
        )
        if slot.purpose == "calibration":
            tasks.append(replace(task, cell="", known=known[slot.item_id][1]))
        elif slot.item_id in first:
            tasks.append(repeated(first[slot.item_id], task))
        else:
            tasks.append(with_chances(task, drawn, before, place[slot.item_id]))
    return tasks, [*_pushed_out(earlier, {items[index] for index in drawn.chosen}), *_too_near(again)]


def _slots(
    config: StudyConfig,
    outputs: Table,
    place: Mapping[str, int],
    wish: Wish,
    earlier: Sequence[PlannedTask],
    fresh: Sequence[str],
    again: Again,
    known: Sequence[Known],
) -> list[Slot]:
    """The new tasks in order, which goes on from what stands before it."""
    from judgeaudit.labelling.order import ordered

    why: list[Purpose] = ["item" for _ in fresh]
    why += ["repeat" for _ in again.items]
    seam = picks(outputs, [place[task.item_id] for task in earlier[-1:] if task.item_id in place])
    return ordered(
        picks(outputs, [place[item] for item in (*fresh, *again.items)], purposes=why),
        seed=wish.seed + len(earlier),
        repeats=again.share,
        gap=again.gap,
        calibration=known,
        sides=form_of(config).pairwise,
        after=seam[0] if seam else None,
    )


def _too_near(again: Again) -> list[str]:
    """Repeats that would come too soon after the first showing measure memory."""
    if not again.left_out:
        return []
    return [
        f"{again.left_out} items fewer are shown again than wanted: no more of them stand far enough from the new tasks"
    ]


def _pushed_out(earlier: Sequence[PlannedTask], chosen: Set[str]) -> list[str]:
    out = sum(task.purpose == "item" and task.item_id not in chosen for task in earlier)
    if not out:
        return []
    return [
        f"{out} items of the earlier plan would not be drawn from the outputs or verdicts as they are now; they stay, and "
        "count with the chance that they were drawn with"
    ]


def picks(outputs: Table, places: Sequence[int], *, purposes: Sequence[Purpose] = ()) -> list[Pick]:
    """Outputs as the order of tasks wants them: answers to one prompt are kept apart."""
    from judgeaudit.labelling.order import Pick

    column = next((name for name in ("prompt_id", "prompt", "messages") if name in outputs.columns), None)
    items = outputs.frame["item_id"].to_numpy()
    prompts = outputs.frame[column].to_numpy() if column else np.full(len(items), "", dtype=object)
    why: Sequence[Purpose] = purposes or ["item"] * len(places)
    return [Pick(item_id=items[n], prompt=prompts[n], purpose=p) for n, p in zip(places, why, strict=True)]


def _about(wish: Wish, drawn: Draw, outputs: Table, grown: Grown, tasks: Sequence[PlannedTask]) -> dict[str, object]:
    now = Part(per_stratum=wish.per_stratum, outputs_sha256=outputs.sha256)
    parts = (*grown.parts, now) if len(tasks) > len(grown.tasks) else grown.parts
    return {
        "kind": wish.kind(),
        "per_stratum": wish.per_stratum,
        "repeats": wish.repeats,
        "population": drawn.population,
        "sampled": drawn.sampled,
        "outputs_sha256": outputs.sha256,
        "parts": [asdict(part) for part in parts],
    }


# What a plan says of itself before anybody labels: how many outputs of each stratum, tasks, and labellings.


def plan_lines(
    config: StudyConfig, drawn: Draw, tasks: Sequence[PlannedTask], earlier: Sequence[PlannedTask], wish: Wish
) -> list[str]:
    """Strata down, then what is shown how often, and what of it is new."""
    count = {purpose: sum(task.purpose == purpose for task in tasks) for purpose in ("item", "repeat", "calibration")}
    names = {name: one_line(name, limit=WIDE) for name in drawn.population}
    wide = max(len("stratum"), *map(len, names.values()))
    lines = [f"{'stratum':<{wide}}  outputs  to label"]
    lines += [
        f"{names[name]:<{wide}}  {size:>7,}  {drawn.sampled.get(name, 0):>8,}"
        for name, size in drawn.population.items()
    ]
    lines += _fewer(drawn, wish)
    extra = [f"{count['repeat']:,} shown again" if count["repeat"] else ""]
    extra += [f"{count['calibration']:,} with known answers" if count["calibration"] else ""]
    raters = config.labelling.raters_per_item
    said = "".join(f", {one}" for one in extra if one)
    lines.append(
        f"{count['item']:,} items{said}: {len(tasks):,} tasks for {raters} people each, {len(tasks) * raters:,} labellings"
    )
    if earlier:
        lines.append(
            f"{len(earlier):,} of these tasks were planned before and stay as they are; {len(tasks) - len(earlier):,} are new"
        )
    if count["repeat"]:
        lines.append(
            f"a repeat reaches the same person for certain where {raters} people label; with more people, only by chance"
        )
    return lines


def _fewer(drawn: Draw, wish: Wish) -> list[str]:
    """What limits the plan: strata with fewer outputs than wanted, and outputs that the other round holds."""
    whole = {name: size for name, size in drawn.population.items() if name != "all" or len(drawn.population) == 1}
    short = [name for name, size in whole.items() if size < wish.per_stratum]
    lines = []
    if short:
        named = ", ".join(one_line(name, limit=WIDE) for name in short[:3]) + (", …" if len(short) > 3 else "")
        lines.append(f"fewer than the {wish.per_stratum:,} wanted are there of {named}: all of them are taken")
    if aside := sum(not cell for cell in drawn.cell):
        lines.append(f"{aside:,} outputs are in the {'main round' if wish.pilot else 'pilot'} and are left out here")
    return lines


# What `--precision` comes to: the rate over all items as asked, those over positive or negative items by how many
# there are.


#: told where neither labels nor verdicts say how many items are positive
SUPPOSED = 0.1


def precision_lines(study: Path, config: StudyConfig, outputs: Table, drawn: Draw, *, by_verdicts: bool) -> list[str]:
    """For the terminal: what half an interval comes to over all items drawn, for each question with a positive side."""
    worth = effective_sizes(drawn)
    asked = {
        name: _share(study, config, name) for name, one in config.questions.items() if one.positive and not one.multiple
    }
    lines = []
    smallest = min((name for name in worth if name != "all"), key=worth.__getitem__, default="all")
    for stratum in dict.fromkeys((smallest, "all")):
        n, items = drawn.sampled[stratum], worth[stratum]
        where = "all" if stratum == "all" else f"the smallest stratum, {one_line(stratum, limit=WIDE)}"
        equal = f" (worth {items:,} equally likely ones)" if items < n else ""
        lines.append(f"precision in {where}, {n:,} items{equal}: accuracy ± {half_width(items):.2f} or better")
        for name, (share, source) in asked.items():
            parts = {"sensitivity": share, "specificity": 1.0 - share}
            told = ", ".join(f"{rate} ± {half_width(max(items * part, 1.0)):.2f}" for rate, part in parts.items())
            lines.append(
                f"  {one_line(name, limit=WIDE)}: {told} or better, {share:.0%} of the items being positive ({source})"
            )
    if by_verdicts:
        lines.append("  chances follow verdicts: sensitivity may be told worse, where few heavy items are positive")
    if config.cluster is not None and _repeats(outputs, config.cluster, drawn):
        lines.append(
            f"  values of {one_line(config.cluster, limit=40)} repeat among the items, which makes all of these wider"
        )
    return lines


def _repeats(outputs: Table, column: str, drawn: Draw) -> bool:
    if column not in outputs.columns:
        return False
    values = outputs.frame[column].to_numpy()[list(drawn.chosen)]
    return len(set(values)) < len(values)


def _share(study: Path, config: StudyConfig, question: str) -> tuple[float, str]:
    """The share of positive items by the labels so far, else by the verdicts, else a supposed one; and which."""
    from judgeaudit.workflows.labelling.rows import label_rows
    from judgeaudit.workflows.labelling.verdict_weights import labels_said

    positive = {canonical(label) for label in config.questions[question].positive}
    people = [row["label"] for row in label_rows(study, config) if _labels(row, question)]
    for said, source in ((people, "by the labels so far"), (labels_said(study, question), "by the verdicts")):
        if said:
            return sum(canonical(label) in positive for label in said) / len(said), source
    return SUPPOSED, "supposed"


def _labels(row: Mapping[str, str], question: str) -> bool:
    return bool(row.get("question") == question and row.get("label") and (row.get("purpose") or "item") == "item")
