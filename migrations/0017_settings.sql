-- What staff have set in the console, a section of the configuration each, laid over what schoolgate.toml
-- says: the same TOML, read by the same rules. Every version stays, so that one can be taken up again; a
-- version without text goes back to what the file says. `settings_version` counts the changes of a school,
-- so that every process sees there was one; 0 is the file alone.
ALTER TABLE schools ADD COLUMN settings_version BIGINT NOT NULL DEFAULT 0;

CREATE TABLE settings (
    school_id TEXT NOT NULL REFERENCES schools (id),
    section TEXT NOT NULL,
    version BIGINT NOT NULL,
    body TEXT,
    staff TEXT NOT NULL,
    at BIGINT NOT NULL,
    PRIMARY KEY (school_id, section, version)
);
