"""Reads every block of one table with DuckDB and asks the server for the same rows by SQL; says where they differ.

Usage: compare.py API_URL BLOCKS_FOLDER TABLE
"""

import json
import math
import sys
import urllib.request

import duckdb

api, blocks, table = sys.argv[1:]
files = f"{blocks}/*/{table}/*/*/*.parquet"
duck = duckdb.connect()


def forms(column, kind):
    """The column in a form that both say alike: for DuckDB, and for the server."""
    if kind.startswith("TIMESTAMP"):
        return f"epoch_ns({column})", f"cast({column} as bigint)"
    if kind == "BLOB":
        return f"lower(hex({column}))", f"hex({column})"
    if kind.startswith("STRUCT") and kind.endswith("[]"):
        return f"len({column})", f"cast(coalesce(array_length({column}), 0) as bigint)"
    return column, column


def plain(value):
    if isinstance(value, float) and math.isnan(value):
        return "NaN"
    if isinstance(value, float) and math.isinf(value):
        return "Infinity" if value > 0 else "-Infinity"
    if isinstance(value, list):
        return [plain(item) for item in value]
    return value


def ask(statement):
    body = json.dumps({"query": statement}).encode()
    request = urllib.request.Request(f"{api}/api/v1/sql", body, {"content-type": "application/json"})
    with urllib.request.urlopen(request) as answer:
        return json.load(answer)["rows"]


columns = [(f'"{name}"', kind) for name, kind, *_ in duck.execute(f"DESCRIBE SELECT * FROM read_parquet('{files}')").fetchall()]
pairs = [forms(*column) for column in columns]
theirs = duck.execute(f"SELECT {', '.join(pair[0] for pair in pairs)} FROM read_parquet('{files}')").fetchall()
ours = ask(f"SELECT {', '.join(pair[1] for pair in pairs)} FROM {table}")

theirs = sorted(json.dumps([plain(value) for value in row]) for row in theirs)
ours = sorted(json.dumps(row) for row in ours)
if theirs != ours:
    for mine, other in zip(ours, theirs):
        if mine != other:
            sys.exit(f"{table}: {len(ours)} rows by SQL, {len(theirs)} by DuckDB; the first that differ:\n{mine}\n{other}")
    sys.exit(f"{table}: {len(ours)} rows by SQL, {len(theirs)} by DuckDB")
print(f"{table}: {len(ours)} rows of {len(columns)} columns")
