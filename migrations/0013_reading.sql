-- The folded words of a case's chronology, each once: what the console searches. Words are bytes, which
-- both databases compare alike, so that the beginning of one is a range of this key.
CREATE TABLE case_words (
    case_id UUID NOT NULL REFERENCES cases (id),
    word BYTEA NOT NULL,
    school_id TEXT NOT NULL REFERENCES schools (id),
    PRIMARY KEY (case_id, word)
);
CREATE INDEX case_words_by_word ON case_words (school_id, word, case_id);

-- How far a safeguarding lead has read what did not alert: the moment and the id of the last message, in
-- the order in which the screen let them pass. And what a lead flagged there, an example for the screen.
CREATE TABLE skims (
    school_id TEXT NOT NULL REFERENCES schools (id),
    staff TEXT NOT NULL,
    screened_at BIGINT NOT NULL,
    message UUID NOT NULL,
    PRIMARY KEY (school_id, staff)
);
CREATE TABLE flags (
    message UUID PRIMARY KEY REFERENCES messages (id),
    school_id TEXT NOT NULL REFERENCES schools (id),
    staff TEXT NOT NULL,
    flagged_at BIGINT NOT NULL
);

CREATE INDEX cases_by_writer ON cases (school_id, address, number);
CREATE INDEX cases_by_opening ON cases (school_id, opened_at);
CREATE INDEX messages_to_skim ON messages (school_id, screened_at, id) WHERE safeguarding_case IS NULL;
CREATE INDEX promises_by_school ON promises (school_id, due_at);
CREATE INDEX meetings_by_pupil ON meetings (school_id, pupil, starts_at);
CREATE INDEX outbox_by_school ON outbox (school_id, created_at);
CREATE INDEX outbox_not_done ON outbox (school_id, created_at)
    WHERE status IN ('queued', 'sending', 'failed', 'undelivered', 'uncertain');
CREATE INDEX outbox_in_trouble ON outbox (school_id, created_at)
    WHERE status IN ('failed', 'undelivered', 'uncertain');
