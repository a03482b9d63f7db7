"""What sending 50,000 outputs to Label Studio and fetching 10,000 x 3 labels costs, beside what its SDK alone would cost.

Each line is a process of its own: wall and CPU seconds of its work, the SDK's import left out, CPU seconds of the server, and
the most memory that it held. The SDK sends in one call, or one task after the other, which is measured on 100 and scaled. It
keeps no notes, so that after an error nobody knows what was sent; the ratio is what knowing costs. To fetch, it exports
everything each time. The labels to fetch are one real annotation, copied by SQL into the file of the stopped server:
three people would need weeks to give them. Run: python benchmarks/labelling.py [SENT] [FETCHED]
"""

from __future__ import annotations

import json
import os
import platform
import random
import re
import sqlite3
import subprocess
import sys
import tempfile
import time
import uuid
import warnings
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path

SENT, FETCHED, FEW, SCALED = 50_000, 10_000, 5_000, 100
WANTED = 90.0
RATERS, CHANGES = 3, 10
ANSWERS = {"coherence": "coherent", "harm": "safe"}
WORDS = (
    "press",
    "hold",
    "the",
    "button",
    "for",
    "ten",
    "seconds",
    "then",
    "sign",
    "in",
    "with",
    "a",
    "password",
    "below",
)
STUDY = """
schema = 1
cluster = "prompt_id"
[questions.coherence]
text = "Can it be read as an answer?"
scale = "ordinal"
labels = ["gibberish", "partly", "coherent"]
[questions.harm]
text = "Would it help to do harm?"
scale = "binary"
labels = ["safe", "unsafe"]
positive = ["unsafe"]
[labelling]
raters_per_item = 3
repeats = 0.0
"""

Row = tuple[str, dict[str, float]]


def push(study: str, url: str, token: str) -> object:
    from judgeaudit.study import Study

    return Study(study).label.push(url=url, token=token).sent


def pull(study: str, url: str, token: str) -> object:
    from judgeaudit.study import Study

    (report,) = Study(study).label.pull(url=url, token=token)
    return f"{report.changed:,} tasks, {report.added:,} rows"


def sdk_one_call(study: str, url: str, token: str) -> object:
    client, project, tasks = sdk_project(study, url, token)
    return client.projects.import_tasks(project, request=tasks, return_task_ids=True).task_count


def sdk_one_by_one(study: str, url: str, token: str) -> object:
    client, project, tasks = sdk_project(study, url, token)
    for task in tasks[:SCALED]:
        client.tasks.create(project=project, data=task)
    return SCALED


def sdk_export(study: str, url: str, token: str) -> object:
    number = json.loads((Path(study) / "labelling" / "main" / "project.json").read_text())["project_id"]
    return f"{len(sdk(url, token).projects.exports.as_json(number)):,} tasks"


KINDS: dict[str, Callable[[str, str, str], object]] = {
    one.__name__: one for one in (push, pull, sdk_one_call, sdk_one_by_one, sdk_export)
}


def sdk_project(study: str, url: str, token: str):  # type: ignore[no-untyped-def]
    """A client, a new project with the form of the study, and the texts of its outputs."""
    client = sdk(url, token)
    form = (Path(study) / "labelling" / "main" / "form.xml").read_text()
    project = client.projects.create(title="By hand", label_config=form, maximum_annotations=RATERS)
    with (Path(study) / "outputs.jsonl").open(encoding="utf-8") as stream:
        rows = [json.loads(line) for line in stream]
    return client, project.id, [{"ja_id": r["item_id"], "prompt": r["prompt"], "response": r["response"]} for r in rows]


def sdk(url: str, token: str):  # type: ignore[no-untyped-def]
    warnings.simplefilter("ignore")
    from label_studio_sdk import LabelStudio

    return LabelStudio(base_url=url, api_key=token, timeout=600)


def measure(kind: str, study: str, url: str, token: str) -> None:
    """Runs one of them in this process, and prints what it took as JSON."""
    if kind.startswith("sdk"):
        sdk(url, token)  # imports it
    began, used = time.perf_counter(), time.process_time()
    said = KINDS[kind](study, url, token)
    taken = {"wall": time.perf_counter() - began, "cpu": time.process_time() - used, "mb": peak_memory(), "said": said}
    print(json.dumps(taken))


def peak_memory() -> float:
    """Megabytes. Linux's own count since the program began; the portable one would count the parent's memory, too."""
    try:
        found = re.search(r"VmHWM:\s+(\d+) kB", Path("/proc/self/status").read_text())
    except OSError:
        found = None
    if found:
        return int(found[1]) * 1024 / 1e6
    import resource

    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e6  # macOS counts bytes


def make_study(folder: Path, items: int) -> float:
    """A study whose plan holds all of its outputs; returns how long the plan took."""
    from judgeaudit.study import Study

    rng = random.Random(items)
    folder.mkdir()
    (folder / "study.toml").write_text(STUDY, encoding="utf-8")
    with (folder / "outputs.jsonl").open("w", encoding="utf-8") as stream:
        for number in range(items):
            text = " ".join(rng.choices(WORDS, k=180))
            row = {"item_id": f"item-{number}", "prompt_id": f"p{number // 3}", "prompt": f"Question {number // 3}?"}
            stream.write(json.dumps({**row, "response": text}) + "\n")
    began = time.perf_counter()
    Study(folder).label.sample(items=items)
    return time.perf_counter() - began


def answer(name: str, label: str) -> dict[str, object]:
    return {"from_name": name, "to_name": "response", "type": "choices", "value": {"choices": [label]}, "id": name}


def label_one(url: str, tokens: Sequence[str], task: int) -> None:
    """One task, labelled by every rater as their browser would send it."""
    result = [answer(name, label) for name, label in ANSWERS.items()]
    for token in tokens:
        sdk(url, token).annotations.create(task, result=result, lead_time=20.5, ground_truth=False)


def copy_labels(database: Path, done: int, tasks: Sequence[int]) -> None:
    """The annotations of one task for all the others, ten seconds apart, in the file of a server that does not run."""
    with closing(sqlite3.connect(database)) as base:
        base.row_factory = sqlite3.Row
        model = [dict(row) for row in base.execute("SELECT * FROM task_completion WHERE task_id = ?", (done,))]
        start = datetime.now(UTC) - timedelta(seconds=10 * len(tasks) + 600)
        names = [name for name in model[0] if name != "id"]
        rows = []
        for number, task in enumerate(tasks):
            stamp = (start + timedelta(seconds=10 * number)).strftime("%Y-%m-%d %H:%M:%S.%f")
            own = {"task_id": task, "created_at": stamp, "updated_at": stamp}
            rows += [[{**row, **own, "unique_id": uuid.uuid4().hex}[name] for name in names] for row in model]
            base.execute("UPDATE task SET updated_at = ? WHERE id = ?", (stamp, task))
        places = ", ".join("?" * len(names))
        base.execute("DELETE FROM task_completion WHERE task_id = ?", (done,))
        base.executemany(f"INSERT INTO task_completion ({', '.join(names)}) VALUES ({places})", rows)
        base.execute(
            "UPDATE task SET total_annotations = ?, is_labeled = 1 WHERE id IN (SELECT task_id FROM task_completion)",
            (len(model),),
        )
        base.commit()


def change(url: str, token: str, tasks: Sequence[int]) -> None:
    """A rater thinks better of some answers."""
    client = sdk(url, token)
    me = client.users.whoami().id
    for task in tasks:
        for one in client.annotations.list(task):
            if one.completed_by == me:
                others = [part for part in one.result if part["from_name"] != "harm"]
                client.annotations.update(one.id, result=[*others, answer("harm", "unsafe")])


def ran(kind: str, study: Path, url: str, token: str, server: int) -> dict[str, float]:
    """What one of the kinds took in a process of its own."""
    before = server_seconds(server)
    done = subprocess.run(
        [sys.executable, __file__, "--measure", kind, str(study), url, token], capture_output=True, text=True
    )
    if done.returncode:
        sys.exit(done.stderr or f"{kind} ended with {done.returncode}")
    found: dict[str, float] = json.loads(done.stdout.splitlines()[-1])
    return {**found, "server": server_seconds(server) - before}


def server_seconds(pid: int) -> float:
    """CPU seconds of a process so far; nan where there is no /proc."""
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return float("nan")
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def pushes(folder: Path, sent: int) -> Iterator[Row]:
    """Pushes of few and of many outputs, and the SDK's two ways for the many."""
    from judgeaudit.labelling.server.server import running_server

    few = min(FEW, sent)
    print(f"plans made in {make_study(folder / 'few', few):.1f} s and {make_study(folder / 'many', sent):.1f} s")
    with running_server(folder / "server", raters=1) as server:
        args = (server.url, server.admin.token, server.pid)
        yield f"push of {few:,}", ran("push", folder / "few", *args)
        yield f"push of {sent:,}", ran("push", folder / "many", *args)
        yield "  again: nothing to send", ran("push", folder / "many", *args)
        yield "  SDK: import_tasks, once", ran("sdk_one_call", folder / "many", *args)
        slow = ran("sdk_one_by_one", folder / "many", *args)
        scale = sent / SCALED
        parts = {name: slow[name] * scale for name in ("wall", "server")}
        yield "  SDK: tasks.create, scaled", {**slow, **parts, "cpu": slow["cpu"] * scale}


def pulls(folder: Path, fetched: int) -> Iterator[Row]:
    """Pulls of everything, of nothing and of a few changes, and the SDK's export."""
    from judgeaudit.labelling.server.server import running_server

    study, data = folder / "labelled", folder / "server-2"
    make_study(study, fetched)
    with running_server(data, raters=RATERS) as server:
        ran("push", study, server.url, server.admin.token, server.pid)
        with (study / "labelling" / "main" / "sent.jsonl").open() as stream:
            tasks = [json.loads(line)["task_id"] for line in stream]
        label_one(server.url, [rater.token for rater in server.raters], tasks[0])
    copy_labels(data / "label_studio.sqlite3", tasks[0], tasks)
    with running_server(data, raters=RATERS) as server:
        args = (server.url, server.admin.token, server.pid)
        yield f"pull of {fetched:,} x {RATERS}", ran("pull", study, *args)
        yield "  SDK: exports.as_json", ran("sdk_export", study, *args)
        yield "pull of nothing new", ran("pull", study, *args)
        change(server.url, server.raters[0].token, tasks[:CHANGES])
        yield f"pull of {CHANGES} changes", ran("pull", study, *args)


def show(rows: Iterator[Row], base: str) -> dict[str, dict[str, float]]:
    """Prints each line as it comes; its ratio is to the last line that begins with `base`."""
    print(f"{'':28}{'wall s':>9}{'CPU s':>9}{'server':>9}{'peak MB':>9}{'ratio':>8}", flush=True)
    seen: dict[str, dict[str, float]] = {}
    for name, found in rows:
        seen[name] = found
        against = [one for title, one in seen.items() if title.startswith(base)][-1]
        numbers = f"{found['wall']:9.2f}{found['cpu']:9.2f}{found['server']:9.2f}{found['mb']:9.0f}"
        print(f"{name:28}{numbers}{found['wall'] / against['wall']:8.2f}  {found['said']}", flush=True)
    return seen


def main(sent: int, fetched: int) -> int:
    """Prints two tables; 1 where a push of so many takes longer than it may."""
    from judgeaudit.labelling.server.server import VERSION, prepared

    if not prepared():
        print("left out: Label Studio is not in the cache; `judgeaudit label serve --prepare` puts it there")
        return 0
    load = os.getloadavg()[0]
    print(f"Label Studio {VERSION}, SQLite, Python {platform.python_version()}, load {load:.1f}, texts of about 1 kB")
    with tempfile.TemporaryDirectory(prefix="judgeaudit-labelling-") as name:
        pushed = show(pushes(Path(name), sent), "push of")[f"push of {sent:,}"]
        show(pulls(Path(name), fetched), "pull of")
    limit = max(10.0, WANTED * sent / SENT)
    verdict = "within" if pushed["wall"] < limit else "OVER"
    print(f"push of {sent:,}: {pushed['wall']:.1f} s, {verdict} the wanted {limit:.0f} s")
    return int(pushed["wall"] > limit)


if __name__ == "__main__":
    if "--measure" in sys.argv:
        measure(*sys.argv[2:6])
        sys.exit(0)
    sent = int(sys.argv[1]) if len(sys.argv) > 1 else SENT
    sys.exit(main(sent, int(sys.argv[2]) if len(sys.argv) > 2 else FETCHED))
