-- What was written down about an adult and a child by hand: a restriction set, changed or ended, what
-- stands between them, who is a contact and who no longer. `why` is for those who are told of it, never
-- for the staff of a class; `said` is for whoever sees the record. `pupil` is empty for what is about the
-- adult alone.
CREATE TABLE ties (
    id UUID PRIMARY KEY,
    school_id TEXT NOT NULL REFERENCES schools (id),
    adult TEXT NOT NULL,
    pupil TEXT NOT NULL,
    did TEXT NOT NULL,
    said TEXT NOT NULL,
    why TEXT NOT NULL,
    staff TEXT NOT NULL,
    at BIGINT NOT NULL
);
CREATE INDEX ties_of_adult ON ties (school_id, adult, at);

-- A version of a passport that somebody at school wrote down, because they were told it.
ALTER TABLE passports ADD COLUMN staff TEXT;
ALTER TABLE passports ADD COLUMN told TEXT;
