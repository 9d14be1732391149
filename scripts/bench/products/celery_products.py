"""The Celery app that analyses chunks of products. `celery_products.py worker …` runs a worker of it.

Each chunk asks its APIs one call after the other, 20 products (Keepa: 100) a call; limits are shared through Redis, where
a call reserves the next free moment of its rate.
"""

import gzip
import json
import os
import sys
import time
import urllib.parse
from http.client import HTTPConnection

import redis
from celery import Celery

broker = os.environ["BENCH_REDIS"]
sandbox = urllib.parse.urlsplit(os.environ["BENCH_SANDBOX"])
# Seconds between two calls, by rate, as they are to be kept.
intervals = json.loads(os.environ["BENCH_INTERVALS"])
marketplace = "ATVPDKIKX0DER"

app = Celery("products", broker=broker, backend=broker)
store = redis.Redis.from_url(broker)
reserve = store.register_script(
    """
    local time = redis.call('TIME')
    local now = time[1] + time[2] / 1000000
    local turn = math.max(now, tonumber(redis.call('GET', KEYS[1]) or '0'))
    redis.call('SET', KEYS[1], string.format('%.6f', turn + tonumber(ARGV[1])))
    return string.format('%.6f', turn - now)
    """
)
connection = None
token = None


def call(method, path, body=None, headers=None):
    """The answer to a call, as JSON; a refusal for its rate is waited out."""
    global connection
    while True:
        connection = connection or HTTPConnection(sandbox.hostname, sandbox.port)
        connection.request(method, path, body, headers or {})
        answer = connection.getresponse()
        content = answer.read()
        if answer.headers.get("content-encoding") == "gzip":
            content = gzip.decompress(content)
        if answer.status == 200:
            return json.loads(content)
        if answer.status != 429:
            raise RuntimeError(f"{path}: {answer.status} {content[:200]}")
        time.sleep(1)


def limited(rate):
    time.sleep(float(reserve(keys=[rate], args=[intervals[rate]])))


def amazon(operation, method, path, query=None, body=None):
    global token
    if token is None:
        form = {"grant_type": "refresh_token", "refresh_token": "r", "client_id": "c", "client_secret": "s"}
        encoded = {"content-type": "application/x-www-form-urlencoded"}
        token = call("POST", "/amazon-auth/auth/o2/token", urllib.parse.urlencode(form), encoded)["access_token"]
    limited("amazon" if "amazon" in intervals else operation)
    headers = {"x-amz-access-token": token, "content-type": "application/json"}
    query = "?" + urllib.parse.urlencode(query) if query else ""
    return call(method, f"/sp-api/{path}{query}", body, headers)


def parts(values, size):
    return [values[at : at + size] for at in range(0, len(values), size)]


def look_up(asins):
    """Titles, prices and fees of up to 20 products."""
    listed = ",".join(asins)
    query = {"identifiers": listed, "identifiersType": "ASIN", "marketplaceIds": marketplace, "pageSize": 20}
    query["includedData"] = "summaries,salesRanks,dimensions"
    items = amazon("searchCatalogItems", "GET", "catalog/2022-04-01/items", query)["items"]
    query = {"MarketplaceId": marketplace, "ItemType": "Asin", "Asins": listed}
    priced = amazon("getCompetitivePricing", "GET", "products/pricing/v0/competitivePrice", query)["payload"]
    prices = {
        one["ASIN"]: one["Product"]["CompetitivePricing"]["CompetitivePrices"][0]["Price"]["LandedPrice"]
        for one in priced
    }
    asked = [
        {
            "IdType": "ASIN",
            "IdValue": asin,
            "FeesEstimateRequest": {
                "MarketplaceId": marketplace,
                "IsAmazonFulfilled": True,
                "PriceToEstimateFees": {"ListingPrice": prices[asin]},
                "Identifier": asin,
            },
        }
        for asin in asins
    ]
    told = amazon("getMyFeesEstimates", "POST", "products/fees/v0/feesEstimate", None, json.dumps(asked))
    fees = {
        one["FeesEstimateIdentifier"]["SellerInputIdentifier"]: one["FeesEstimate"]["TotalFeesEstimate"]["Amount"]
        for one in told
    }
    titles = {item["asin"]: item["summaries"][0]["itemName"] for item in items}
    return {asin: (titles[asin], prices[asin]["Amount"], fees[asin]) for asin in asins}


@app.task(name="products.analyse")
def analyse(asins, cost):
    """Returns when it started, in seconds since the epoch, and the profit of each product."""
    started_at = time.time()
    known = set()
    for part in parts(asins, 100):
        limited("keepa")
        query = {"key": "k", "domain": 1, "asin": ",".join(part), "stats": 90, "history": 0}
        answer = call("GET", "/keepa/product?" + urllib.parse.urlencode(query))
        known.update(one["asin"] for one in answer["products"] if one["stats"])
    found = {}
    for part in parts(asins, 20):
        found.update(look_up(part))
    profits = [round(found[asin][1] - found[asin][2] - cost, 2) for asin in asins if asin in known]
    return started_at, profits


if __name__ == "__main__":
    app.start(sys.argv[1:])
