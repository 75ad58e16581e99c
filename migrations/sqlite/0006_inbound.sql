-- Where webhooks of other services are received, for superusers.
CREATE TABLE _inbound (
    id TEXT PRIMARY KEY NOT NULL,
    -- In the address. In lower case.
    name TEXT NOT NULL UNIQUE,
    enabled INTEGER NOT NULL,
    -- JSON: everything that may be shown.
    config TEXT NOT NULL,
    -- JSON: the keys of signatures; sealed where the settings are.
    secrets TEXT NOT NULL,
    -- JSON: what has arrived lately. Written now and then.
    activity TEXT DEFAULT '' NOT NULL,
    -- In milliseconds since 1970.
    created INTEGER NOT NULL,
    updated INTEGER NOT NULL
);

-- The log of one endpoint, the latest delivery first.
CREATE INDEX idx_deliveries_webhook ON _deliveries (webhook);
