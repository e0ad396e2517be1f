-- +goose Up

-- The outbox, and the record of every write: a write without a result is open.
CREATE TABLE tracker_writes (
    id      INTEGER PRIMARY KEY AUTOINCREMENT,
    book    TEXT NOT NULL,              -- which table: endpoint, spreadsheet and tab
    ticket  TEXT NOT NULL,              -- '' until a free id was found
    kind    TEXT NOT NULL CHECK (kind IN ('create', 'update', 'restore')),
    free    INTEGER NOT NULL,           -- the id was ours to choose
    cells   TEXT NOT NULL,              -- JSON
    key     TEXT UNIQUE,                -- the caller's, so that a repeated request is the same one
    digest  BLOB NOT NULL,              -- of what was asked for
    reader  TEXT NOT NULL,
    place   TEXT NOT NULL,              -- the folder that the user chose, of a create
    at      TEXT NOT NULL,
    tries   INTEGER NOT NULL DEFAULT 0, -- how often it was sent without an answer
    intent  INTEGER NOT NULL,           -- entry of the ledger
    claims  INTEGER NOT NULL DEFAULT 1, -- 0: the request was wrong in itself, and promised nothing
    verdict INTEGER,                    -- entry of the ledger
    result  TEXT                        -- JSON
) STRICT;
CREATE INDEX tracker_writes_open ON tracker_writes (id) WHERE result IS NULL;
CREATE INDEX tracker_writes_ticket ON tracker_writes (book, ticket, id);

-- What the last look at each table saw.
CREATE TABLE tracker_tables (
    book    TEXT PRIMARY KEY,
    columns TEXT NOT NULL, -- JSON
    at      TEXT NOT NULL,
    highest INTEGER NOT NULL DEFAULT 0 -- number of an id with our prefix, ever seen
) STRICT, WITHOUT ROWID;
CREATE TABLE tracker_rows (
    book   TEXT NOT NULL,
    ticket TEXT NOT NULL,
    place  REAL NOT NULL, -- rows in the order of this; only a row that moved gets another
    texts  TEXT NOT NULL, -- JSON, in the order of the columns
    kinds  TEXT NOT NULL, -- JSON, of texts that are none; '' where all are
    PRIMARY KEY (book, ticket)
) STRICT, WITHOUT ROWID;

-- What each reader was last shown of a cell, or wrote there.
CREATE TABLE tracker_seen (
    book   TEXT NOT NULL,
    ticket TEXT NOT NULL,
    field  TEXT NOT NULL,
    reader TEXT NOT NULL,
    sha256 BLOB NOT NULL,
    at     TEXT NOT NULL,
    PRIMARY KEY (book, ticket, field, reader)
) STRICT, WITHOUT ROWID;
