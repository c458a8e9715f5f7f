-- When school and family look at a case again.
ALTER TABLE cases ADD COLUMN review_at BIGINT;
CREATE INDEX cases_to_review ON cases (school_id, review_at) WHERE review_at IS NOT NULL;

-- A page on which one adult reads what is theirs of a case: opened by a link once texted and a PIN.
-- `token` and `session` are SHA-256 of what the phone holds.
CREATE TABLE shares (
    id UUID PRIMARY KEY,
    school_id TEXT NOT NULL REFERENCES schools (id),
    case_id UUID NOT NULL REFERENCES cases (id),
    adult TEXT NOT NULL,
    endpoint TEXT NOT NULL,
    address TEXT NOT NULL,
    token BYTEA NOT NULL UNIQUE,
    staff TEXT NOT NULL,
    at BIGINT NOT NULL,
    expires_at BIGINT NOT NULL,
    wrong BIGINT NOT NULL,
    opened_at BIGINT,
    session BYTEA,
    session_until BIGINT,
    answered_at BIGINT,
    ended_at BIGINT
);
CREATE INDEX shares_by_case ON shares (case_id);

-- An entry kept from an adult who would see it: by whom, and why.
CREATE TABLE withheld (
    case_id UUID NOT NULL REFERENCES cases (id),
    seq BIGINT NOT NULL,
    adult TEXT NOT NULL,
    school_id TEXT NOT NULL REFERENCES schools (id),
    why TEXT NOT NULL,
    staff TEXT NOT NULL,
    at BIGINT NOT NULL,
    PRIMARY KEY (case_id, seq, adult)
);

-- Whether an adult who is not the one that wrote is given copies of what concerns a child.
CREATE TABLE duplicates (
    school_id TEXT NOT NULL REFERENCES schools (id),
    pupil TEXT NOT NULL,
    adult TEXT NOT NULL,
    given BOOLEAN NOT NULL,
    staff TEXT NOT NULL,
    at BIGINT NOT NULL,
    PRIMARY KEY (school_id, pupil, adult)
);

-- What an adult opens their pages with: printed by the office, argon2id.
CREATE TABLE pins (
    school_id TEXT NOT NULL REFERENCES schools (id),
    adult TEXT NOT NULL,
    hash TEXT NOT NULL,
    staff TEXT NOT NULL,
    set_at BIGINT NOT NULL,
    PRIMARY KEY (school_id, adult)
);
