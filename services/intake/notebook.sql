-- What only this replica knows and cannot be rebuilt from the bus. Additive changes only: IF NOT EXISTS.
CREATE TABLE IF NOT EXISTS requests (
    command_id TEXT PRIMARY KEY, digest TEXT NOT NULL, household_id TEXT, taken_at TEXT NOT NULL, answer BLOB
) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS requests_by_age ON requests (taken_at);

-- Who sent a request: they may ask how it ended.
CREATE TABLE IF NOT EXISTS senders (
    command_id TEXT PRIMARY KEY, sender TEXT NOT NULL, taken_at TEXT NOT NULL
) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS senders_by_age ON senders (taken_at);

-- P0 reports until somebody has them: `watching` for an offer, `paging` the sink, `paged` but not recorded on the bus, `over`.
CREATE TABLE IF NOT EXISTS watched (
    report_id TEXT PRIMARY KEY, case_id TEXT NOT NULL, state TEXT NOT NULL, due TEXT NOT NULL, notice BLOB NOT NULL,
    landed INTEGER NOT NULL, topic TEXT NOT NULL, household_id TEXT NOT NULL, event BLOB NOT NULL, headers BLOB NOT NULL,
    hidden INTEGER NOT NULL, delivered_at TEXT
) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS watched_by_state ON watched (state, due);

-- Who is at the board, in which roles (divided by spaces), by whose word; never the token, and of the session's secret a digest only.
CREATE TABLE IF NOT EXISTS sessions (
    digest TEXT PRIMARY KEY, issuer TEXT NOT NULL, subject TEXT NOT NULL, roles TEXT NOT NULL, until TEXT NOT NULL
) WITHOUT ROWID;
DROP TABLE IF EXISTS board_sessions;  -- they knew nobody: whoever had one signs in again
CREATE TABLE IF NOT EXISTS used_codes (digest TEXT PRIMARY KEY) WITHOUT ROWID;
