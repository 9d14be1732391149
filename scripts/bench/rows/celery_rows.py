"""`celery_rows.py client <input> <output>`: a task for each row of a CSV file; prints the seconds that it took.

`celery_rows.py worker …` runs a worker.
"""

import csv
import itertools
import os
import sys
import time
from collections import deque

from celery import Celery, group

# Rows sent at a time; so many groups are under way.
GROUP = 1000
UNDER_WAY = 10

app = Celery("rows", broker=os.environ["BENCH_REDIS"], backend=os.environ["BENCH_REDIS"])
app.conf.result_expires = 600


@app.task(name="bench.echo")
def echo(row):
    return row


def groups(rows):
    while chunk := list(itertools.islice(rows, GROUP)):
        yield chunk


def client(source, target):
    for _ in range(60):
        if app.control.ping(timeout=0.5, limit=1):
            break
    else:
        raise SystemExit("No Celery worker answers")
    started_at = time.time()
    with open(source, newline="", encoding="utf-8") as given, open(target, "w", newline="", encoding="utf-8") as made:
        rows = csv.reader(given)
        writer = csv.writer(made)
        writer.writerow(next(rows))
        waiting = deque()

        def finish():
            result = waiting.popleft()
            writer.writerows(result.get(timeout=600))
            result.forget()

        for chunk in groups(rows):
            waiting.append(group(echo.s(row) for row in chunk).apply_async())
            if len(waiting) == UNDER_WAY:
                finish()
        while waiting:
            finish()
    print(time.time() - started_at)


if __name__ == "__main__":
    if sys.argv[1] == "client":
        client(*sys.argv[2:4])
    else:
        app.start(sys.argv[1:])
