-- Leases beside the rows: to take one or to give it back writes a few bytes, whatever the row
-- weighs. A row that is written loses its lease.

CREATE TABLE lease (
    kind {bytes} NOT NULL,
    workspace {bytes} NOT NULL,
    id {bytes} NOT NULL,
    owner TEXT NOT NULL,
    ends {long} NOT NULL,
    PRIMARY KEY (kind, workspace, id)
);

INSERT INTO lease (kind, workspace, id, owner, ends)
    SELECT kind, workspace, id, lease_owner, lease_until FROM resource
    WHERE lease_owner IS NOT NULL AND lease_until IS NOT NULL;

ALTER TABLE resource DROP COLUMN lease_owner;
ALTER TABLE resource DROP COLUMN lease_until;
