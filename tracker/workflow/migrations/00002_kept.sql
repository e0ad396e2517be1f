-- +goose Up

-- Each look at a record asks the ledger whether it knows a newer one. Of the
-- thousands of entries of a ticket few are these.
CREATE INDEX workflow_kept ON ledger (subject, seq) WHERE kind = 'workflow.kept';
