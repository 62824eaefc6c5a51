-- The catalog: which blocks are live, and from where the write-ahead log must be replayed.
CREATE TABLE blocks (
    id         TEXT    NOT NULL PRIMARY KEY,
    tenant     TEXT    NOT NULL,
    table_name TEXT    NOT NULL,
    hour       INTEGER NOT NULL, -- start of the folder's hour, unix nanoseconds
    rows       INTEGER NOT NULL,
    bytes      INTEGER NOT NULL, -- of all the block's files
    min_time   INTEGER NOT NULL, -- earliest row, unix nanoseconds, inclusive
    max_time   INTEGER NOT NULL, -- latest row, unix nanoseconds, inclusive
    checksum   INTEGER NOT NULL  -- crc32c of the Parquet file
) STRICT;

CREATE TABLE head (
    only_row  INTEGER NOT NULL PRIMARY KEY CHECK (only_row = 1),
    seq       INTEGER NOT NULL, -- grows by one with each commit
    wal_floor INTEGER NOT NULL  -- every frame up to and including this one is in blocks
) STRICT;

INSERT INTO head (only_row, seq, wal_floor) VALUES (1, 0, 0);
