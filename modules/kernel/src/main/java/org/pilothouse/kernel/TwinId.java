package org.pilothouse.kernel;

/** A digital twin of a pilot; unique within it: {@code [a-z0-9][a-z0-9._-]{0,127}}. */
public record TwinId(String value) {
  /**
   * @throws Problem {@code invalid_id} when the text has another form
   */
  public TwinId {
    if (!Names.isTwinId(value)) {
      throw Problem.of(
          ProblemCode.INVALID_ID,
          "'" + Names.shown(value) + "' is not a valid " + Names.of(TwinId.class));
    }
  }

  @Override
  public String toString() {
    return value;
  }
}
