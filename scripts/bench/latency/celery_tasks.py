"""The Celery app. `celery_tasks.py worker …` runs a worker of it."""

import os
import sys
import time

from celery import Celery

app = Celery("bench", broker=os.environ["BENCH_REDIS"], backend=os.environ["BENCH_REDIS"])


@app.task(name="bench.work")
def work(ms, value):
    """Returns when it started, in seconds since the epoch, and the value."""
    started_at = time.time()
    time.sleep(ms / 1000)
    return started_at, value


if __name__ == "__main__":
    app.start(sys.argv[1:])
