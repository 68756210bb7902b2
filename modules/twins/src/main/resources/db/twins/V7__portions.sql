-- How far the history of each portion of a partition's twins has got. A transaction that writes all of a large batch lasts for a second: while it
-- does, no version of any row is cleared away, and states that change twice a second grow by it until each update has to walk past dozens of dead ones.
CREATE TABLE twins.history_position (
  topic     text NOT NULL,
  partition integer NOT NULL,
  portion   integer NOT NULL CHECK (portion BETWEEN 0 AND 15),
  position  bigint NOT NULL,
  PRIMARY KEY (topic, partition, portion)
);
ALTER TABLE twins.history_position ENABLE ROW LEVEL SECURITY;
ALTER TABLE twins.reader_position NO FORCE ROW LEVEL SECURITY;
INSERT INTO twins.history_position (topic, partition, portion, position)
  SELECT topic, partition, portion, position FROM twins.reader_position CROSS JOIN generate_series(0, 15) AS portion
  WHERE reader = 'twin-history';
DELETE FROM twins.reader_position WHERE reader = 'twin-history';
ALTER TABLE twins.reader_position FORCE ROW LEVEL SECURITY;
ALTER TABLE twins.history_position FORCE ROW LEVEL SECURITY;
CREATE POLICY platform ON twins.history_position
  USING ((SELECT tenancy.is_platform())) WITH CHECK ((SELECT tenancy.is_platform()));
GRANT SELECT, INSERT, UPDATE ON twins.history_position TO ${app_role};
