-- Whom a line of the audit log is about, where that is no case: what is held about somebody left the school.
ALTER TABLE audit ADD COLUMN about TEXT;
CREATE INDEX audit_by_moment ON audit (school_id, at, id);

-- Nothing of this case, or of this pupil's cases, is removed until somebody lifts it.
CREATE TABLE holds (
    id UUID PRIMARY KEY,
    school_id TEXT NOT NULL REFERENCES schools (id),
    case_id UUID REFERENCES cases (id),
    pupil TEXT,
    why TEXT NOT NULL,
    staff TEXT NOT NULL,
    since BIGINT NOT NULL,
    lifted_at BIGINT,
    lifted_by TEXT
);
CREATE INDEX holds_standing ON holds (school_id) WHERE lifted_at IS NULL;

-- Somebody asked for everything that is held about a person (`about` is `pupil` or `adult`, `person` their
-- key). The days are the law's: a day received and a day due, not moments. `task` stands on Today until
-- it is answered.
CREATE TABLE subject_requests (
    id UUID PRIMARY KEY,
    school_id TEXT NOT NULL REFERENCES schools (id),
    about TEXT NOT NULL,
    person TEXT NOT NULL,
    asked_by TEXT NOT NULL,
    received TEXT NOT NULL,
    due TEXT NOT NULL,
    staff TEXT NOT NULL,
    recorded_at BIGINT NOT NULL,
    task UUID NOT NULL REFERENCES tasks (id)
);
CREATE INDEX subject_requests_by_school ON subject_requests (school_id, recorded_at);

-- When a school's nightly removal is due next. A school that has switched nothing on has no row.
CREATE TABLE retention (
    school_id TEXT PRIMARY KEY REFERENCES schools (id),
    next_at BIGINT NOT NULL
);

-- Whether a message became part of a record is asked of each message that has been kept for its time.
CREATE INDEX entries_of_message ON entries (message) WHERE message IS NOT NULL;

-- A pupil's cases are looked up one pupil at a time: for a copy, and when their time is over.
CREATE INDEX cases_of_pupil ON cases (school_id, pupil, number);
CREATE INDEX cases_of_adult ON cases (school_id, adult, number);
