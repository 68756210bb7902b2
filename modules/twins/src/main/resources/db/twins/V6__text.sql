-- What a text is looked for in: id, name and place, in small letters. It stays where a fold writes nothing.
SET LOCAL statement_timeout = 0;
ALTER TABLE twins.twin ADD COLUMN searched text NOT NULL GENERATED ALWAYS AS (lower(twin_id || chr(10)
  || coalesce(left(attributes ->> 'name', 256), '') || chr(10) || coalesce(left(attributes ->> 'place', 256), ''))) STORED;

-- Three characters in a row, at each place or at each so many. pg_trgm would need a right that owners of managed databases may not have, and
-- with the C library's locale "C" it passes over letters beyond ASCII. The pilot stands before each: a search reads nothing of other pilots.
CREATE FUNCTION twins.text_keys(pilot text, written text, step integer) RETURNS text[]
  LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE AS $$
DECLARE
  keys text[] := '{}';
  final integer := length(written) - 2;
BEGIN
  FOR n IN 1 .. final BY step LOOP
    keys := keys || (pilot || ' ' || substr(written, n, 3));
  END LOOP;
  RETURN CASE WHEN final > 0 THEN keys || (pilot || ' ' || substr(written, final, 3)) ELSE keys END;
END
$$;
SET LOCAL maintenance_work_mem = '256MB';
CREATE INDEX twin_text ON twins.twin USING gin (twins.text_keys(pilot_id, searched, 1));
-- Nothing is planned by them, and to gather them would take seconds each time.
ALTER INDEX twins.twin_text ALTER COLUMN 1 SET STATISTICS 0;

-- The ids of twins that hold a text of three characters or more, of the scope's pilot and of no other. Under row-level security no index may
-- serve such a comparison: it could tell of rows that the policy hides. So this alone looks past the policy, asks for the pilot itself, and
-- gives nothing but ids; what they stand for is read under the policy. Its body is bound to what it names when it is made.
ALTER TABLE twins.twin NO FORCE ROW LEVEL SECURITY;
CREATE FUNCTION twins.with_text(sought text, behind text, most integer) RETURNS SETOF text
  LANGUAGE sql STABLE SECURITY DEFINER PARALLEL RESTRICTED
  SET search_path = pg_catalog, pg_temp
  SET enable_seqscan = off
BEGIN ATOMIC
  SELECT twin_id
  FROM (
    -- Every third place holds each character once; more of them would cost more than the few rows that they rule out.
    SELECT pilot_id, twin_id, searched FROM twins.twin
    WHERE twins.text_keys(pilot_id, searched, 1) @> twins.text_keys(tenancy.pilot(), sought, 3)
    OFFSET 0) AS likely
  WHERE pilot_id = tenancy.pilot() AND twin_id > behind AND length(sought) >= 3 AND strpos(searched, sought) > 0
  ORDER BY twin_id LIMIT most;
END;
REVOKE ALL ON FUNCTION twins.with_text(text, text, integer) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION twins.with_text(text, text, integer) TO ${app_role};
