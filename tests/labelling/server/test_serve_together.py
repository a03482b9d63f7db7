"""Many at once at one server: whoever comes while somebody else writes waits, and no label goes missing or uncounted."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

from judgeaudit.labelling.server.server import Server
from tests.labelling.conftest import OwnServer
from tests.labelling.people import ask, label, result_of

FORM = """<View><Text name="response" value="$response"/>
<Choices name="harm" toName="response"><Choice value="safe"/></Choices></View>"""
SAFE = {"harm": "safe"}
TOGETHER = 8


def project(server: Server | OwnServer) -> int:
    made = ask(server.url, server.admin.token, "POST", "/api/projects/", {"title": "Together", "label_config": FORM})
    return int(made["id"])


def send(server: Server | OwnServer, number: int, *, tasks: int, labelled: bool = False) -> None:
    """So many tasks into a project, with an answer of each of two people or without any."""
    people = server.raters[:2] if labelled else ()
    given = [{"result": result_of(SAFE), "completed_by": one.number, "ground_truth": False} for one in people]
    sent = [{"data": {"response": f"Answer {n}"}, "annotations": given} for n in range(tasks)]
    ask(server.url, server.admin.token, "POST", f"/api/projects/{number}/import", sent)


def tasks_of(server: Server | OwnServer, number: int) -> list[dict[str, object]]:
    found = ask(
        server.url,
        server.admin.token,
        "GET",
        f"/api/projects/{number}/export?exportType=JSON&download_all_tasks=true",
    )
    assert isinstance(found, list)
    return found


def counted(server: Server | OwnServer) -> tuple[object, object]:
    """How many labels the server counts for a task that one person has labelled, and whether it is done."""
    number = project(server)
    send(server, number, tasks=1)
    (task,) = tasks_of(server, number)
    label(server.url, server.raters[0], int(str(task["id"])), SAFE)
    seen = ask(server.url, server.admin.token, "GET", f"/api/tasks/{task['id']}/")
    return seen["total_annotations"], seen["is_labeled"]


def test_labels_that_are_imported_at_once_are_all_there(label_studio: Server) -> None:
    """A batch that meets another one is stored whole and once, never without its labels."""

    def fill(number: int) -> None:
        for _ in range(3):
            send(label_studio, number, tasks=50, labelled=True)

    numbers = [project(label_studio) for _ in range(4)]
    with ThreadPoolExecutor(len(numbers)) as pool:
        list(pool.map(fill, numbers))
    held = [[len(task["annotations"]) for task in tasks_of(label_studio, number)] for number in numbers]
    assert held == [[2] * 150] * 4


def test_labels_are_counted_after_projects_were_deleted_at_once(own_server: OwnServer) -> None:
    """Who is asked for a task, and which copies may be removed, depends on those counts."""
    for _ in range(3):
        numbers = [project(own_server) for _ in range(TOGETHER)]
        for number in numbers:
            send(own_server, number, tasks=50)
        places = [f"/api/projects/{number}/" for number in numbers]
        with ThreadPoolExecutor(TOGETHER) as pool:
            list(pool.map(lambda place: ask(own_server.url, own_server.admin.token, "DELETE", place), places))
        assert counted(own_server) == (1, True)
