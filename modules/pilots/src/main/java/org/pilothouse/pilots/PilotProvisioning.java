package org.pilothouse.pilots;

/** Makes what a pilot needs on the engines (its topics). */
public interface PilotProvisioning {
  /**
   * Idempotent; called when a pilot was added or its retention changed, and for every pilot at
   * start. Returns when it is done; throws when it could not be, and is then called again.
   */
  void provision(Pilot pilot);
}
