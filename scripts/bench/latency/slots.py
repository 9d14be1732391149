"""Items that sleep, in n slots: `threads` or `asyncio`. Reads {items: [{ms, value}], slots}, prints {seconds, results}."""

import asyncio
import json
import sys
import time
from concurrent.futures import ThreadPoolExecutor


def threads(items, slots):
    def work(item):
        time.sleep(item["ms"] / 1000)
        return item["value"]

    with ThreadPoolExecutor(slots) as pool:
        started_at = time.perf_counter()
        results = list(pool.map(work, items))
        return time.perf_counter() - started_at, results


def with_asyncio(items, slots):
    async def main():
        semaphore = asyncio.Semaphore(slots)

        async def work(item):
            async with semaphore:
                await asyncio.sleep(item["ms"] / 1000)
                return item["value"]

        started_at = time.perf_counter()
        results = await asyncio.gather(*map(work, items))
        return time.perf_counter() - started_at, results

    return asyncio.run(main())


given = json.load(sys.stdin)
run = {"threads": threads, "asyncio": with_asyncio}[sys.argv[1]]
seconds, results = run(given["items"], given["slots"])
print(json.dumps({"seconds": seconds, "results": results}))
