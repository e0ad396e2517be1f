-- +goose Up
-- The number of the attempt whose checkpoint is to be put aside before another begins; 0 for none.
ALTER TABLE runner_tasks ADD COLUMN aside INTEGER NOT NULL DEFAULT 0;
