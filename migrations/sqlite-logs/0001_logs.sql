-- One row per request. `seq` rises with time (a hundred numbers per millisecond), so that table and index only ever grow
-- at their end, which makes writing cheap. The id that the API shows is the same number in 15 digits.
CREATE TABLE _logs (
    seq INTEGER PRIMARY KEY NOT NULL,
    id TEXT GENERATED ALWAYS AS (printf('%015d', seq)) VIRTUAL,
    level INTEGER DEFAULT 0 NOT NULL,
    message TEXT DEFAULT '' NOT NULL,
    data JSON DEFAULT '{}' NOT NULL,
    created TEXT NOT NULL
);

CREATE INDEX idx_logs_created ON _logs (created);
