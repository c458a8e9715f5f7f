-- When a person is reminded, once, of a question that they have not answered.
ALTER TABLE lanes ADD COLUMN nudge_at BIGINT;
CREATE INDEX lanes_by_nudge ON lanes (nudge_at) WHERE nudge_at IS NOT NULL;
