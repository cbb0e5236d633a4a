-- What a durable run is in SQLite. Times are whole nanoseconds since 1970, so that a time comes back as it went in; the views
-- owf_runs_readable and owf_steps_readable show them as text. Payloads are JSON text.

CREATE TABLE owf_schema (version INTEGER NOT NULL) STRICT;

CREATE TABLE owf_workers (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    name TEXT NOT NULL,
    lease_until INTEGER NOT NULL
) STRICT;

-- Every commit of a step rewrites its run's row: no wide column here, and no index on what a step changes.
CREATE TABLE owf_runs (
    key INTEGER PRIMARY KEY AUTOINCREMENT,
    id TEXT NOT NULL UNIQUE,
    workflow TEXT NOT NULL,
    -- 0 if the workflow has none.
    version INTEGER NOT NULL,
    status TEXT NOT NULL,
    -- The latest memo: the log is read backwards from here.
    last_memo INTEGER,
    -- The fencing token: one more with each claim.
    token INTEGER NOT NULL DEFAULT 0,
    -- Claims since the last commit.
    claims INTEGER NOT NULL DEFAULT 0,
    worker INTEGER,
    mail_seq INTEGER NOT NULL DEFAULT 0,
    attempt INTEGER NOT NULL DEFAULT 1,
    due_at INTEGER,
    created_at INTEGER NOT NULL,
    started_at INTEGER,
    finished_at INTEGER,
    parked TEXT
) STRICT;
CREATE INDEX owf_runs_due ON owf_runs (workflow, due_at, version) WHERE due_at IS NOT NULL;
CREATE INDEX owf_runs_owned ON owf_runs (worker) WHERE worker IS NOT NULL;
CREATE INDEX owf_runs_finished ON owf_runs (finished_at) WHERE finished_at IS NOT NULL;

-- What may be wide, and seldom changes.
CREATE TABLE owf_payloads (
    run INTEGER PRIMARY KEY,
    input TEXT NOT NULL,
    details TEXT,
    result TEXT
) STRICT;

-- One log for all runs, so that the commits of many runs fill the same pages. A memo knows the one before it of its run.
CREATE TABLE owf_memos (
    position INTEGER PRIMARY KEY,
    run INTEGER NOT NULL,
    previous INTEGER,
    id TEXT NOT NULL,
    kind TEXT NOT NULL,
    -- value, error, retrying, waiting, or forgotten
    state TEXT NOT NULL,
    attempts INTEGER NOT NULL,
    -- The value or the error.
    result TEXT,
    -- What it waits for.
    until INTEGER,
    started_at INTEGER,
    ended_at INTEGER,
    location TEXT,
    extra TEXT
) STRICT;

CREATE TABLE owf_mail (
    run INTEGER NOT NULL,
    seq INTEGER NOT NULL,
    arrived_at INTEGER NOT NULL,
    -- signal, value, error, or cancel
    kind TEXT NOT NULL,
    -- The signal's name, or the operation's ID.
    name TEXT NOT NULL,
    payload TEXT NOT NULL,
    -- The Rust type that a signal was sent as.
    sent_as TEXT,
    PRIMARY KEY (run, seq)
) STRICT, WITHOUT ROWID;

-- The keys of mail that has been delivered, consumed or not.
CREATE TABLE owf_delivered (
    run INTEGER NOT NULL,
    key TEXT NOT NULL,
    PRIMARY KEY (run, key)
) STRICT, WITHOUT ROWID;

-- Who waits for what: for an event of a name with certain values at certain places, or for the end of a run.
CREATE TABLE owf_waits (
    topic TEXT NOT NULL,
    name TEXT NOT NULL,
    pointers TEXT NOT NULL,
    expected TEXT NOT NULL,
    run INTEGER NOT NULL,
    operation TEXT NOT NULL,
    PRIMARY KEY (topic, name, pointers, expected, run, operation)
) STRICT, WITHOUT ROWID;
CREATE INDEX owf_waits_of_run ON owf_waits (run, operation);

-- The newest version of each workflow whose triggers were told: older code does not replace them.
CREATE TABLE owf_workflows (
    name TEXT PRIMARY KEY,
    version INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE owf_triggers (
    -- event, or cron
    kind TEXT NOT NULL,
    -- The event's name, or the cron expression.
    name TEXT NOT NULL,
    -- Empty for UTC, and for events.
    timezone TEXT NOT NULL,
    workflow TEXT NOT NULL,
    -- Of cron triggers.
    last_tick INTEGER,
    PRIMARY KEY (kind, name, timezone, workflow)
) STRICT, WITHOUT ROWID;
CREATE INDEX owf_triggers_of_workflow ON owf_triggers (workflow);

CREATE VIEW owf_runs_readable AS
SELECT id, workflow, version, status, attempt,
    datetime(created_at / 1000000000, 'unixepoch') AS created,
    datetime(started_at / 1000000000, 'unixepoch') AS started,
    datetime(finished_at / 1000000000, 'unixepoch') AS finished,
    datetime(due_at / 1000000000, 'unixepoch') AS due,
    input, details, result, parked
FROM owf_runs JOIN owf_payloads ON run = key;

CREATE VIEW owf_steps_readable AS
SELECT owf_runs.id AS run, position, owf_memos.id AS step, kind, state, attempts, result,
    datetime(owf_memos.started_at / 1000000000, 'unixepoch') AS started,
    (ended_at - owf_memos.started_at) / 1000000 AS took_ms,
    location
FROM owf_memos JOIN owf_runs ON key = run;
