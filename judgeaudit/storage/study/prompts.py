"""The prompts of a study: a table with a prompt_id and a prompt, or messages, in each row."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from judgeaudit.domain.errors import InputError, nearest
from judgeaudit.domain.output import Output
from judgeaudit.storage.files.columns import refuse_doubles
from judgeaudit.storage.files.read import Table, read_table
from judgeaudit.storage.files.write import shown
from judgeaudit.storage.labelling.book import rows_of_table
from judgeaudit.storage.study.outputs import output_of

#: columns of the outputs that are the models' to fill in
OF_MODELS = (
    *("item_id", "response", "response_b", "model", "checkpoint", "method", "degradation", "generator", "run"),
    *("temperature", "top_p", "max_new_tokens", "seed", "finish_reason", "output_tokens", "made_by"),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Prompt:
    """One prompt: what is asked, and its row, which goes into the outputs as it is."""

    prompt_id: str
    output: Output
    row: Mapping[str, str]


def read_prompts(folder: Path, name: str) -> list[Prompt]:
    """The prompts in order, each with an id of its own; an InputError that names the row otherwise."""
    file = folder / name
    if not file.is_file():
        msg = f"study.toml: generate.prompts: there is no file {shown(file)}; make it, a row for each prompt, or correct the name"
        raise InputError(msg)
    table = read_table(file)
    asked = "messages" if "messages" in table.columns else "prompt"
    strange = [one for one in table.columns if one not in ("prompt_id", "prompt", "messages")]
    for column in ("prompt_id", asked):
        if column not in table.columns:
            missing = table.missing(column, "prompts", near=nearest(column, strange))
            msg = f"{missing}; needed are prompt_id, and prompt or messages"
            raise InputError(msg)
    for column in OF_MODELS:
        if column in table.columns:
            msg = f"{table.name}: column '{column}' is one that models fill in; leave it out, or call it otherwise"
            raise InputError(msg)
    rows = rows_of_table(table)
    refuse_doubles(table, "prompt_id", called="prompt", each="prompt")
    return [_prompt(table, index, row) for index, row in enumerate(rows)]


def _prompt(table: Table, index: int, row: Mapping[str, str]) -> Prompt:
    if not row.get("prompt") and not row.get("messages"):
        msg = f"{table.at(index, 'prompt')}: the cell is empty; write what the models are asked, or take the row out"
        raise InputError(msg)
    try:
        output = output_of({"item_id": row["prompt_id"], "response": "", **row})
    except InputError:
        msg = f"{table.at(index, 'messages')}: the cell is no JSON list of objects with role and content; correct it"
        raise InputError(msg) from None
    return Prompt(prompt_id=row["prompt_id"], output=output, row=row)
