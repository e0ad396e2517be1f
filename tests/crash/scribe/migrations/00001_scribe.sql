-- +goose Up
CREATE TABLE scribe (
    seq    INTEGER PRIMARY KEY,
    writer TEXT NOT NULL,
    n      INTEGER NOT NULL,
    UNIQUE (writer, n)
) STRICT;
