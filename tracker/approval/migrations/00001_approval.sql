-- +goose Up
CREATE TABLE approval_requests (
	id       INTEGER PRIMARY KEY AUTOINCREMENT,
	ticket   TEXT NOT NULL,
	step     TEXT NOT NULL,
	digest   TEXT NOT NULL,              -- of the parts
	round    INTEGER NOT NULL,           -- asking again for what was rejected as it is, is the same round
	content  TEXT NOT NULL,              -- what people are shown, as JSON
	asked    INTEGER NOT NULL,           -- milliseconds since 1970
	life     INTEGER NOT NULL,           -- milliseconds
	expires  INTEGER NOT NULL,           -- of the question; of an approval, once there is one
	state    TEXT NOT NULL CHECK (state IN ('requested', 'approved', 'rejected', 'void', 'expired')),
	entry    INTEGER NOT NULL,           -- of the ledger, that asked
	voided   INTEGER NOT NULL DEFAULT 0, -- when, milliseconds
	token    TEXT NOT NULL DEFAULT '',   -- by which whoever decided knows the answer again
	decision TEXT NOT NULL DEFAULT '',   -- the entry of the ledger that decided, as JSON
	seq      INTEGER NOT NULL DEFAULT 0, -- its place
	hash     BLOB                        -- its hash
) STRICT;
CREATE UNIQUE INDEX approval_open ON approval_requests (ticket, step) WHERE state = 'requested';
CREATE INDEX approval_by_step ON approval_requests (ticket, step, id);

-- The keys that passphrases stand for, the one in use last. None is ever taken
-- away: what was signed with it is looked at again and again.
CREATE TABLE approval_keys (
	id          INTEGER PRIMARY KEY,
	public      BLOB NOT NULL,
	salt        BLOB NOT NULL,
	passes      INTEGER NOT NULL,        -- of Argon2id
	memory      INTEGER NOT NULL,        -- KiB
	threads     INTEGER NOT NULL,
	endorsement BLOB NOT NULL,           -- signature of the key before, empty for the first
	seq         INTEGER NOT NULL,        -- entry of the ledger
	hash        BLOB NOT NULL            -- its hash
) STRICT;

-- Tries with a wrong passphrase, and those that nobody saw the end of.
CREATE TABLE approval_tries (
	id INTEGER PRIMARY KEY AUTOINCREMENT,
	at INTEGER NOT NULL                  -- milliseconds since 1970
) STRICT;
CREATE TABLE approval_lock (
	one   INTEGER PRIMARY KEY CHECK (one = 1),
	level INTEGER NOT NULL,              -- lock-outs since the last right passphrase
	until INTEGER NOT NULL               -- milliseconds since 1970
) STRICT;
INSERT INTO approval_lock VALUES (1, 0, 0);

-- Up to which entry of the ledger people's edits were read.
CREATE TABLE approval_cursor (
	one INTEGER PRIMARY KEY CHECK (one = 1),
	seq INTEGER NOT NULL                 -- -1: nobody reads them
) STRICT;
INSERT INTO approval_cursor VALUES (1, -1);
