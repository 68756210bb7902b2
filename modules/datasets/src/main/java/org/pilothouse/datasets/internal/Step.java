package org.pilothouse.datasets.internal;

/**
 * The places in the life of a dataset between two effects that cannot be one: a node may end at
 * each of them, and the next one must go on from there.
 */
public enum Step {
  /** The catalogue has it, the store knows of no upload yet. */
  DECLARED,
  /** The store has begun an upload that the catalogue does not name yet. */
  UPLOAD_BEGUN,
  /** The store has the object whole, the catalogue still waits for parts. */
  OBJECT_COMPLETED,
  /** Its verification is somebody's. */
  VERIFICATION_CLAIMED,
  /** Its bytes are read back, nobody knows what came of it. */
  BYTES_VERIFIED,
  /** It is withdrawn, its bytes are there. */
  REMOVAL_DECIDED,
  /** Its bytes are gone, the catalogue does not say so. */
  OBJECT_REMOVED,
  /** The catalogue has an object at a pilot's endpoint, nobody has verified it. */
  REGISTERED,
  /** A look at a pilot's endpoint is somebody's. */
  PROBE_CLAIMED,
  /** It is known what a pilot's endpoint answers, the catalogue does not say so. */
  SITE_SEEN,
  /** A copy to the centre is somebody's. */
  COPY_CLAIMED,
  /** The catalogue has the copy, nothing of it is sent. */
  COPY_DECLARED,
  /** One more part of a copy is stored, nobody has said so. */
  PART_COPIED,
  /** A copy is whole and waits for its verification, its curation does not say so. */
  COPY_COMPLETED,
  /** A curation is cancelled, what it has under way is still there. */
  CURATION_CANCELLED,
  /** A gatherer outside knows of a dataset's life, the catalogue does not know that it does. */
  LINEAGE_TOLD,
  /** A move to another place is somebody's. */
  MOVE_CLAIMED,
  /** The store has begun the upload of a moved copy that nobody names yet. */
  MOVE_BEGUN,
  /** One more part of a moved copy is stored, nobody has said so. */
  PART_MOVED,
  /** The other place has the object whole, nobody has read it back. */
  MOVE_COMPLETED,
  /** It was read back, nobody knows what came of it. */
  MOVE_VERIFIED,
  /** The pilot's model is the other one; the catalogue still names the old places. */
  SWITCH_DECIDED,
  /** The catalogue names the new places of some datasets, and pointers went out. */
  BATCH_SWITCHED,
  /** Old bytes are to go, they are there. */
  OLD_REMOVAL_DECIDED,
  /** Old bytes are gone, nobody says so. */
  OLD_REMOVED,
  /** The copy of a migration that was cancelled is gone, nobody says so. */
  COPY_DROPPED
}
