-- Which process runs a job: "<host>/<pid>/<start of the process>". Its heartbeat keeps others away.
ALTER TABLE job ADD COLUMN worker TEXT;
