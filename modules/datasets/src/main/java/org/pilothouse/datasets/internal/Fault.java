package org.pilothouse.datasets.internal;

import org.pilothouse.kernel.ProblemCode;

/**
 * Something that is wrong with a document.
 *
 * @param path an RFC 6901 pointer into it
 */
public record Fault(String path, String code, String detail) {
  static Fault invalid(String path, String what) {
    return new Fault(
        path,
        ProblemCode.INVALID_VALUE.code(),
        (path.isEmpty() ? "The contract " : path + " ") + what + ".");
  }
}
