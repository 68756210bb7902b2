-- The job repository of JBeret, as its own DDL has it; made here because the application's role makes no tables. It holds what ran when, and
-- nothing of pilots but their names in the parameters; only staff's tools and the engine look at it.
CREATE TABLE batch.job_instance (
  jobinstanceid   bigserial NOT NULL PRIMARY KEY,
  version         integer,
  jobname         varchar(512),
  applicationname varchar(512)
);

CREATE TABLE batch.job_execution (
  jobexecutionid  bigserial NOT NULL PRIMARY KEY,
  jobinstanceid   bigint NOT NULL REFERENCES batch.job_instance (jobinstanceid) ON DELETE CASCADE,
  version         integer,
  createtime      timestamptz,
  starttime       timestamptz,
  endtime         timestamptz,
  lastupdatedtime timestamptz,
  batchstatus     varchar(30),
  exitstatus      varchar(512),
  jobparameters   varchar(3000),
  restartposition varchar(255)
);
CREATE INDEX job_execution_of_instance ON batch.job_execution (jobinstanceid);
CREATE INDEX job_execution_running ON batch.job_execution (batchstatus) WHERE batchstatus IN ('STARTED', 'STARTING');

CREATE TABLE batch.step_execution (
  stepexecutionid      bigserial NOT NULL PRIMARY KEY,
  jobexecutionid       bigint NOT NULL REFERENCES batch.job_execution (jobexecutionid) ON DELETE CASCADE,
  version              integer,
  stepname             varchar(255),
  starttime            timestamptz,
  endtime              timestamptz,
  batchstatus          varchar(30),
  exitstatus           varchar(512),
  executionexception   varchar(2048),
  persistentuserdata   bytea,
  readcount            integer,
  writecount           integer,
  commitcount          integer,
  rollbackcount        integer,
  readskipcount        integer,
  processskipcount     integer,
  filtercount          integer,
  writeskipcount       integer,
  readercheckpointinfo bytea,
  writercheckpointinfo bytea
);
CREATE INDEX step_execution_of_job ON batch.step_execution (jobexecutionid);

CREATE TABLE batch.partition_execution (
  partitionexecutionid integer NOT NULL,
  stepexecutionid      bigint NOT NULL REFERENCES batch.step_execution (stepexecutionid) ON DELETE CASCADE,
  version              integer,
  batchstatus          varchar(30),
  exitstatus           varchar(512),
  executionexception   varchar(2048),
  persistentuserdata   bytea,
  readercheckpointinfo bytea,
  writercheckpointinfo bytea,
  PRIMARY KEY (partitionexecutionid, stepexecutionid)
);

GRANT USAGE ON SCHEMA batch TO ${app_role};
GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA batch TO ${app_role};
GRANT USAGE ON ALL SEQUENCES IN SCHEMA batch TO ${app_role};
REVOKE ALL ON batch.flyway_schema_history FROM ${app_role};
