package org.pilothouse.jobs.internal;

import java.time.DayOfWeek;
import java.time.Instant;
import java.time.LocalDate;
import java.time.LocalTime;
import java.time.ZoneId;
import java.time.ZonedDateTime;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;

/** Days of the week and a time of day, by some clock. */
public record Timetable(Set<DayOfWeek> days, LocalTime time) {
  public Timetable {
    days = Set.copyOf(days);
    if (days.isEmpty()) {
      throw new IllegalArgumentException("a timetable names a day");
    }
  }

  /** The first time after that one. What the clock leaves out is as much later; twice is once. */
  Instant next(Instant after, ZoneId zone) {
    LocalDate date = LocalDate.ofInstant(after, zone);
    while (true) {
      if (days.contains(date.getDayOfWeek())) {
        // In a gap this is moved by its length, and of two it is the earlier one.
        Instant then = ZonedDateTime.of(date, time, zone).toInstant();
        if (then.isAfter(after)) {
          return then;
        }
      }
      date = date.plusDays(1);
    }
  }

  /** As it stands in the API: {@code mon}. */
  public List<String> words() {
    List<String> words = new ArrayList<>();
    for (DayOfWeek day : DayOfWeek.values()) {
      if (days.contains(day)) {
        words.add(word(day));
      }
    }
    return words;
  }

  private static String word(DayOfWeek day) {
    return day.name().substring(0, 3).toLowerCase(Locale.ROOT);
  }

  public static Optional<DayOfWeek> day(String word) {
    for (DayOfWeek day : DayOfWeek.values()) {
      if (word(day).equals(word)) {
        return Optional.of(day);
      }
    }
    return Optional.empty();
  }

  /** Monday is the lowest bit. */
  int bits() {
    int bits = 0;
    for (DayOfWeek day : days) {
      bits |= 1 << day.ordinal();
    }
    return bits;
  }

  static Set<DayOfWeek> days(int bits) {
    Set<DayOfWeek> days = EnumSet.noneOf(DayOfWeek.class);
    for (DayOfWeek day : DayOfWeek.values()) {
      if ((bits & (1 << day.ordinal())) != 0) {
        days.add(day);
      }
    }
    return days;
  }
}
