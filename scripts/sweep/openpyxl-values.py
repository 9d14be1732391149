"""Compares the cells that `npm run sweep -- --values <file>` wrote with what openpyxl reads.

    python3 scripts/sweep/openpyxl-values.py <folder> <file>

Prints the counts and each cell that differs; fails if one does.
"""
import datetime
import json
import sys
import warnings

import openpyxl

warnings.simplefilter("ignore")
folder, values = sys.argv[1:3]


def ours(text, kind):
    """A cell as Spillway read it, in a form that both share."""
    if kind in ("n", "p", "q"):
        return float(text)
    if kind == "b":
        return text == "TRUE"
    if kind in ("d", "s"):
        return rounded(datetime.datetime.fromisoformat(text))
    if kind in ("t", "u"):
        hours, minutes, seconds = text.split(":")
        return datetime.timedelta(hours=int(hours), minutes=int(minutes), milliseconds=round(float(seconds) * 1000))
    return text


def theirs(value):
    if isinstance(value, bool):
        return value
    if isinstance(value, (int, float)):
        return float(value)
    if isinstance(value, datetime.datetime):
        return rounded(value)
    if isinstance(value, datetime.date):
        return datetime.datetime(value.year, value.month, value.day)
    if isinstance(value, datetime.time):
        return datetime.timedelta(
            hours=value.hour, minutes=value.minute, seconds=value.second, milliseconds=round(value.microsecond / 1000)
        )
    if isinstance(value, datetime.timedelta):
        return datetime.timedelta(milliseconds=round(value.total_seconds() * 1000))
    return str(value).replace("\r\n", "\n")


def rounded(value):
    return value + datetime.timedelta(microseconds=500) - datetime.timedelta(
        microseconds=(value.microsecond + 500) % 1000
    )


same = different = files = unread = 0
book = current = None
for line in open(values, encoding="utf-8"):
    entry = json.loads(line)
    if entry["file"] != current:
        current = entry["file"]
        files += 1
        try:
            book = openpyxl.load_workbook(f"{folder}/{current}", data_only=True)
        except Exception as error:
            book = None
            unread += 1
            print(f"openpyxl cannot read {current}: {error!r}"[:200])
    if book is None or entry["sheet"] not in book.sheetnames:
        continue
    expected = {}
    # Only the cells that exist: a sheet may reach to its last row.
    for cell in book[entry["sheet"]]._cells.values():
        if cell.value is not None and cell.value != "":
            expected[cell.row, cell.column] = cell.value
    found = {(row, column): (text, kind) for row, column, text, kind in entry["cells"]}
    for place in sorted(expected.keys() | found.keys()):
        mine = ours(*found[place]) if place in found else None
        yours = theirs(expected[place]) if place in expected else None
        if mine == yours or (isinstance(mine, str) and mine.replace("\r\n", "\n") == yours):
            same += 1
        else:
            different += 1
            print(f"{current} {entry['sheet']} {place}: {found.get(place)!r} is {expected.get(place)!r}"[:300])
print(f"{files} workbooks, {unread} unread by openpyxl; {same} cells alike, {different} different")
sys.exit(1 if different else 0)
