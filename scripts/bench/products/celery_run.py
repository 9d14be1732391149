"""Has a worker analyse the products given on stdin: {asins, cost, chunks}. Prints {seconds, results: profits}.

The clock starts with the first task: a worker that is told to take tasks needs some tenths of a second to begin.
"""

import json
import sys
import time

from celery import group

from celery_products import analyse, app


def until(answers):
    """Repeats a command until a worker has answered it."""
    for _ in range(60):
        if answers():
            return
        time.sleep(0.5)
    raise SystemExit("No Celery worker answers")


given = json.load(sys.stdin)
asins, chunks = given["asins"], given["chunks"]
size = -(-len(asins) // chunks)
until(lambda: app.control.ping(timeout=0.5, limit=1))
until(lambda: app.control.cancel_consumer("celery", reply=True, timeout=2, limit=1))
tasks = group(analyse.s(asins[at : at + size], given["cost"]) for at in range(0, len(asins), size)).apply_async()
app.control.add_consumer("celery")
returned = tasks.get(timeout=600)
seconds = time.time() - min(started_at for started_at, _ in returned)
print(json.dumps({"seconds": seconds, "results": [profit for _, profits in returned for profit in profits]}))
