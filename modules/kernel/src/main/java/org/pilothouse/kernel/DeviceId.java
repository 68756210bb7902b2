package org.pilothouse.kernel;

/** A device of a pilot; unique within it: {@code [a-z0-9][a-z0-9-]{0,62}}. */
public record DeviceId(String value) {
  /**
   * @throws Problem {@code invalid_id} when the text has another form
   */
  public DeviceId {
    if (!Names.isId(value)) {
      throw Problem.of(
          ProblemCode.INVALID_ID,
          "'" + Names.shown(value) + "' is not a valid " + Names.of(DeviceId.class));
    }
  }

  @Override
  public String toString() {
    return value;
  }
}
