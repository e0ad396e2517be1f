-- +goose Up
CREATE TABLE runner_tasks (
	id         INTEGER PRIMARY KEY AUTOINCREMENT, -- a number is never used twice
	ticket     TEXT NOT NULL,
	name       TEXT NOT NULL,
	state      TEXT NOT NULL,
	held       INTEGER NOT NULL DEFAULT 0,
	wish       TEXT NOT NULL DEFAULT '',  -- why a running task is to be ended, empty while it is not
	priority   INTEGER NOT NULL,
	gpu        INTEGER NOT NULL,           -- how many it needs
	total      INTEGER NOT NULL,           -- items
	not_before INTEGER NOT NULL DEFAULT 0, -- milliseconds since 1970
	attempt    INTEGER NOT NULL DEFAULT 0, -- the last one
	retries    INTEGER NOT NULL,           -- automatic resumes after each time that somebody asks for a run
	budget     INTEGER NOT NULL,           -- the number of the last attempt that may start by itself
	since      INTEGER NOT NULL DEFAULT 0, -- outputs that are older do not count; milliseconds
	created    INTEGER NOT NULL,
	changed    INTEGER NOT NULL,
	cleaned    INTEGER NOT NULL DEFAULT 0,
	reason     TEXT NOT NULL DEFAULT '',   -- a fault as JSON
	exit_code  INTEGER,
	signal     TEXT NOT NULL DEFAULT '',
	key        TEXT UNIQUE,
	content    TEXT NOT NULL,              -- digest of the request
	spec       TEXT NOT NULL,
	env        TEXT NOT NULL
) STRICT;
CREATE INDEX runner_queued ON runner_tasks (priority DESC, id) WHERE state = 'queued';
CREATE INDEX runner_active ON runner_tasks (id) WHERE state IN ('starting', 'running', 'stalled');
CREATE INDEX runner_ended ON runner_tasks (changed, id) WHERE state IN ('succeeded', 'failed', 'killed');
CREATE INDEX runner_by_ticket ON runner_tasks (ticket, id);

CREATE TABLE runner_after (
	task   INTEGER NOT NULL REFERENCES runner_tasks (id),
	needs  INTEGER NOT NULL REFERENCES runner_tasks (id),
	PRIMARY KEY (task, needs)
) STRICT, WITHOUT ROWID;

CREATE TABLE runner_items (
	task INTEGER PRIMARY KEY REFERENCES runner_tasks (id),
	list TEXT NOT NULL -- a JSON array
) STRICT;

-- The environment of whoever asked, once for all tasks that share it.
CREATE TABLE runner_environments (
	digest TEXT PRIMARY KEY,
	list   TEXT NOT NULL -- a JSON array of KEY=VALUE
) STRICT, WITHOUT ROWID;

CREATE TABLE runner_attempts (
	task    INTEGER NOT NULL REFERENCES runner_tasks (id),
	number  INTEGER NOT NULL,
	state   TEXT NOT NULL, -- starting, running, or how it ended
	token   TEXT NOT NULL,
	gpus    TEXT NOT NULL,
	started INTEGER NOT NULL,
	ran     INTEGER NOT NULL DEFAULT 0,
	ended   INTEGER NOT NULL DEFAULT 0,
	run     TEXT NOT NULL DEFAULT '',  -- who ran, as JSON
	exit    TEXT NOT NULL DEFAULT '',  -- how it ended, as JSON
	reason  TEXT NOT NULL DEFAULT '',
	done    INTEGER NOT NULL DEFAULT 0,
	total   INTEGER NOT NULL DEFAULT 0,
	cut     INTEGER NOT NULL DEFAULT 0, -- last write of one that was cut off; nanoseconds
	PRIMARY KEY (task, number)
) STRICT, WITHOUT ROWID;

CREATE TABLE runner_queue (
	one    INTEGER PRIMARY KEY CHECK (one = 1),
	paused INTEGER NOT NULL
) STRICT;
INSERT INTO runner_queue VALUES (1, 0);
