-- +goose Up

-- A ticket may have thousands of writes and has one place.
CREATE INDEX tracker_writes_place ON tracker_writes (book, ticket, id) WHERE kind = 'create' AND place <> '';
