package org.pilothouse.warehouse.internal;

/**
 * The places in a run between two effects that cannot be one: a node may end at each of them, and
 * the next one must go on from there.
 */
public enum Step {
  /** A run is somebody's, no engine has it. */
  RUN_CLAIMED,
  /** The engine carries it out, the run does not say by which execution. */
  EXECUTION_BEGUN,
  /** The catalogue has a dataset that no run names. */
  DATASET_OPENED,
  /** It is written down what will be read, nothing is read. */
  PLAN_FROZEN,
  /** One file of a partition is stored, its other files are not. */
  FILE_STORED,
  /** All files of a partition are stored, nobody has said so. */
  PARTITION_STORED,
  /** A partition is done, the others may not be. */
  PARTITION_NOTED,
  /** All is written and counted, nothing is read back. */
  VERIFIED,
  /** The files are what was written, there is no manifest. */
  PARTS_READ_BACK,
  /** The manifest is stored, the day is not known to be closed. */
  MANIFEST_STORED,
  /** The day is closed, the engine does not know. */
  PUBLISHED
}
