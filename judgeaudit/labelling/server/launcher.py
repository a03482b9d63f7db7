"""What runs in the server's own Python: Label Studio as it is, but for what would lose labels, show others' or outlive us."""

from __future__ import annotations

#: Ends when the other end of its standard input does, that is with its parent, even one that was killed. A busy port is
#: an error here, where Label Studio by itself would silently take the next one. And the page of a rater who goes back to
#: an item, which shows only the rater's own answer, is not sent everybody's, as it otherwise is.
#:
#: Whoever writes waits for whoever writes already, from the beginning of a transaction. Left alone, SQLite refuses the
#: second one at once, and Label Studio then does the request again from the middle: tasks are imported without their
#: annotations, or twice, and who labels gets an error. The wait is shorter than the overlap of two pulls, since a change
#: is stamped before it is written.
#:
#: While a project is deleted Label Studio does without the signals that count labels, for everybody who labels meanwhile,
#: and after two such deletions at once for as long as it runs. Here the one who deletes does without them alone.
LAUNCHER = """
import functools, json, os, signal, sys, threading, time
signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
def watch():
    os.read(0, 1)
    os.kill(os.getpid(), signal.SIGTERM)
    time.sleep(5)
    os._exit(1)
threading.Thread(target=watch, daemon=True).start()
import label_studio.server as server
server._get_free_port = lambda port, debug: port
def blind(answer):
    def answered(request):
        response = answer(request)
        if request.GET.get("interaction") == "labelstream" and response.status_code == 200:
            task = json.loads(response.content)
            task["annotations"] = [one for one in task["annotations"] if one["completed_by"]["id"] == request.user.pk]
            task["predictions"] = []
            response.content = json.dumps(task)
        return response
    return answered
here = threading.local()
def hush(without_signals, *_):
    here.hushed = True
def speak(without_signals, *_):
    here.hushed = False
def unless_hushed(heard):
    return lambda *given, **named: [] if getattr(here, "hushed", False) else heard(*given, **named)
@functools.cache
def mend():
    from core.utils.common import temporary_disconnect_all_signals as without_signals
    from django.conf import settings
    from django.db.models.signals import ModelSignal
    settings.DATABASES["default"]["OPTIONS"].update(timeout=60, transaction_mode="IMMEDIATE")
    without_signals.__enter__, without_signals.__exit__ = hush, speak
    ModelSignal.send, ModelSignal.has_listeners = unless_hushed(ModelSignal.send), unless_hushed(ModelSignal.has_listeners)
from django.core.handlers.base import BaseHandler
load = BaseHandler.load_middleware
def load_mended(handler, is_async=False):
    from django.conf import settings
    mend()
    settings.MIDDLEWARE = [*settings.MIDDLEWARE, "__main__.blind"]
    load(handler, is_async)
BaseHandler.load_middleware = load_mended
server.main()
"""
