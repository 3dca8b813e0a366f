#!/usr/bin/env python3
"""Lists the columns of the sample's database for check_bacpac.py.

usage: columns.py DATABASE REPORT

Reads the catalogue views that the sample's server keeps in its file, past the
server and the product. What the report (report.json) names as a script of type
column, because its formula calls a function, is no part of a package.
"""
import json
import pathlib
import sqlite3
import sys

COLUMNS = """SELECT s.name, t.name, c.name FROM "sys.columns" AS c JOIN "sys.tables" AS t ON t.object_id = c.object_id
JOIN "sys.schemas" AS s ON s.schema_id = t.schema_id ORDER BY c.object_id, c.column_id"""


def main(path, report):
    scripts = json.loads(pathlib.Path(report).read_text(encoding="utf-8"))["database"]["scripts"]
    scripted = {s["name"] for s in scripts if s["type"] == "column"}
    out = {}
    with sqlite3.connect(pathlib.Path(path).absolute().as_uri() + "?mode=ro", uri=True) as db:
        for schema, table, column in db.execute(COLUMNS):
            if f"{schema}.{table}.{column}" in scripted:
                continue
            name = ".".join("[" + n.replace("]", "]]") + "]" for n in (schema, table))
            out.setdefault(name, []).append(column)
    json.dump(out, sys.stdout)


if __name__ == "__main__":
    main(*sys.argv[1:])
