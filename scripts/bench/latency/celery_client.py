"""Has a worker run the items given on stdin: {items: [{ms, value}], slots}. Prints {seconds, results}.

The clock starts with the first task: a worker that is told to take tasks needs some tenths of a second to begin.
"""

import json
import sys
import time

from celery import group

from celery_tasks import app, work


def until(answers):
    """Repeats a command until a worker has answered it."""
    for _ in range(60):
        if answers():
            return
        time.sleep(0.5)
    raise SystemExit("No Celery worker answers")


items = json.load(sys.stdin)["items"]
until(lambda: app.control.ping(timeout=0.5, limit=1))
until(lambda: app.control.cancel_consumer("celery", reply=True, timeout=2, limit=1))
tasks = group(work.s(item["ms"], item["value"]) for item in items).apply_async()
app.control.add_consumer("celery")
returned = tasks.get(timeout=600)
seconds = time.time() - min(started_at for started_at, _ in returned)
print(json.dumps({"seconds": seconds, "results": [value for _, value in returned]}))
