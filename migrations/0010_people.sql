-- Who is who, from the first import or change on; before, the school's people file says so.
-- `people_version` counts the changes, so that every process sees there was one; 0 is the file.
ALTER TABLE schools ADD COLUMN people_version BIGINT NOT NULL DEFAULT 0;

-- Who has gone stays, because cases name them.
CREATE TABLE people (
    school_id TEXT NOT NULL REFERENCES schools (id),
    kind TEXT NOT NULL,
    key TEXT NOT NULL,
    position BIGINT NOT NULL,
    record TEXT NOT NULL,
    gone BOOLEAN NOT NULL,
    PRIMARY KEY (school_id, kind, key)
);

-- What was changed, by whom: an import, a merge, a number that was matched. The rows hold the records
-- before and after, so that it can be undone.
CREATE TABLE people_changes (
    id UUID PRIMARY KEY,
    school_id TEXT NOT NULL REFERENCES schools (id),
    version BIGINT NOT NULL,
    at BIGINT NOT NULL,
    staff TEXT NOT NULL,
    what TEXT NOT NULL,
    about TEXT NOT NULL,
    undone_at BIGINT,
    UNIQUE (school_id, version)
);
CREATE TABLE people_changed (
    change UUID NOT NULL REFERENCES people_changes (id),
    school_id TEXT NOT NULL REFERENCES schools (id),
    kind TEXT NOT NULL,
    key TEXT NOT NULL,
    before TEXT,
    gone_before BOOLEAN NOT NULL,
    after TEXT NOT NULL,
    gone_after BOOLEAN NOT NULL,
    PRIMARY KEY (change, kind, key)
);

-- Files that were uploaded to be looked at before they are imported.
CREATE TABLE imports (
    id UUID PRIMARY KEY,
    school_id TEXT NOT NULL REFERENCES schools (id),
    staff TEXT NOT NULL,
    at BIGINT NOT NULL,
    people_version BIGINT NOT NULL
);
CREATE TABLE import_files (
    import UUID NOT NULL REFERENCES imports (id),
    school_id TEXT NOT NULL REFERENCES schools (id),
    position BIGINT NOT NULL,
    name TEXT NOT NULL,
    kind TEXT,
    bytes BYTEA NOT NULL,
    PRIMARY KEY (import, position)
);
