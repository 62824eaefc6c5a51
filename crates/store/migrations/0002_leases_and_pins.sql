-- Who may rewrite the blocks of a partition (one tenant, table and hour), and until when.
CREATE TABLE leases (
    token      INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT, -- never used again, so a lost lease stays lost
    tenant     TEXT    NOT NULL,
    table_name TEXT    NOT NULL,
    hour       INTEGER NOT NULL, -- start of the hour, unix nanoseconds
    holder     TEXT    NOT NULL,
    expires    INTEGER NOT NULL, -- from this instant on another holder may take it, unix nanoseconds
    UNIQUE (tenant, table_name, hour)
) STRICT;

-- Ranges of time that retention leaves alone.
CREATE TABLE pins (
    id        INTEGER NOT NULL PRIMARY KEY, -- the commit that made it, so never used again
    tenant    TEXT    NOT NULL,
    from_time INTEGER NOT NULL, -- unix nanoseconds, inclusive
    to_time   INTEGER NOT NULL, -- unix nanoseconds, exclusive
    reason    TEXT    NOT NULL,
    created   INTEGER NOT NULL, -- unix nanoseconds
    expires   INTEGER           -- from this instant on it holds nothing, unix nanoseconds; null for never
) STRICT;
