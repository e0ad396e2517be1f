-- +goose Up
CREATE TABLE sheet_books (
    id        TEXT PRIMARY KEY,
    title     TEXT NOT NULL,
    locale    TEXT NOT NULL,
    time_zone TEXT NOT NULL
) STRICT;

CREATE TABLE sheet_tabs (
    key            INTEGER PRIMARY KEY,
    book           TEXT    NOT NULL REFERENCES sheet_books (id),
    sheet_id       INTEGER NOT NULL,
    title          TEXT    NOT NULL,
    position       INTEGER NOT NULL,
    rows           INTEGER NOT NULL, -- of the grid, used or not
    columns        INTEGER NOT NULL,
    frozen_rows    INTEGER NOT NULL,
    frozen_columns INTEGER NOT NULL,
    hidden         INTEGER NOT NULL,
    UNIQUE (book, sheet_id)
) STRICT;

-- Rows stand in the order of ord. Between two ords there is room for more, and
-- blank rows are a number, so that an insertion leaves the others alone.
CREATE TABLE sheet_rows (
    id    INTEGER PRIMARY KEY,
    tab   INTEGER NOT NULL REFERENCES sheet_tabs (key),
    ord   INTEGER NOT NULL,
    skip  INTEGER NOT NULL, -- blank rows before it, up to the row of the ord before
    cells TEXT    NOT NULL -- JSON array; see row.go
) STRICT;

CREATE INDEX sheet_rows_of_tab ON sheet_rows (tab);

CREATE TABLE sheet_metadata (
    book        TEXT    NOT NULL REFERENCES sheet_books (id),
    id          INTEGER NOT NULL,
    name        TEXT    NOT NULL,
    value       TEXT    NOT NULL,
    visibility  TEXT    NOT NULL,
    tab         INTEGER, -- key; none: the whole book
    sheet_row   INTEGER, -- id of a row
    column_at   INTEGER, -- zero-based
    PRIMARY KEY (book, id)
) STRICT;
