package org.pilothouse.contracts;

/** Who may see what a stream carries. */
public enum Classification {
  /** Every person of the pilot. */
  INTERNAL,
  /** The pilot's own people by role; staff with a ticket, masked. */
  CONFIDENTIAL,
  /** Those who repair it: it may hold what was malformed or secret. */
  RESTRICTED
}
