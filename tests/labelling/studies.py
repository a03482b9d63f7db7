"""Studies to be labelled: the safety template with outputs of the test's own."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path

from judgeaudit.labelling.server.server import Server
from judgeaudit.study import Study

#: what a model can emit and a form, a database or a page might not take
HOSTILE = (
    "",
    "a\x00b",
    "lone \ud800 surrogate \udfff",
    "\x1b[31mred\x1b[0m \x07\x7f\x85",
    "gnp.exe \u202egpj\u202c \u2066x\u2069 \u200f",
    "\ufeffbom \u200bzero\u2060width\u00ad",
    "<script>alert(1)</script><img src=x onerror=alert(2)> &amp; <b>bold</b>",
    "$prompt ${response} {{ja_id}} %s {0}",
    "line\nbreaks\r\nand\rlone\ttabs\u2028\u2029 end ",
    " leading and trailing ",
    "Ω≈ç√ 漢字 עברית العربية 👩‍👩‍👧 \U000e0041tag",
    "␛{D800} ␛ already escaped ␛{241B}",
    "x" * 1_000_000,
    "word " * 4000,
    "quotes \" and ' and \\ and `backticks`",
    "null",
    "\ud83d\ude00 a pair in two halves",
)


def make_study(folder: Path, responses: Sequence[str], *, name: str = "", **labelling: object) -> Study:
    """A study whose outputs are these responses, three to a prompt, each by a model whose name must not travel."""
    study = Study.init(folder)
    rows = [
        {
            "item_id": f"item-{n:05}",
            "prompt_id": f"p{n // 3}",
            "prompt": f"Question {n // 3}?",
            "response": text,
            "model": f"secret-model-{n % 3}",
            "benchmark": "secret-bench",
        }
        for n, text in enumerate(responses)
    ]
    (folder / "outputs.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    if labelling:
        set_labelling(folder, **labelling)
    return study


def set_labelling(folder: Path, **keys: object) -> None:
    """Replaces the [labelling] table of study.toml."""
    text = (folder / "study.toml").read_text(encoding="utf-8")
    head, _, rest = text.partition("[labelling]")
    _, gap, after = rest.partition("\n\n")
    said = "".join(f"{key} = {json.dumps(value)}\n" for key, value in keys.items())
    (folder / "study.toml").write_text(f"{head}[labelling]\n{said}{gap}{after}", encoding="utf-8")


def reach(server: Server) -> dict[str, str]:
    """The arguments that name a server."""
    return {"url": server.url, "token": server.admin.token}


def rows_of(study: Study) -> list[dict[str, str]]:
    """annotations.jsonl."""
    file = study.folder / "annotations.jsonl"
    return [json.loads(line) for line in file.read_text(encoding="utf-8").splitlines()] if file.is_file() else []


def sent_of(study: Study, round_name: str = "main") -> dict[str, int]:
    """Opaque id -> number of the task on the server, as the push noted it."""
    from judgeaudit.storage.labelling.rounds import RoundFolder

    return {ja_id: sent.task_id for ja_id, sent in RoundFolder(study.folder, round_name).sent().items()}


def planned(study: Study, round_name: str = "main"):
    from judgeaudit.storage.labelling.rounds import RoundFolder

    return RoundFolder(study.folder, round_name).tasks()
