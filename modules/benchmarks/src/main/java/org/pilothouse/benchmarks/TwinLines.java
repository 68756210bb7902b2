package org.pilothouse.benchmarks;

import java.time.Instant;
import java.time.temporal.ChronoUnit;

/**
 * Lines that make folding hard: late ones, several of one time, times finer than a microsecond,
 * many properties, and values that a model refuses.
 */
final class TwinLines implements Load.Lines {
  static final int MACHINES = 150;
  static final int PUMPS = 40;
  static final int WIDE = 10;
  private static final int TWINS = MACHINES + PUMPS + WIDE;
  private static final int WIDE_PROPERTIES = 200;
  private static final int AT_ONCE = 100;
  private static final long LATE_SECONDS = 90;
  private static final long VERY_LATE_SECONDS = 7_200;
  private static final int NANOS_OF_A_MILLI = 1_000_000;

  static String twin(long number) {
    int index = (int) (number % TWINS);
    if (index < MACHINES) {
      return "machine-" + index;
    }
    return index < MACHINES + PUMPS
        ? "pump-" + (index - MACHINES)
        : "wide-" + (index - MACHINES - PUMPS);
  }

  @Override
  public String line(String run, long number) {
    long chance = mixed(number);
    String twin = twin(number);
    StringBuilder line =
        new StringBuilder(200)
            .append("{\"id\":\"")
            .append(run)
            .append('-')
            .append(number)
            .append("\",\"twin\":\"")
            .append(twin)
            .append("\",\"time\":\"")
            .append(time(Instant.now(), chance))
            .append("\",\"values\":{");
    if (SampleModel.isModelOf(twin)) {
      pump(line, number, chance);
    } else if (twin.startsWith("wide-")) {
      wide(line, number, chance);
    } else {
      machine(line, number, chance);
    }
    return line.append("}}").toString();
  }

  private static Instant time(Instant now, long chance) {
    return switch ((int) (chance & 15)) {
      case 0 -> now.minusSeconds(LATE_SECONDS);
      case 1 -> now.minusSeconds(VERY_LATE_SECONDS).truncatedTo(ChronoUnit.SECONDS);
      case 2, 3, 4 -> now.truncatedTo(ChronoUnit.SECONDS);
      case 5 ->
          now.truncatedTo(ChronoUnit.SECONDS).plusNanos((chance >>> 8 & 0xff) % NANOS_OF_A_MILLI);
      default -> now.truncatedTo(ChronoUnit.MILLIS);
    };
  }

  private static void machine(StringBuilder line, long number, long chance) {
    if ((chance >>> 16 & 3) > 0) {
      long degrees = 20 + number % 60;
      line.append("\"temperature\":")
          .append(
              switch ((int) (chance >>> 18 & 3)) {
                case 0 -> degrees + ".50";
                case 1 -> degrees + "e0";
                default -> Long.toString(degrees);
              })
          .append(',');
    }
    if ((chance >>> 20 & 1) > 0) {
      line.append("\"running\":").append((chance >>> 21 & 1) > 0).append(',');
    }
    if ((chance >>> 22 & 3) == 0) {
      line.append("\"note\":\"größer als \\\"").append(number).append("\\\"\",");
    }
    line.append("\"count\":").append(number);
  }

  private static void pump(StringBuilder line, long number, long chance) {
    boolean refused = (chance >>> 16) % 40 == 0;
    int which = (int) (chance >>> 24 & 3);
    String temperature =
        !refused || which > 1 ? Long.toString(number % 120) : which == 0 ? "500" : "\"hot\"";
    String speed = refused && which >= 2 ? "12.5" : Long.toString(number % 6_000);
    String state = refused && which == 3 ? "broken" : number % 2 == 0 ? "on" : "off";
    line.append("\"temperature\":")
        .append(temperature)
        .append(",\"flow\":")
        .append(number % 1_000)
        .append(",\"speed\":")
        .append(speed)
        .append(",\"state\":\"")
        .append(state)
        .append('"');
  }

  private static void wide(StringBuilder line, long number, long chance) {
    line.append("\"count\":").append(number);
    if ((chance >>> 16) % 20 == 0) {
      int first = (int) ((chance >>> 32 & 0x7fff) % (WIDE_PROPERTIES - AT_ONCE));
      for (int i = first; i < first + AT_ONCE; i++) {
        line.append(",\"p").append(i).append("\":").append((number + i) % 1_000 * 0.5);
      }
    }
  }

  /** SplitMix64: neighbours have nothing in common. */
  private static long mixed(long number) {
    long mixed = number * 0x9E3779B97F4A7C15L + 0x1234567L;
    mixed = (mixed ^ mixed >>> 30) * 0xBF58476D1CE4E5B9L;
    mixed = (mixed ^ mixed >>> 27) * 0x94D049BB133111EBL;
    return (mixed ^ mixed >>> 31) & Long.MAX_VALUE;
  }
}
