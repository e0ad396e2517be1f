-- +goose Up
CREATE TABLE monitor_incidents (
	id          INTEGER PRIMARY KEY AUTOINCREMENT,
	fingerprint TEXT NOT NULL,
	episode     INTEGER NOT NULL,            -- counts how often it came back after people had forgotten it
	kind        TEXT NOT NULL,
	subject     TEXT NOT NULL,
	ticket      TEXT NOT NULL,
	task        INTEGER NOT NULL,
	level       TEXT NOT NULL,
	open        INTEGER NOT NULL,
	times       INTEGER NOT NULL DEFAULT 1,  -- how often it was found
	opened      INTEGER NOT NULL,            -- milliseconds since 1970
	escalated   INTEGER NOT NULL DEFAULT 0,
	resolved    INTEGER NOT NULL DEFAULT 0,
	seen        INTEGER NOT NULL,
	told        TEXT NOT NULL,               -- what people were told, as JSON
	message     INTEGER NOT NULL             -- of the outbox
) STRICT;
CREATE UNIQUE INDEX monitor_open ON monitor_incidents (fingerprint) WHERE open = 1;
CREATE INDEX monitor_by_fingerprint ON monitor_incidents (fingerprint, id);
CREATE INDEX monitor_by_subject ON monitor_incidents (subject, open);
CREATE INDEX monitor_by_time ON monitor_incidents (opened);

-- Up to which entry of the ledger people were told.
CREATE TABLE monitor_cursor (
	one INTEGER PRIMARY KEY CHECK (one = 1),
	seq INTEGER NOT NULL
) STRICT;
INSERT INTO monitor_cursor VALUES (1, -1); -- nobody has read it yet

-- Samples: one row for each step and series, 5 seconds for a day and a minute for a month.
CREATE TABLE monitor_samples (
	step   INTEGER NOT NULL, -- seconds
	at     INTEGER NOT NULL, -- seconds since 1970, a multiple of step
	series TEXT NOT NULL,    -- "task/42/1", "gpu/UUID", "machine"
	data   TEXT NOT NULL,
	PRIMARY KEY (step, at, series)
) STRICT, WITHOUT ROWID;
CREATE INDEX monitor_by_series ON monitor_samples (series, step, at);
