-- The pilot of the scope. Policies ask for it in a sub-select: it is then read once a statement, where sees() is read for every row.
CREATE FUNCTION tenancy.pilot() RETURNS text
  LANGUAGE sql STABLE PARALLEL SAFE
  RETURN nullif(current_setting('pilothouse.pilot', true), '');
