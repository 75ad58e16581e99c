-- Where events are sent, for superusers.
CREATE TABLE _webhooks (
    id TEXT PRIMARY KEY NOT NULL,
    name TEXT NOT NULL COLLATE NOCASE UNIQUE,
    enabled INTEGER NOT NULL,
    -- JSON: everything that may be shown.
    config TEXT NOT NULL,
    -- JSON: the address, the values of headers, the keys of signatures; sealed where the settings are.
    secrets TEXT NOT NULL,
    -- Why the server has disabled it: gone, failing. Empty otherwise.
    disabled_reason TEXT DEFAULT '' NOT NULL,
    -- The failures since the last success, and when the first of them was. Times are in milliseconds since 1970.
    failures INTEGER DEFAULT 0 NOT NULL,
    failing_since INTEGER,
    -- Nothing is sent before this time.
    paused_until INTEGER,
    -- The status of the last answer (0 without an answer), and its time.
    last_status INTEGER DEFAULT 0 NOT NULL,
    last_at INTEGER,
    created INTEGER NOT NULL,
    updated INTEGER NOT NULL
);

-- Events of committed changes that are not distributed yet: one row for all endpoints.
CREATE TABLE _outbox (
    seq INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL,
    -- JSON: the endpoints, with what is special about each.
    targets TEXT NOT NULL,
    -- The ids of the collection and the record. Empty for events of scripts.
    collection TEXT NOT NULL,
    record TEXT NOT NULL,
    -- JSON.
    payload TEXT NOT NULL,
    created INTEGER NOT NULL
);

-- One event for one endpoint.
CREATE TABLE _deliveries (
    seq INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL,
    -- The same over all attempts.
    id TEXT NOT NULL UNIQUE,
    -- Its endpoint. An event for an address without an endpoint has "url:" and the host.
    webhook TEXT NOT NULL,
    -- The address of an event without an endpoint; sealed where the settings are.
    url TEXT DEFAULT '' NOT NULL,
    event TEXT NOT NULL,
    collection TEXT NOT NULL,
    record TEXT NOT NULL,
    -- JSON: the body that is sent, or that a template is filled in from.
    payload TEXT NOT NULL,
    -- waiting, blocked (an earlier one of the same record waits), succeeded, failed.
    state TEXT NOT NULL,
    is_test INTEGER DEFAULT 0 NOT NULL,
    -- All attempts, and those since it was last replayed.
    attempts INTEGER DEFAULT 0 NOT NULL,
    tries INTEGER DEFAULT 0 NOT NULL,
    -- Of the last attempt.
    status INTEGER DEFAULT 0 NOT NULL,
    error TEXT DEFAULT '' NOT NULL,
    due INTEGER NOT NULL,
    created INTEGER NOT NULL,
    finished INTEGER
);

CREATE INDEX idx_deliveries_due ON _deliveries (webhook, due) WHERE state = 'waiting';
CREATE INDEX idx_deliveries_order ON _deliveries (webhook, collection, record) WHERE state IN ('waiting', 'blocked');
CREATE INDEX idx_deliveries_state ON _deliveries (webhook, state, finished);
CREATE INDEX idx_deliveries_finished ON _deliveries (state, finished) WHERE finished IS NOT NULL;
CREATE INDEX idx_deliveries_record ON _deliveries (record);

-- The requests that were made. Secrets are left out.
CREATE TABLE _attempts (
    delivery INTEGER NOT NULL,
    number INTEGER NOT NULL,
    at INTEGER NOT NULL,
    duration INTEGER NOT NULL,
    status INTEGER NOT NULL,
    error TEXT NOT NULL,
    -- JSON.
    request TEXT NOT NULL,
    response TEXT NOT NULL,
    PRIMARY KEY (delivery, number)
) WITHOUT ROWID;
