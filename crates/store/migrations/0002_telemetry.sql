-- Metric series and kept logs of jobs.

CREATE TABLE metric (
    workspace {bytes} NOT NULL,
    job {bytes} NOT NULL,
    position {long} NOT NULL,
    name {bytes} NOT NULL,
    value DOUBLE PRECISION NOT NULL,
    step {long},
    at {long} NOT NULL,
    PRIMARY KEY (workspace, job, position)
);

-- Pieces as they were appended: the place where one ends, its lines as a JSON array.
CREATE TABLE log (
    workspace {bytes} NOT NULL,
    job {bytes} NOT NULL,
    ends {long} NOT NULL,
    lines TEXT NOT NULL,
    PRIMARY KEY (workspace, job, ends)
);
