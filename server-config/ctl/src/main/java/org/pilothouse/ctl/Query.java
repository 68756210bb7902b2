package org.pilothouse.ctl;

import java.util.StringJoiner;
import org.jspecify.annotations.Nullable;
import org.pilothouse.ctl.api.PilothouseApi;

/** The part of a URL behind the question mark; empty without a parameter. */
final class Query {
  private final StringJoiner joined = new StringJoiner("&", "?", "").setEmptyValue("");

  /**
   * @param value null leaves the parameter out
   */
  Query with(String name, @Nullable Object value) {
    if (value != null) {
      joined.add(name + "=" + PilothouseApi.encode(value.toString()));
    }
    return this;
  }

  @Override
  public String toString() {
    return joined.toString();
  }
}
