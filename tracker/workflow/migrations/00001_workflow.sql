-- +goose Up
CREATE TABLE workflow_tickets (
	ticket   TEXT PRIMARY KEY,
	root     TEXT NOT NULL,               -- the folder of the project, absolute, without links
	finished INTEGER NOT NULL DEFAULT 0,  -- 1 once every step has passed
	touched  INTEGER NOT NULL,            -- milliseconds since 1970
	turn     INTEGER NOT NULL,            -- grows with each change: who looked at an older one has looked at nothing
	state    TEXT NOT NULL,               -- the record, as JSON
	kept     INTEGER NOT NULL             -- the entry of the ledger that has its digest
) STRICT, WITHOUT ROWID;
CREATE INDEX workflow_open ON workflow_tickets (finished, touched DESC);
