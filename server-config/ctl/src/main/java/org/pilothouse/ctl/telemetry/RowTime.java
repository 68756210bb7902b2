package org.pilothouse.ctl.telemetry;

import java.math.BigDecimal;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDateTime;
import java.time.OffsetDateTime;
import java.time.ZoneId;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** When a row was, before anything is moved to an end. */
sealed interface RowTime {
  /** Seconds of the year 9999 have twelve digits; what lies beyond is no time. */
  Pattern SECONDS = Pattern.compile("-?[0-9]{1,12}(\\.[0-9]{1,9})?");

  Pattern MILLIS = Pattern.compile("-?[0-9]{1,15}");
  Pattern COUNT = Pattern.compile("-?[0-9]{1,15}(\\.0*)?");

  Instant of(List<String> cells) throws Refusal;

  /** The cell, where it can go on as it stands; else null. */
  @Nullable String asWritten(List<String> cells);

  /** A column with times. */
  record Stamped(String column, int index, Mapping.Format format, ZoneId zone) implements RowTime {
    @Override
    public Instant of(List<String> cells) throws Refusal {
      String cell = cells.get(index).strip();
      try {
        switch (format) {
          case RFC3339 -> {
            return OffsetDateTime.parse(cell.replace(' ', 'T')).toInstant();
          }
          case LOCAL -> {
            return LocalDateTime.parse(cell.replace(' ', 'T')).atZone(zone).toInstant();
          }
          case EPOCH_S -> {
            if (SECONDS.matcher(cell).matches()) {
              long nanos = new BigDecimal(cell).movePointRight(9).remainder(GIGA).longValue();
              return Instant.ofEpochSecond(new BigDecimal(cell).longValue(), nanos);
            }
          }
          case EPOCH_MS -> {
            if (MILLIS.matcher(cell).matches()) {
              return Instant.ofEpochMilli(Long.parseLong(cell));
            }
          }
        }
      } catch (DateTimeException e) {
        // Said below, with what is expected.
      }
      throw new Refusal(
          "invalid_time",
          "the column " + column + " must be " + expected() + ", not " + Refusal.shown(cell));
    }

    private String expected() {
      return switch (format) {
        case RFC3339 -> "an RFC 3339 time (2026-01-31T12:00:00Z)";
        case LOCAL -> "a time such as 2026-01-31 12:00:00";
        case EPOCH_S -> "seconds since 1970";
        case EPOCH_MS -> "milliseconds since 1970";
      };
    }

    @Override
    public @Nullable String asWritten(List<String> cells) {
      String cell = cells.get(index).strip();
      // RFC 3339 allows a blank for the T; the platform does not.
      return format == Mapping.Format.RFC3339 && cell.indexOf(' ') < 0 ? cell : null;
    }

    private static final BigDecimal GIGA = BigDecimal.valueOf(1_000_000_000);
  }

  /** A column that counts, one step more a row. */
  record Counted(String column, int index, Instant start, Duration step, long first)
      implements RowTime {
    @Override
    public Instant of(List<String> cells) throws Refusal {
      String cell = cells.get(index).strip();
      try {
        if (COUNT.matcher(cell).matches()) {
          long count = new BigDecimal(cell).longValue() - first;
          return start.plus(step.multipliedBy(count));
        }
      } catch (DateTimeException | ArithmeticException e) {
        // Said below: it counts beyond the calendar.
      }
      throw new Refusal(
          "invalid_time",
          "the column " + column + " must be a whole number, not " + Refusal.shown(cell));
    }

    @Override
    public @Nullable String asWritten(List<String> cells) {
      return null;
    }
  }

  /**
   * @param columns where each column stands
   * @throws Unusable when the column is not there, or start, step or zone cannot be read
   */
  static RowTime of(Mapping.Time rule, Map<String, Integer> columns) {
    String column =
        rule.count() != null ? rule.count() : Objects.requireNonNullElse(rule.column(), "time");
    Integer index = columns.get(column);
    if (index == null) {
      throw new Unusable(
          "there is no column " + column + " with the time, only " + columns.keySet());
    }
    if (rule.count() != null) {
      return new Counted(
          column,
          index,
          rule.start() == null ? Instant.EPOCH : instant("start", rule.start()),
          Length.of(Objects.requireNonNull(rule.step())),
          rule.first() == null ? 1 : rule.first());
    }
    return new Stamped(
        column,
        index,
        rule.format() == null ? Mapping.Format.RFC3339 : rule.format(),
        zone(rule.zone()));
  }

  static Instant instant(String what, String text) {
    try {
      return OffsetDateTime.parse(text).toInstant();
    } catch (DateTimeException e) {
      throw new Unusable(
          what + " must be an RFC 3339 time (2026-01-31T12:00:00Z), not '" + text + "'");
    }
  }

  private static ZoneId zone(@Nullable String name) {
    try {
      return name == null ? java.time.ZoneOffset.UTC : ZoneId.of(name);
    } catch (DateTimeException e) {
      throw new Unusable("zone must be an IANA name such as Europe/Rome, not '" + name + "'");
    }
  }
}
