-- +goose Up

-- When what came of the last try was noted. A time that is still to come was
-- noted by a clock that was put back since, and so was when to try again.
ALTER TABLE notify_deliveries ADD COLUMN tried TEXT NOT NULL DEFAULT '';
