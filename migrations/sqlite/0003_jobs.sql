-- Work that is done after the commit that asked for it, at least once. Rows of finished jobs are removed.
CREATE TABLE _jobs (
    -- The same over all attempts, so that what a job does elsewhere can be told apart from a repetition.
    id TEXT PRIMARY KEY NOT NULL,
    name TEXT NOT NULL,
    -- JSON.
    payload TEXT NOT NULL,
    -- At most one job of a name waits with the same key. NULL: no limit.
    unique_key TEXT,
    -- waiting, running or failed. A failed job is not tried again by itself.
    state TEXT NOT NULL,
    -- 1: high, 0: normal, -1: low.
    priority INTEGER NOT NULL,
    -- The number of attempts that have begun.
    attempts INTEGER DEFAULT 0 NOT NULL,
    max_attempts INTEGER NOT NULL,
    -- When to try next, in milliseconds since 1970. For other states than waiting: when the last attempt began or ended.
    due INTEGER NOT NULL,
    created INTEGER NOT NULL,
    -- Why the last attempt failed.
    error TEXT DEFAULT '' NOT NULL
);

CREATE INDEX idx_jobs_due ON _jobs (name, priority, due) WHERE state = 'waiting';
CREATE INDEX idx_jobs_state ON _jobs (state, due);
CREATE UNIQUE INDEX idx_jobs_unique ON _jobs (name, unique_key) WHERE state = 'waiting' AND unique_key IS NOT NULL;
