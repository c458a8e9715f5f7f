-- What came with a message and is not words: fetched from its provider, told by its content, and kept
-- here, where no web server serves files from. `state`: waiting, kept, refused, lost.
CREATE TABLE files (
    message UUID NOT NULL REFERENCES messages (id),
    n BIGINT NOT NULL,
    school_id TEXT NOT NULL REFERENCES schools (id),
    via TEXT NOT NULL,
    said_type TEXT NOT NULL,
    reference TEXT NOT NULL,
    state TEXT NOT NULL,
    why TEXT,
    tries BIGINT NOT NULL,
    next_at BIGINT,
    kind TEXT,
    size BIGINT,
    content BYTEA,
    PRIMARY KEY (message, n)
);
CREATE INDEX files_waiting ON files (next_at) WHERE state = 'waiting';
