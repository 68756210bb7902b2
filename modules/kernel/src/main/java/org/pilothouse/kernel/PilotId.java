package org.pilothouse.kernel;

/** A pilot, one partner of the consortium and the tenant: {@code [a-z0-9][a-z0-9-]{0,62}}. */
public record PilotId(String value) {
  /**
   * @throws Problem {@code invalid_id} when the text has another form
   */
  public PilotId {
    if (!Names.isId(value)) {
      throw Problem.of(
          ProblemCode.INVALID_ID,
          "'" + Names.shown(value) + "' is not a valid " + Names.of(PilotId.class));
    }
  }

  @Override
  public String toString() {
    return value;
  }
}
