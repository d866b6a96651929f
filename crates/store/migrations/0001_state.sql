-- Rows, labels, events, remembered answers, and the one counter that orders events.
--
-- {bytes} is text that sorts by its bytes and {long} an integer of 64 bits; both are spelled
-- differently by SQLite and PostgreSQL.

CREATE TABLE resource (
    kind {bytes} NOT NULL,
    workspace {bytes} NOT NULL,
    id {bytes} NOT NULL,
    parent {bytes},
    phase {bytes} NOT NULL,
    labels TEXT,
    due {long},
    body TEXT NOT NULL,
    revision {long} NOT NULL,
    created {long} NOT NULL,
    updated {long} NOT NULL,
    lease_owner TEXT,
    lease_until {long},
    PRIMARY KEY (kind, workspace, id)
);

-- Lists over all workspaces, in the order of ids.
CREATE INDEX resource_by_id ON resource (kind, id, workspace);
-- Lists with the newest first.
CREATE INDEX resource_by_creation ON resource (kind, workspace, created, id);
-- Lists of what belongs to something, in both orders.
CREATE INDEX resource_by_parent ON resource (kind, parent, workspace, id)
    WHERE parent IS NOT NULL;
CREATE INDEX resource_by_parent_creation ON resource (kind, parent, workspace, created, id)
    WHERE parent IS NOT NULL;
CREATE INDEX resource_by_phase ON resource (kind, workspace, phase, created, id);
-- Claims.
CREATE INDEX resource_by_due ON resource (kind, due, workspace, id) WHERE due IS NOT NULL;

-- `created` is the row's, so that the newest of a label are read in order.
CREATE TABLE label (
    kind {bytes} NOT NULL,
    workspace {bytes} NOT NULL,
    id {bytes} NOT NULL,
    name {bytes} NOT NULL,
    value {bytes} NOT NULL,
    created {long} NOT NULL,
    PRIMARY KEY (kind, workspace, id, name)
);

CREATE INDEX label_by_id ON label (kind, name, value, workspace, id);
CREATE INDEX label_by_creation ON label (kind, name, value, workspace, created, id);

CREATE TABLE event (
    sequence {long} NOT NULL PRIMARY KEY,
    workspace {bytes} NOT NULL,
    kind {bytes} NOT NULL,
    id {bytes} NOT NULL,
    action {bytes} NOT NULL,
    actor TEXT NOT NULL,
    at {long} NOT NULL,
    detail TEXT NOT NULL
);

CREATE TABLE answer (
    workspace {bytes} NOT NULL,
    token {bytes} NOT NULL,
    fingerprint TEXT NOT NULL,
    answer TEXT NOT NULL,
    expires {long} NOT NULL,
    PRIMARY KEY (workspace, token)
);

CREATE INDEX answer_by_expiry ON answer (expires);

-- One row: the number of the last event. Every commit locks it first, so that the order of
-- numbers is the order of commits.
CREATE TABLE sequence (
    last {long} NOT NULL
);

INSERT INTO sequence (last) VALUES (0);
