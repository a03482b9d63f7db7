"""Only a table with the known hash gets the name of a data set."""

from __future__ import annotations

import csv
import io
import json
import urllib.parse
import urllib.request

import pytest

from judgeaudit.datasets.download import Response, safe_opener
from judgeaudit.datasets.fetch import MIRROR_VARIABLE, get_dataset
from judgeaudit.datasets.registry import XSTEST_MODELS, find_dataset
from judgeaudit.domain.errors import InputError, OutsideError

FOLDERS = {
    "jailbreakbench-judges": "jbb_judge_comparison",
    "pandalm": "pandalm_pairwise",
    "xstest": "xstest_refusal",
}


class Elsewhere:
    """An opener that asks a server on this machine for what lies at a public address."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.inner = safe_opener(url)

    def open(self, request: urllib.request.Request, data: None = None, timeout: float = 5.0) -> Response:
        path = urllib.parse.urlsplit(request.full_url).path
        return self.inner.open(f"{self.url}{path}", data, timeout)


def upstream_of(name: str, table: list[dict[str, str]]) -> list[bytes]:
    """Files in the shape of the upstream ones, with the labels of a label table and texts of the same lengths."""
    if name == "pandalm":
        shared = ("cmp_key", "motivation_app")
        people = ("annotator1", "annotator2", "annotator3")
        pairs = [
            {"idx": int(row["idx"])} | {key: row[key] for key in shared} | {key: int(row[key]) for key in people}
            for row in table
        ]
        gpt = [{"idx": int(row["idx"]), "gpt_result": row["judge_gpt35"]} for row in table]
        panda = [{"idx": int(row["idx"]), "pandalm_result": int(row["judge_pandalm7b"])} for row in table]
        return [json.dumps(part, indent=4).encode() for part in (pairs, gpt, panda)]
    if name == "xstest":
        parts = [[row for row in table if row["model"] == model] for model in XSTEST_MODELS]
        texts = [as_csv([row | {"completion": "x" * int(row["completion_chars"])} for row in part]) for part in parts]
        return [*texts, *(as_csv(part) for part in parts), *(as_csv(part) for part in parts)]
    goals = {"0": "an attack", "1": "a goal"}
    rows = [
        {"Index": row["item_id"], "goal": "a goal", "prompt": goals[row["prompt_equals_goal"]]}
        | {"target_response": "x" * int(row["response_chars"])}
        | row
        for row in table
    ]
    return [as_csv(rows)]


def as_csv(rows: list[dict[str, str]]) -> bytes:
    file = io.StringIO()
    writer = csv.DictWriter(file, list(rows[0]))
    writer.writeheader()
    writer.writerows(rows)
    return file.getvalue().encode("utf-8")


@pytest.fixture(autouse=True)
def no_mirror(monkeypatch):
    """The environment of whoever runs the tests decides nothing."""
    monkeypatch.delenv(MIRROR_VARIABLE, raising=False)


@pytest.mark.parametrize("name", sorted(FOLDERS))
def test_a_mirror_gives_the_table(name, server, answer, tmp_path, shared_data, monkeypatch):
    """The table arrives byte for byte, its licence beside it; the second call asks nobody."""
    table = (shared_data / FOLDERS[name] / "labels.csv").read_bytes()
    server.answers[f"/data/{name}/labels.csv"] = [answer(table)]
    monkeypatch.setenv(MIRROR_VARIABLE, f"{server.url}/data/")
    fetched = get_dataset(name, tmp_path / "here")
    assert fetched.table == tmp_path / "here" / "labels.csv"
    assert fetched.table.read_bytes() == table
    assert fetched.notice.read_text(encoding="utf-8") == find_dataset(name).notice
    assert fetched.source == f"{server.url}/data/{name}/labels.csv"
    assert fetched.downloaded
    assert not get_dataset(name, tmp_path / "here", base_url=server.url).downloaded
    assert len(server.asked) == 1


@pytest.mark.parametrize("name", sorted(FOLDERS))
def test_upstream_shaped_files_give_the_known_table(name, server, answer, tmp_path, shared_data):
    """Files with the upstream's columns and the known labels convert, byte for byte, to the table of the known hash."""
    table = (shared_data / FOLDERS[name] / "labels.csv").read_bytes()
    files = upstream_of(name, list(csv.DictReader(io.StringIO(table.decode("utf-8"), newline=""))))
    for url, data in zip(find_dataset(name).upstream, files, strict=True):
        server.answers[urllib.parse.urlsplit(url).path] = [answer(data)]
    fetched = get_dataset(name, tmp_path, opener=Elsewhere(server.url))
    assert fetched.table.read_bytes() == table
    assert fetched.source == find_dataset(name).home
    assert sorted(path.name for path in tmp_path.iterdir()) == ["labels.csv", "labels.csv.licence.txt"]


def test_another_hash_from_a_mirror_keeps_nothing(server, answer, tmp_path):
    """A mirror serves converted tables, so a difference is an error and not a newer version."""
    server.answers["/pandalm/labels.csv"] = [answer(b"idx\n1\n")]
    with pytest.raises(InputError) as caught:
        get_dataset("pandalm", tmp_path, base_url=server.url)
    expected = (
        f"{server.url}/pandalm/labels.csv: sha256 8ae93205f146… is not the 8b1c8177a597… of pandalm; "
        "nothing was kept, ask whoever runs the mirror"
    )
    assert str(caught.value) == expected
    assert list(tmp_path.iterdir()) == []


def test_upstream_that_changed_is_kept_under_another_name(server, answer, tmp_path):
    """A converted table of another hash is there to look at, but never as labels.csv, and the exit code is 2."""
    record = {"idx": 0, "cmp_key": "a_b", "motivation_app": "x", "annotator1": 1, "annotator2": 1, "annotator3": 1}
    base = "/WeOpenML/PandaLM/3871806e72b4832f815ecafd24d3503c73403f48/data"
    for name, records in (
        ("testset-v1", [record]),
        ("gpt-3.5-turbo-testset-v1", [{"idx": 0, "gpt_result": "1"}]),
        ("pandalm-7b-testset-v1", [{"idx": 0, "pandalm_result": 2}]),
    ):
        server.answers[f"{base}/{name}.json"] = [answer(json.dumps(records).encode())]
    with pytest.raises(InputError) as caught:
        get_dataset("pandalm", tmp_path, opener=Elsewhere(server.url))
    kept = tmp_path / "labels.unverified.csv"
    assert [path.name for path in tmp_path.iterdir()] == [kept.name]
    assert kept.read_text(encoding="utf-8").splitlines()[1] == "0,a_b,x,1,1,1,1,2"
    assert str(caught.value).startswith(f"{kept}: upstream of pandalm changed or its conversion differs (sha256 ")
    assert caught.value.exit_code == 2
    assert "\n" not in str(caught.value)


def test_upstream_that_is_gone_is_an_outside_failure(server, tmp_path):
    """Exit code 5, one line, nothing kept."""
    with pytest.raises(OutsideError) as caught:
        get_dataset("xstest", tmp_path, opener=Elsewhere(server.url))
    assert caught.value.exit_code == 5
    assert "404 Not Found" in str(caught.value)
    assert list(tmp_path.iterdir()) == []


def test_a_table_of_yours_is_not_overwritten(server, tmp_path):
    """Another labels.csv in the folder stays as it is, and nobody is asked."""
    (tmp_path / "labels.csv").write_text("mine\n", encoding="utf-8")
    with pytest.raises(InputError) as caught:
        get_dataset("xstest", tmp_path, base_url=server.url)
    table = tmp_path / "labels.csv"
    expected = f"{table} is already there and is not the table of xstest; move it away or name another folder"
    assert str(caught.value) == expected
    assert [path.name for path in tmp_path.iterdir()] == ["labels.csv"]
    assert table.read_text(encoding="utf-8") == "mine\n"
    assert server.asked == []


def test_a_folder_that_cannot_be_made_is_an_input_error(server, tmp_path):
    """A file in place of the folder is one line."""
    (tmp_path / "file").write_text("", encoding="utf-8")
    with pytest.raises(InputError, match="cannot be read or written") as caught:
        get_dataset("xstest", tmp_path / "file" / "here", base_url=server.url)
    assert "\n" not in str(caught.value)


def test_an_unsafe_mirror_is_refused(tmp_path):
    """The mirror's address is held to the same rule as every address."""
    with pytest.raises(InputError, match="data sets come over https"):
        get_dataset("xstest", tmp_path, base_url="http://example.org")
    with pytest.raises(InputError, match="data sets come over https"):
        get_dataset("xstest", tmp_path, base_url="file:///srv")
    assert list(tmp_path.iterdir()) == []
