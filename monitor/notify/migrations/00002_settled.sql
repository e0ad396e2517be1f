-- +goose Up

-- What a message tells of is over: it need not ring any more.
ALTER TABLE notify_messages ADD COLUMN settled INTEGER NOT NULL DEFAULT 0;

-- The same table, whose receipts can also be cancelled.
CREATE TABLE notify_deliveries_new (
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
    trace        TEXT NOT NULL DEFAULT '' CHECK (trace IN ('', 'open', 'acknowledged', 'expired', 'lost', 'cancelled')),
    acknowledged TEXT,
    device       TEXT NOT NULL DEFAULT '',   -- on which it was acknowledged
    PRIMARY KEY (message, channel)
) STRICT, WITHOUT ROWID;
INSERT INTO notify_deliveries_new SELECT message, channel, priority, state, due, tries, doubts, streak, last, reason, ended, request, receipt, trace, acknowledged, device
    FROM notify_deliveries;
DROP TABLE notify_deliveries;
ALTER TABLE notify_deliveries_new RENAME TO notify_deliveries;
CREATE INDEX notify_deliveries_open ON notify_deliveries (channel, state, priority DESC, message) WHERE state IN ('waiting', 'sending');
CREATE INDEX notify_deliveries_trace ON notify_deliveries (channel, message) WHERE trace = 'open';
