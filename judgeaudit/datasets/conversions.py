"""From upstream files to label tables: labels and lengths are taken over, texts are dropped.

The column names were read off the upstream files, and the laws of the conversions are tested on small samples of that
shape. That the conversion of the whole upstream files gives the registered hash has not been run: so the hash of every
converted table is compared with the registered one, and a table that differs is never given the name of the data set.
"""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable, Sequence

from judgeaudit.datasets.registry import JAILBREAKBENCH, PANDALM, XSTEST, XSTEST_MODELS
from judgeaudit.domain.errors import InputError, one_line

Record = dict[str, str]


def convert(name: str, files: Sequence[bytes]) -> bytes:
    """The label table of a data set, as CSV bytes with LF line ends, from its upstream files in their order."""
    return CONVERSIONS[name](files)


def convert_jailbreakbench(files: Sequence[bytes]) -> bytes:
    """One file; a row each. `prompt_equals_goal` tells plain requests from attacks; lengths count code points."""
    (table,) = files
    people = ["human1", "human2", "human3", "human_majority"]
    judges = ["harmbench_cf", "gpt4_cf", "llamaguard2_cf", "llama3_cf"]
    labels = [*people, *judges]
    records = _records(table, "judge-comparison.csv", ["Index", "goal", "prompt", "target_response", *labels])
    rows = [
        [
            record["Index"],
            *(record[label] for label in labels),
            str(len(record["target_response"])),
            str(int(record["prompt"] == record["goal"])),
        ]
        for record in records
    ]
    return _csv_bytes(["item_id", *labels, "response_chars", "prompt_equals_goal"], rows)


def convert_xstest(files: Sequence[bytes]) -> bytes:
    """Completions, keyword verdicts and GPT-4 verdicts of each system; verdicts are joined by id."""
    count = len(XSTEST_MODELS)
    people = ["annotation_1", "annotation_2", "final_label"]
    rows: list[list[str]] = []
    for number, model in enumerate(XSTEST_MODELS):
        completions, words, replies = (files[number + part * count] for part in range(3))
        strmatch = _column(words, f"{model}_streval.csv", "id", "strmatch_label")
        gpt4 = _column(replies, f"{model}_gpteval.csv", "id", "gpt4_label")
        for record in _records(completions, f"{model}.csv", ["id", "type", "completion", *people]):
            key = record["id"]
            rows.append(
                [
                    *(model, key, record["type"], "unsafe" if record["type"].startswith("contrast") else "safe"),
                    *(record[name] for name in people),
                    *(_joined(strmatch, key, f"{model}_streval.csv"), _joined(gpt4, key, f"{model}_gpteval.csv")),
                    str(len(record["completion"])),
                ]
            )
    header = ["model", "id", "type", "prompt_class", *people, "strmatch_label", "gpt4_label", "completion_chars"]
    return _csv_bytes(header, rows)


def convert_pandalm(files: Sequence[bytes]) -> bytes:
    """The test set in its order; the two judges' results are joined by idx."""
    pairs, gpt35, pandalm = (
        _json_records(file, name)
        for file, name in zip(
            files, ("testset-v1.json", "gpt-3.5-turbo-testset-v1.json", "pandalm-7b-testset-v1.json"), strict=True
        )
    )
    of_gpt35 = {_member(record, "idx"): _member(record, "gpt_result") for record in gpt35}
    of_pandalm = {_member(record, "idx"): _member(record, "pandalm_result") for record in pandalm}
    names = ["idx", "cmp_key", "motivation_app", "annotator1", "annotator2", "annotator3"]
    rows = []
    for record in pairs:
        row = [_member(record, name) for name in names]
        row.append(_joined(of_gpt35, row[0], "gpt-3.5-turbo-testset-v1.json"))
        row.append(_joined(of_pandalm, row[0], "pandalm-7b-testset-v1.json"))
        rows.append(row)
    return _csv_bytes([*names, "judge_gpt35", "judge_pandalm7b"], rows)


CONVERSIONS: dict[str, Callable[[Sequence[bytes]], bytes]] = {
    JAILBREAKBENCH.name: convert_jailbreakbench,
    PANDALM.name: convert_pandalm,
    XSTEST.name: convert_xstest,
}


def _changed(name: str, what: str) -> InputError:
    msg = f"upstream changed: {name} {one_line(what)}; nothing was kept, use a mirror or an older copy of the table"
    return InputError(msg)


def _text(data: bytes) -> str:
    """UTF-8, or latin-1 where it is not; the line ends are left to the readers."""
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError:
        return data.decode("latin-1")


def _records(data: bytes, name: str, columns: Sequence[str]) -> list[Record]:
    """The rows of a CSV file as dicts; every wanted column must be there and every row as long as the header."""
    reader = csv.reader(io.StringIO(_text(data), newline=""), strict=True)
    try:
        rows = list(reader)
    except csv.Error as error:
        raise _changed(name, f"is not CSV ({error})") from error
    header = rows[0] if rows else []
    missing = [column for column in columns if column not in header]
    if missing:
        raise _changed(name, f"has no column {missing[0]!r}")
    records = []
    for number, row in enumerate(rows[1:], start=2):
        if len(row) != len(header):
            raise _changed(name, f"has {len(row)} cells in record {number}, {len(header)} in the header")
        records.append(dict(zip(header, row, strict=True)))
    return records


def _column(data: bytes, name: str, key: str, value: str) -> dict[str, str]:
    return {record[key]: record[value] for record in _records(data, name, [key, value])}


def _joined(values: dict[str, str], key: str, name: str) -> str:
    if key not in values:
        raise _changed(name, f"has no verdict for item {key!r}")
    return values[key]


def _json_records(data: bytes, name: str) -> list[dict[str, object]]:
    try:
        records = json.loads(data)
    except ValueError as error:
        raise _changed(name, f"is not JSON ({error})") from error
    if not isinstance(records, list) or not all(isinstance(record, dict) for record in records):
        raise _changed(name, "is not a list of records")
    return records


def _member(record: dict[str, object], member: str) -> str:
    """A text or a whole number of a record, as text; anything else means that the format is another one."""
    value = record.get(member)
    if isinstance(value, bool) or not isinstance(value, str | int):
        msg = f"has {type(value).__name__} as {member!r}, neither text nor whole number"
        raise _changed(name="a record", what=msg)
    return str(value)


def _csv_bytes(header: list[str], rows: list[list[str]]) -> bytes:
    file = io.StringIO()
    writer = csv.writer(file, lineterminator="\n")
    writer.writerow(header)
    writer.writerows(rows)
    return file.getvalue().encode("utf-8", "surrogatepass")
