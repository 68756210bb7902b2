package org.pilothouse.warehouse.rest;

import java.time.DateTimeException;
import java.time.LocalDate;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.pilothouse.kernel.Problem;
import org.pilothouse.kernel.ProblemCode;
import org.pilothouse.platform.web.JsonFields;

/** Days in paths, parameters and bodies. */
final class Dates {
  private static final LocalDate FIRST = LocalDate.of(2000, 1, 1);
  private static final LocalDate LAST = LocalDate.of(2999, 12, 31);

  private Dates() {}

  /** What is no date in a path is a day that nobody has closed. */
  static LocalDate ofPath(String text) {
    return read(text).orElseThrow(Dates::notFound);
  }

  static Problem notFound() {
    return Problem.of(ProblemCode.NOT_FOUND, "There is no dump of that day.");
  }

  /**
   * @throws Problem {@code invalid_value}
   */
  static Optional<LocalDate> ofParameter(String name, @Nullable String text) {
    if (text == null || text.isEmpty()) {
      return Optional.empty();
    }
    return Optional.of(
        read(text)
            .orElseThrow(() ->
                Problem.at(
                    ProblemCode.INVALID_VALUE,
                    name,
                    name + " must be a date such as 2026-01-31.")));
  }

  /**
   * @throws Problem {@code missing_field}, {@code invalid_value}
   */
  static LocalDate ofField(JsonFields fields, String name) {
    return read(fields.text(name, 1, 32))
        .orElseThrow(() -> fields.invalid(name, "must be a date such as 2026-01-31"));
  }

  private static Optional<LocalDate> read(String text) {
    try {
      LocalDate date = LocalDate.parse(text);
      return date.isBefore(FIRST) || date.isAfter(LAST) ? Optional.empty() : Optional.of(date);
    } catch (DateTimeException e) {
      return Optional.empty();
    }
  }
}
