"""Plain requests to a Label Studio, for what a test prepares or looks up without the code that it tests."""

from __future__ import annotations

import json
import urllib.request
from typing import Any

from judgeaudit.labelling.server.server import Server


def ask(server: Server, method: str, path: str, body: object = None, *, token: str | None = None) -> Any:
    """The JSON answer to one request, by the administrator unless a token says otherwise."""
    request = urllib.request.Request(
        server.url + path,
        data=None if body is None else json.dumps(body).encode(),
        method=method,
        headers={"Authorization": f"Token {token or server.admin.token}", "Content-Type": "application/json"},
    )
    with urllib.request.urlopen(request, timeout=120) as answer:
        return json.loads(answer.read() or b"null")


def new_project(server: Server, xml: str, tasks: list[dict[str, str]], *, instruction: str = "") -> int:
    """A project with this form and these tasks, shown in their order; it hides predictions and other raters' answers."""
    project = ask(
        server,
        "POST",
        "/api/projects",
        {
            "title": "Model answers",
            "label_config": xml,
            "expert_instruction": instruction,
            "show_instruction": bool(instruction),
            "show_collab_predictions": False,
            "maximum_annotations": 3,
        },
    )
    ask(server, "POST", f"/api/projects/{project['id']}/import", tasks)
    return int(project["id"])


def answers(server: Server, project_id: int) -> list[dict[str, object]]:
    """For each annotation of the project, in order: control -> what it holds."""
    exported = ask(server, "GET", f"/api/projects/{project_id}/export?exportType=JSON")
    return [
        {result["from_name"]: next(iter(result["value"].values())) for result in annotation["result"]}
        for task in sorted(exported, key=lambda task: task["id"])
        for annotation in task["annotations"]
    ]
