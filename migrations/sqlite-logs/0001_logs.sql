-- One row per request. Ids begin with the time, so that both indexes only ever grow at their end.
CREATE TABLE _logs (
    id TEXT PRIMARY KEY NOT NULL,
    level INTEGER DEFAULT 0 NOT NULL,
    message TEXT DEFAULT '' NOT NULL,
    data JSON DEFAULT '{}' NOT NULL,
    created TEXT NOT NULL
);

CREATE INDEX idx_logs_created ON _logs (created);
