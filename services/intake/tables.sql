-- The read model: rebuilt from the bus whenever this file changes (its hash is kept in `meta`), so there are no migrations.
CREATE TABLE meta (name TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE positions (
    topic TEXT NOT NULL, partition INTEGER NOT NULL, next INTEGER NOT NULL, PRIMARY KEY (topic, partition)
) WITHOUT ROWID;

CREATE TABLE cases (
    case_id TEXT PRIMARY KEY, household_id TEXT NOT NULL, version INTEGER NOT NULL, state TEXT NOT NULL, band TEXT NOT NULL,
    code TEXT NOT NULL, covert INTEGER NOT NULL, walled INTEGER NOT NULL, partner_id TEXT, partner_reference TEXT,
    received_at TEXT NOT NULL, campaign_id TEXT, sponsor_id TEXT, record BLOB NOT NULL
);
CREATE INDEX cases_of_campaign ON cases (campaign_id) WHERE campaign_id IS NOT NULL;

-- The id under which a report expected a case of its own, and the case that it joined.
CREATE TABLE case_aliases (alias TEXT PRIMARY KEY, case_id TEXT NOT NULL) WITHOUT ROWID;
CREATE INDEX aliases_of_case ON case_aliases (case_id);
CREATE INDEX cases_of_household ON cases (household_id);
CREATE INDEX cases_by_receipt ON cases (received_at DESC, case_id);
CREATE INDEX cases_of_partner ON cases (partner_id, partner_reference);

-- The router's view of a track; `hidden` is covert or drill: such a track is on no shared view.
CREATE TABLE case_tracks (
    track_id TEXT PRIMARY KEY, case_id TEXT NOT NULL, desk_id TEXT NOT NULL, pillar TEXT NOT NULL, band TEXT NOT NULL,
    state TEXT NOT NULL, waiting INTEGER NOT NULL, working INTEGER NOT NULL, responder_id TEXT, received_at TEXT NOT NULL,
    offered INTEGER NOT NULL, hidden INTEGER NOT NULL
);
CREATE INDEX tracks_of_case ON case_tracks (case_id);
CREATE INDEX tracks_waiting ON case_tracks (desk_id, band, received_at) WHERE waiting = 1 AND hidden = 0;
CREATE INDEX tracks_working ON case_tracks (desk_id, band) WHERE working = 1 AND hidden = 0;
CREATE INDEX tracks_of_responder ON case_tracks (responder_id) WHERE responder_id IS NOT NULL;

CREATE TABLE clocks (
    track_id TEXT NOT NULL, kind TEXT NOT NULL, case_id TEXT NOT NULL, desk_id TEXT NOT NULL, band TEXT NOT NULL,
    due TEXT NOT NULL, hidden INTEGER NOT NULL, PRIMARY KEY (track_id, kind)
) WITHOUT ROWID;
CREATE INDEX clocks_of_case ON clocks (case_id);
CREATE INDEX clocks_by_due ON clocks (desk_id, due) WHERE hidden = 0;

-- Pages of cases; without a household, pages about a desk's gap or a dead letter, whose id is then case and track id.
CREATE TABLE pages (
    page_id TEXT PRIMARY KEY, case_id TEXT NOT NULL, household_id TEXT, track_id TEXT NOT NULL, desk_id TEXT NOT NULL,
    pillar TEXT NOT NULL, band TEXT NOT NULL, recipient TEXT NOT NULL, reason TEXT NOT NULL, raised_at TEXT NOT NULL,
    delivered_at TEXT, acknowledged_at TEXT, hidden INTEGER NOT NULL, group_id TEXT, gap_id TEXT
);
CREATE INDEX pages_of_case ON pages (case_id);
CREATE INDEX pages_of_group ON pages (group_id) WHERE group_id IS NOT NULL;
CREATE INDEX pages_of_gaps ON pages (gap_id) WHERE gap_id IS NOT NULL;
CREATE INDEX pages_of_letters ON pages (raised_at) WHERE household_id IS NULL AND gap_id IS NULL;
CREATE INDEX pages_open ON pages (raised_at) WHERE acknowledged_at IS NULL AND hidden = 0;

CREATE TABLE events (
    partition INTEGER NOT NULL, position INTEGER NOT NULL, case_id TEXT NOT NULL, id TEXT NOT NULL, type TEXT NOT NULL,
    value BLOB NOT NULL, PRIMARY KEY (partition, position)
) WITHOUT ROWID;
CREATE INDEX events_of_case ON events (case_id, position);

CREATE TABLE reports (
    source TEXT NOT NULL, report_id TEXT NOT NULL, case_id TEXT NOT NULL, household_id TEXT NOT NULL,
    PRIMARY KEY (source, report_id)
) WITHOUT ROWID;

-- `names` is what a household can be found by: casefolded names and contacts. Personal data, like every `record`.
CREATE TABLE households (
    household_id TEXT PRIMARY KEY, version INTEGER NOT NULL, partner_id TEXT, reference TEXT, names TEXT NOT NULL,
    record BLOB NOT NULL
);
CREATE INDEX households_of_partner ON households (partner_id, reference);

-- A desk's view of a track; a track that moved between regions is under two partitions until the old one lets go.
CREATE TABLE desk_tracks (
    track_id TEXT NOT NULL, partition INTEGER NOT NULL, epoch INTEGER NOT NULL, version INTEGER NOT NULL, state TEXT NOT NULL,
    offers_made INTEGER NOT NULL, owner TEXT, record BLOB NOT NULL, PRIMARY KEY (track_id, partition)
) WITHOUT ROWID;
CREATE INDEX owners ON desk_tracks (owner) WHERE owner IS NOT NULL;

CREATE TABLE offers (
    offer_id TEXT NOT NULL, track_id TEXT NOT NULL, partition INTEGER NOT NULL, responder_id TEXT NOT NULL, until TEXT NOT NULL,
    PRIMARY KEY (track_id, partition, offer_id)
) WITHOUT ROWID;
CREATE INDEX offers_to ON offers (responder_id, until);
CREATE INDEX offers_by_id ON offers (offer_id);

CREATE TABLE responders (
    responder_id TEXT NOT NULL, pillar TEXT NOT NULL, partition INTEGER NOT NULL, desk_id TEXT NOT NULL,
    presence TEXT NOT NULL, version INTEGER NOT NULL, organisation TEXT, record BLOB NOT NULL,
    PRIMARY KEY (responder_id, pillar, partition)
) WITHOUT ROWID;
CREATE INDEX responders_of_desk ON responders (desk_id, presence);
CREATE INDEX people_of_organisation ON responders (organisation) WHERE organisation IS NOT NULL;

CREATE TABLE rotas (desk_id TEXT PRIMARY KEY, version INTEGER NOT NULL, record BLOB NOT NULL) WITHOUT ROWID;

-- What nobody covers at a desk, for as long as nobody does.
CREATE TABLE gaps (
    gap_id TEXT PRIMARY KEY, desk_id TEXT NOT NULL, version INTEGER NOT NULL, begins TEXT NOT NULL, record BLOB NOT NULL
) WITHOUT ROWID;
CREATE INDEX gaps_of_desk ON gaps (desk_id, begins);
CREATE TABLE desk_states (
    desk_id TEXT NOT NULL, partition INTEGER NOT NULL, paused INTEGER NOT NULL, version INTEGER NOT NULL, PRIMARY KEY (desk_id, partition)
) WITHOUT ROWID;

CREATE TABLE outcomes (
    command_id TEXT PRIMARY KEY, subject TEXT NOT NULL, version INTEGER NOT NULL, reason TEXT, at TEXT NOT NULL
) WITHOUT ROWID;
CREATE INDEX outcomes_by_age ON outcomes (at);

CREATE TABLE notices (
    notice_id TEXT PRIMARY KEY, page_id TEXT, offer_id TEXT, recipient TEXT NOT NULL, track_id TEXT NOT NULL,
    desk_id TEXT NOT NULL, at TEXT NOT NULL, kind TEXT NOT NULL, method INTEGER, issuer_key TEXT NOT NULL, case_id TEXT NOT NULL
) WITHOUT ROWID;
CREATE INDEX notices_of_offer ON notices (offer_id) WHERE offer_id IS NOT NULL;
CREATE INDEX notices_of_page ON notices (page_id) WHERE page_id IS NOT NULL;
CREATE INDEX notices_by_age ON notices (at);

-- Reachability drills, and each responder's row of them.
CREATE TABLE drills (
    drill_id TEXT PRIMARY KEY, desk_id TEXT NOT NULL, version INTEGER NOT NULL, record BLOB NOT NULL
) WITHOUT ROWID;
CREATE TABLE drill_rows (
    drill_id TEXT NOT NULL, responder_id TEXT NOT NULL, record BLOB NOT NULL, PRIMARY KEY (drill_id, responder_id)
) WITHOUT ROWID;

-- Group workshops, and what became of each track in them.
CREATE TABLE workshops (
    workshop_id TEXT PRIMARY KEY, desk_id TEXT NOT NULL, version INTEGER NOT NULL, state TEXT NOT NULL, begins TEXT NOT NULL,
    record BLOB NOT NULL
) WITHOUT ROWID;
CREATE INDEX workshops_of_desk ON workshops (desk_id, begins);
CREATE TABLE workshop_tracks (
    workshop_id TEXT NOT NULL, track_id TEXT NOT NULL, attendance TEXT NOT NULL, PRIMARY KEY (workshop_id, track_id)
) WITHOUT ROWID;
CREATE INDEX workshops_of_track ON workshop_tracks (track_id);

-- Where a dead letter lies and why; its bytes stay on the bus.
CREATE TABLE dead_letters (
    letter_id TEXT PRIMARY KEY, topic TEXT NOT NULL, partition INTEGER NOT NULL, position INTEGER NOT NULL,
    reason TEXT NOT NULL, from_topic TEXT NOT NULL, at TEXT NOT NULL
) WITHOUT ROWID;
CREATE INDEX dead_letters_by_age ON dead_letters (at);

-- Which part of the board the record at a position changed last: what a resumed stream has to send again.
CREATE TABLE touched (
    part TEXT NOT NULL, topic TEXT NOT NULL, partition INTEGER NOT NULL, position INTEGER NOT NULL,
    PRIMARY KEY (part, topic, partition)
) WITHOUT ROWID;
CREATE INDEX touched_since ON touched (topic, partition, position);

-- Which release of the catalogue decides in which partition, and the latest choice of one.
CREATE TABLE releases_in_force (
    topic TEXT NOT NULL, partition INTEGER NOT NULL, number INTEGER NOT NULL, record BLOB NOT NULL,
    PRIMARY KEY (topic, partition)
) WITHOUT ROWID;
CREATE TABLE release_choice (subject TEXT PRIMARY KEY, version INTEGER NOT NULL, record BLOB NOT NULL) WITHOUT ROWID;
