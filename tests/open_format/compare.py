"""Reads every block of one table with DuckDB and asks the server for the same rows by SQL; says where they differ.

Usage: compare.py API_URL BLOCKS_FOLDER TABLE
"""

import glob
import json
import math
import sys
import urllib.request

import attributes
import duckdb

api, blocks, table = sys.argv[1:]
duck = duckdb.connect()

# How SQL asks for an attribute as the type of its promoted column.
FUNCTIONS = {"s": "attr", "i": "attr_i64", "f": "attr_f64", "b": "attr_bool"}


def forms(column, kind):
    """The column in a form that both say alike: for DuckDB, and for the server."""
    if kind.startswith("TIMESTAMP"):
        return f"epoch_ns({column})", f"cast({column} as bigint)"
    if kind == "BLOB":
        return column, f"hex({column})"
    if kind.startswith("STRUCT") and kind.endswith("[]"):
        return f"len({column})", f"cast(coalesce(array_length({column}), 0) as bigint)"
    return column, column


def plain(value):
    if isinstance(value, bytes):
        return value.hex()
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


class Block:
    """One file: its columns, which of them are promoted, and its rows with whole sets of attributes."""

    def __init__(self, file):
        said = duck.execute(f"SELECT key, value FROM parquet_kv_metadata('{file}')").fetchall()
        listed = next((value.decode() for key, value in said if key == b"nunchi.promoted"), "")
        self.promoted, self.whole = attributes.promoted(listed)
        described = duck.execute(f"DESCRIBE SELECT * FROM read_parquet('{file}')").fetchall()
        self.kinds = {name: kind for name, kind, *_ in described}
        self.columns = {name: kind for name, kind in self.kinds.items() if name not in self.whole}
        quoted = {'"' + name.replace('"', '""') + '"': kind for name, kind in self.kinds.items()}
        read = ", ".join(forms(name, kind)[0] for name, kind in quoted.items())
        rows = duck.execute(f"SELECT {read} FROM read_parquet('{file}')").fetchall()
        self.rows = [self.restored(dict(zip(self.kinds, row))) for row in rows]

    def restored(self, row):
        for column, names in self.promoted.items():
            if names and column != attributes.KEPT_WHOLE:
                row[column] = attributes.restore(row[column], [(name, row[name]) for name in names])
        return row

    def cell(self, row, name):
        """The column of the row; where the block has not promoted it, what the set has under the key."""
        if name in self.kinds:
            return row[name]
        prefix, _, key = name.split(".", 2)
        return attributes.first(row[attributes.SETS[prefix]], key)


read = [Block(file) for file in glob.glob(f"{blocks}/*/{table}/*/*/*.parquet")]
columns = [(name, forms(f'"{name}"', kind)[1]) for name, kind in read[0].columns.items()]
assert all(block.columns == read[0].columns for block in read), "blocks of one table have the same columns"


def is_alone(name):
    """Whether all values under the key are in promoted columns of this name, so that SQL sees no others either."""
    prefix, _, key = name.split(".", 2)
    said = {said for block in read for said in block.whole.items()}
    return {(other, whole) for other, whole in said if other.split(".", 2)[::2] == [prefix, key]} == {(name, True)}


promoted = sorted(name for name in {name for block in read for name in block.whole} if is_alone(name))
for name in promoted:
    prefix, kind, key = name.split(".", 2)
    quoted = key.replace("'", "''")
    columns.append((name, f"{FUNCTIONS[kind]}({attributes.SETS[prefix]}, '{quoted}')"))

theirs = [[block.cell(row, name) for name, _ in columns] for block in read for row in block.rows]
ours = ask(f"SELECT {', '.join(expression for _, expression in columns)} FROM {table}")

theirs = sorted(json.dumps([plain(value) for value in row]) for row in theirs)
ours = sorted(json.dumps(row) for row in ours)
if theirs != ours:
    for mine, other in zip(ours, theirs):
        if mine != other:
            sys.exit(f"{table}: {len(ours)} rows by SQL, {len(theirs)} by DuckDB; the first that differ:\n{mine}\n{other}")
    sys.exit(f"{table}: {len(ours)} rows by SQL, {len(theirs)} by DuckDB")
print(f"{table}: {len(ours)} rows of {len(columns)} columns, {len(promoted)} of them promoted attributes")
if (table in ("logs", "spans")) != bool(promoted):
    sys.exit(f"{table}: attributes are promoted in logs and spans, and only there")
