package org.pilothouse.datasets.internal.preview;

import java.math.BigDecimal;
import java.time.Instant;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** What is known of a column of a text file after some of its rows. */
final class Profile {
  private final String name;
  private final boolean typed;
  private final LongSet distinct = new LongSet(Limits.MOST_DISTINCT);
  private @Nullable ValueKind kind;
  private long values;
  private @Nullable String leastText;
  private @Nullable String mostText;
  private @Nullable String leastNumber;
  private @Nullable String mostNumber;
  private double leastDouble;
  private double mostDouble;
  private @Nullable String leastTime;
  private @Nullable String mostTime;
  private Instant leastInstant = Instant.MAX;
  private Instant mostInstant = Instant.MIN;
  private double sum;
  private double[] numbers = new double[0];
  private int numbersKept;

  /**
   * @param typed whether the file itself says what a value is
   */
  Profile(String name, boolean typed) {
    this.name = name;
    this.typed = typed;
  }

  void add(String text, ValueKind of) {
    kind = kind == null ? of : kind.with(of, typed);
    values++;
    distinct.add(LongSet.hash(text));
    if (leastText == null || text.compareTo(leastText) < 0) {
      leastText = Texts.cut(text, Limits.CELL_CHARACTERS);
    }
    if (mostText == null || text.compareTo(mostText) > 0) {
      mostText = Texts.cut(text, Limits.CELL_CHARACTERS);
    }
    if (of.isNumeric()) {
      addNumber(text);
    } else if (of == ValueKind.DATE || of == ValueKind.TIMESTAMP) {
      addTime(text);
    }
  }

  private void addNumber(String text) {
    double number = Double.parseDouble(text);
    if (leastNumber == null || isLess(number, text, leastDouble, leastNumber)) {
      leastNumber = text;
      leastDouble = number;
    }
    if (mostNumber == null || isLess(mostDouble, mostNumber, number, text)) {
      mostNumber = text;
      mostDouble = number;
    }
    sum += number;
    if (numbersKept < Limits.HISTOGRAM_VALUES && Double.isFinite(number)) {
      if (numbersKept == numbers.length) {
        numbers = Arrays.copyOf(numbers, Math.max(16, numbers.length * 2));
      }
      numbers[numbersKept++] = number;
    }
  }

  /** Whole numbers beyond 2^53 fall together as doubles. */
  private static boolean isLess(double left, String leftText, double right, String rightText) {
    if (left != right) {
      return left < right;
    }
    return !leftText.equals(rightText)
        && new BigDecimal(leftText).compareTo(new BigDecimal(rightText)) < 0;
  }

  private void addTime(String text) {
    Instant time = time(text);
    if (time.isBefore(leastInstant)) {
      leastInstant = time;
      leastTime = text;
    }
    if (time.isAfter(mostInstant)) {
      mostInstant = time;
      mostTime = text;
    }
  }

  /** Times without an offset are compared as if they were in UTC. */
  private static Instant time(String text) {
    if (text.length() == 10) {
      return LocalDate.parse(text).atStartOfDay().toInstant(ZoneOffset.UTC);
    }
    String iso = text.charAt(10) == ' ' ? text.replaceFirst(" ", "T") : text;
    boolean offset = iso.endsWith("Z") || iso.indexOf('+', 11) > 0 || iso.indexOf('-', 11) > 0;
    return offset
        ? OffsetDateTime.parse(iso).toInstant()
        : LocalDateTime.parse(iso).toInstant(ZoneOffset.UTC);
  }

  /**
   * @param rows that were read; those that gave this column no value are its nulls
   */
  Preview.Column column(long rows) {
    ValueKind seen = kind == null ? ValueKind.STRING : kind;
    boolean numeric = kind != null && kind.isNumeric();
    boolean times = seen == ValueKind.DATE || seen == ValueKind.TIMESTAMP;
    boolean ordered = seen != ValueKind.JSON && seen != ValueKind.MIXED;
    String least = numeric ? leastNumber : times ? leastTime : ordered ? leastText : null;
    String most = numeric ? mostNumber : times ? mostTime : ordered ? mostText : null;
    double mean = sum / values;
    return new Preview.Column(
        Texts.cut(name, Limits.NAME_CHARACTERS),
        seen.word(),
        null,
        numeric,
        rows - values,
        distinct.isMore() ? null : (long) distinct.size(),
        least == null ? null : Texts.cut(least, Limits.EXTREME_CHARACTERS),
        most == null ? null : Texts.cut(most, Limits.EXTREME_CHARACTERS),
        numeric && Double.isFinite(mean) ? mean : null,
        numeric ? histogram() : null,
        null);
  }

  private Preview.@Nullable Histogram histogram() {
    double from = Double.POSITIVE_INFINITY;
    double to = Double.NEGATIVE_INFINITY;
    for (int i = 0; i < numbersKept; i++) {
      from = Math.min(from, numbers[i]);
      to = Math.max(to, numbers[i]);
    }
    double width = (to - from) / Limits.BARS;
    if (!(width > 0) || !Double.isFinite(width)) {
      return null;
    }
    int[] counts = new int[Limits.BARS];
    for (int i = 0; i < numbersKept; i++) {
      counts[Math.min(Limits.BARS - 1, (int) ((numbers[i] - from) / width))]++;
    }
    List<Integer> told = new ArrayList<>(Limits.BARS);
    for (int count : counts) {
      told.add(count);
    }
    return new Preview.Histogram(from, to, told);
  }
}
