"""Attributes of a record, from what is left of them and the columns that hold the rest; those of a resource are whole.

The bytes are described in crates/model/src/attributes.rs and crates/model/src/promoted/residual.rs; this is a second
reader of them, from those descriptions.
"""

import struct

SETS = {"a": "attributes", "r": "resource_attributes"}
KEPT_WHOLE = "resource_attributes"
NULL, FALSE, TRUE, INT, FLOAT, TEXT, BYTES, LIST, MAP = range(9)


def promoted(listed):
    """Of each set, the names of its promoted columns in order. Of each column, whether its key has no other values."""
    names, whole = {column: [] for column in SETS.values()}, {}
    for line in listed.splitlines():
        name, _, rest = line.split("\t")
        names[SETS[name.split(".")[0]]].append(name)
        whole[name] = rest == "all"
    return names, whole


def restore(residual, columns):
    """The set, from its residual and the (name, value) of the row's promoted columns."""
    entries, at = b"", 0
    while at < len(residual):
        tag, at = varint(residual, at)
        if tag == 0:
            length, at = varint(residual, at)
            entries, at = entries + residual[at : at + length], at + length
        else:
            name, value = columns[tag - 1]
            _, kind, key = name.split(".", 2)
            entries += text(key) + encode(kind, value)
    return entries


def first(entries, key):
    """The first value under the key if it is text, a number or a truth value."""
    at = 0
    while at < len(entries):
        length, at = varint(entries, at)
        name, at = entries[at : at + length].decode(), at + length
        value, at = decode(entries, at)
        if name == key:
            return value
    return None


def encode(kind, value):
    if kind == "s":
        return bytes([TEXT]) + text(value)
    if kind == "i":
        return bytes([INT]) + to_varint(((value << 1) ^ (value >> 63)) & (2**64 - 1))
    if kind == "f":
        return bytes([FLOAT]) + struct.pack("<d", value)
    return bytes([TRUE if value else FALSE])


def decode(entries, at):
    tag, at = entries[at], at + 1
    if tag in (FALSE, TRUE):
        return tag == TRUE, at
    if tag == INT:
        number, at = varint(entries, at)
        return (number >> 1) ^ -(number & 1), at
    if tag == FLOAT:
        return struct.unpack_from("<d", entries, at)[0], at + 8
    if tag in (TEXT, BYTES):
        length, at = varint(entries, at)
        value = entries[at : at + length]
        return (value.decode() if tag == TEXT else None), at + length
    if tag in (LIST, MAP):
        return None, at + 4 + struct.unpack_from("<I", entries, at)[0]
    return None, at


def varint(entries, at):
    value = shift = 0
    while True:
        byte, at = entries[at], at + 1
        value |= (byte & 0x7F) << shift
        if byte < 0x80:
            return value, at
        shift += 7


def to_varint(value):
    written = b""
    while value >= 0x80:
        written, value = written + bytes([value & 0x7F | 0x80]), value >> 7
    return written + bytes([value])


def text(value):
    return to_varint(len(value.encode())) + value.encode()
