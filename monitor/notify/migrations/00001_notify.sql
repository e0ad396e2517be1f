-- +goose Up

-- What people are told. The number is shown in each message.
CREATE TABLE notify_messages (
    id          INTEGER PRIMARY KEY AUTOINCREMENT,
    fingerprint TEXT NOT NULL,
    priority    INTEGER NOT NULL CHECK (priority BETWEEN 1 AND 4),
    title       TEXT NOT NULL,
    body        TEXT NOT NULL,
    url         TEXT NOT NULL,
    url_title   TEXT NOT NULL,
    attachment  TEXT NOT NULL, -- path of a picture
    ticket      TEXT NOT NULL,
    task        INTEGER NOT NULL,
    at          TEXT NOT NULL,
    UNIQUE (fingerprint, priority)
) STRICT;
CREATE INDEX notify_messages_at ON notify_messages (at);
CREATE INDEX notify_messages_ticket ON notify_messages (ticket, id);

-- How far each has come on each channel.
CREATE TABLE notify_deliveries (
    message      INTEGER NOT NULL REFERENCES notify_messages (id),
    channel      TEXT NOT NULL,
    priority     INTEGER NOT NULL,           -- the message's
    state        TEXT NOT NULL CHECK (state IN ('waiting', 'sending', 'accepted', 'failed')),
    due          TEXT NOT NULL,              -- not to be sent before
    tries        INTEGER NOT NULL DEFAULT 0, -- requests
    doubts       INTEGER NOT NULL DEFAULT 0, -- of those, how many may have been accepted without our knowing
    streak       INTEGER NOT NULL DEFAULT 0, -- tries since it was last put back by a person or a repeat
    last         TEXT NOT NULL DEFAULT '',   -- outcome of the last try
    reason       TEXT NOT NULL DEFAULT '',   -- why it was not accepted: JSON of a fault
    ended        TEXT,                       -- when it was accepted or failed
    request      TEXT NOT NULL DEFAULT '',   -- the service's id
    receipt      TEXT NOT NULL DEFAULT '',
    trace        TEXT NOT NULL DEFAULT '' CHECK (trace IN ('', 'open', 'acknowledged', 'expired', 'lost')),
    acknowledged TEXT,
    device       TEXT NOT NULL DEFAULT '',   -- on which it was acknowledged
    PRIMARY KEY (message, channel)
) STRICT, WITHOUT ROWID;
CREATE INDEX notify_deliveries_open ON notify_deliveries (channel, state, priority DESC, message) WHERE state IN ('waiting', 'sending');
CREATE INDEX notify_deliveries_trace ON notify_deliveries (channel, message) WHERE trace = 'open';

-- Repeats that were not sent, by the minute.
CREATE TABLE notify_suppressed (
    message  INTEGER NOT NULL REFERENCES notify_messages (id),
    priority INTEGER NOT NULL, -- the repeat's own
    minute   TEXT NOT NULL,
    count    INTEGER NOT NULL,
    PRIMARY KEY (message, priority, minute)
) STRICT, WITHOUT ROWID;
