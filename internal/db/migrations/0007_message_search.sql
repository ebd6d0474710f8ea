-- +goose Up
-- Full text of messages: pairs of characters made in Go, see searchgrams.go. The row id is message.seq. The text itself is
-- not kept a second time, so a row is deleted by giving the same words again; it is then gone from the file, not hidden.
CREATE VIRTUAL TABLE message_text USING fts5 (
    body, place, content = '', columnsize = 0, tokenize = 'ascii'
);
INSERT INTO message_text (message_text, rank) VALUES ('secure-delete', 1);
