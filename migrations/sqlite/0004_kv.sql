-- Values by name, for scripts, and the webhooks that were received.
CREATE TABLE _kv (
    -- Who the name belongs to: scripts, webhooks.
    space TEXT NOT NULL,
    key TEXT NOT NULL,
    -- JSON.
    value TEXT NOT NULL,
    -- In milliseconds since 1970. NULL: never.
    expires INTEGER,
    PRIMARY KEY (space, key)
) WITHOUT ROWID;

CREATE INDEX idx_kv_expires ON _kv (expires) WHERE expires IS NOT NULL;
