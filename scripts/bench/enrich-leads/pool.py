"""Leads researched and written to by hand: so many threads, each row by itself. Reads {serper, groq, threads, leads, model,
maxTokens}, prints {seconds, results}: the e-mails in the order of the leads."""

import json
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from http.client import HTTPConnection
from urllib.parse import urlsplit

given = json.load(sys.stdin)
own = threading.local()


def post(url, headers, body):
    parts = urlsplit(url)
    if not hasattr(own, "connection"):
        own.connection = HTTPConnection(parts.netloc)
    while True:
        own.connection.request("POST", parts.path, json.dumps(body), {"Content-Type": "application/json", **headers})
        answer = own.connection.getresponse()
        content = answer.read()
        if answer.status == 200:
            return json.loads(content)
        if answer.status not in (429, 498):
            raise RuntimeError(f"{answer.status} {content[:200]}")
        time.sleep(float(answer.headers.get("retry-after", 0.1)))


def enrich(lead):
    found = post(given["serper"] + "/search", {"X-API-KEY": "python"}, {"q": lead["domain"] + " company"})
    facts = [found["knowledgeGraph"]["description"], *(result["snippet"] for result in found["organic"][:5])]
    prompt = f"Write a short e-mail.\n\n- Contact: {lead['contact']}\n- Role: {lead['role']}\n- Company: {lead['company']}\n- The web: {' '.join(facts)}"
    answer = post(
        given["groq"] + "/openai/v1/chat/completions",
        {"Authorization": "Bearer python"},
        {
            "model": given["model"],
            "service_tier": "flex",
            "messages": [{"role": "user", "content": prompt}],
            "max_completion_tokens": given["maxTokens"],
        },
    )
    return answer["choices"][0]["message"]["content"]


with ThreadPoolExecutor(given["threads"]) as pool:
    started_at = time.perf_counter()
    results = list(pool.map(enrich, given["leads"]))
    print(json.dumps({"seconds": time.perf_counter() - started_at, "results": results}))
