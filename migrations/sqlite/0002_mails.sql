-- Mails that wait to be sent: written in the transaction that asks for them, removed once sent or given up.
CREATE TABLE _mails (
    id INTEGER PRIMARY KEY NOT NULL,
    -- JSON; sealed where the settings are.
    content TEXT NOT NULL,
    attempts INTEGER DEFAULT 0 NOT NULL,
    -- When to try next, in milliseconds since 1970.
    due INTEGER NOT NULL,
    -- When nobody wants it any more, because what it carries has expired.
    expires INTEGER NOT NULL
);

CREATE INDEX idx_mails_due ON _mails (due);
