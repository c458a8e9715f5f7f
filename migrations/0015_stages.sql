-- How far the school's support for a pupil is formal, and from when: each change is a row. `source` is
-- `here`, `import` or `undo`. Why it changed stands in the pupil's record of support (`case_id`, `seq`);
-- a change that came with an import has no words. `settled_at`: everybody who may be told of it was, or
-- another change came after.
CREATE TABLE sen_stages (
    id UUID PRIMARY KEY,
    school_id TEXT NOT NULL REFERENCES schools (id),
    pupil TEXT NOT NULL,
    stage TEXT NOT NULL,
    plan TEXT,
    since TEXT NOT NULL,
    source TEXT NOT NULL,
    staff TEXT NOT NULL,
    at BIGINT NOT NULL,
    case_id UUID REFERENCES cases (id),
    seq BIGINT,
    settled_at BIGINT
);
CREATE INDEX sen_stages_of_pupil ON sen_stages (school_id, pupil, at);
CREATE INDEX sen_stages_to_tell ON sen_stages (school_id, at) WHERE settled_at IS NULL;

-- How an adult came to know of a change: `text`, `otherwise`, or `not`. The words stand in the record.
CREATE TABLE stage_told (
    stage UUID NOT NULL REFERENCES sen_stages (id),
    adult TEXT NOT NULL,
    school_id TEXT NOT NULL REFERENCES schools (id),
    how TEXT NOT NULL,
    told_on TEXT NOT NULL,
    staff TEXT NOT NULL,
    at BIGINT NOT NULL,
    PRIMARY KEY (stage, adult)
);

-- The letter by which an adult is formally told of SEN support (Children and Families Act 2014, section
-- 68). Its text is entry `made_seq` of the record of support.
CREATE TABLE formal_notices (
    stage UUID NOT NULL REFERENCES sen_stages (id),
    adult TEXT NOT NULL,
    school_id TEXT NOT NULL REFERENCES schools (id),
    case_id UUID NOT NULL REFERENCES cases (id),
    made_seq BIGINT NOT NULL,
    made_at BIGINT NOT NULL,
    made_by TEXT NOT NULL,
    sent_how TEXT,
    sent_on TEXT,
    sent_by TEXT,
    PRIMARY KEY (stage, adult)
);

-- Who decides once a young person is past compulsory school age: `agreed` (parents go on being told),
-- `alone` (only they themselves), `lacks-capacity`. The newest counts; what they said stands in the record.
CREATE TABLE young_decisions (
    id UUID PRIMARY KEY,
    school_id TEXT NOT NULL REFERENCES schools (id),
    pupil TEXT NOT NULL,
    decided TEXT NOT NULL,
    since TEXT NOT NULL,
    staff TEXT NOT NULL,
    at BIGINT NOT NULL,
    case_id UUID NOT NULL REFERENCES cases (id),
    seq BIGINT NOT NULL
);
CREATE INDEX young_decisions_of_pupil ON young_decisions (school_id, pupil, at);

-- A pupil has one record of support, which is looked for by its pupil.
CREATE INDEX cases_sen_records ON cases (school_id, pupil) WHERE kind = 'sen-record';
