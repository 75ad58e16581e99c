-- The definitions of all collections. Records live in one table per collection, made from these definitions.
CREATE TABLE _collections (
    id TEXT PRIMARY KEY NOT NULL,
    system BOOLEAN DEFAULT FALSE NOT NULL,
    type TEXT DEFAULT 'base' NOT NULL,
    name TEXT UNIQUE COLLATE NOCASE NOT NULL,
    fields JSON DEFAULT '[]' NOT NULL,
    indexes JSON DEFAULT '[]' NOT NULL,
    listRule TEXT DEFAULT NULL,
    viewRule TEXT DEFAULT NULL,
    createRule TEXT DEFAULT NULL,
    updateRule TEXT DEFAULT NULL,
    deleteRule TEXT DEFAULT NULL,
    options JSON DEFAULT '{}' NOT NULL,
    created TEXT NOT NULL,
    updated TEXT NOT NULL
);

-- Single values by name; the owner's settings are the row 'settings'.
CREATE TABLE _params (
    id TEXT PRIMARY KEY NOT NULL,
    value TEXT NOT NULL,
    created TEXT NOT NULL,
    updated TEXT NOT NULL
);
