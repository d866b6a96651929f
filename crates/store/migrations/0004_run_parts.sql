-- From this version on a run that goes on may be kept as several rows, of kinds that earlier
-- versions do not know. No table changes, and rows that they wrote are read as they are; they
-- themselves would take such a run for damaged, so that the form has a number of its own.

SELECT 1;
