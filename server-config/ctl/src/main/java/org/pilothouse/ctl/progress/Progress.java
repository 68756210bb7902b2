package org.pilothouse.ctl.progress;

import java.io.PrintWriter;
import java.time.Duration;
import java.util.Locale;
import java.util.function.LongSupplier;

/** How far the work is: a bar on a terminal, a line every few seconds elsewhere, or nothing. */
public final class Progress {
  /** How it is shown. */
  public enum Style {
    BAR,
    LINES,
    QUIET
  }

  /** What is counted beside the bytes of the file. */
  public enum Counted {
    LINES {
      @Override
      String said(long done, double seconds) {
        return String.format(Locale.ROOT, "%,d lines, %,.0f/s", done, done / seconds);
      }
    },
    /** Of a range, in the place of bytes. */
    DAYS {
      @Override
      String said(long done, double seconds) {
        return String.format(Locale.ROOT, "%,d days", done);
      }
    },
    /** Of a job, whatever they are, in the place of bytes. */
    STEPS {
      @Override
      String said(long done, double seconds) {
        return String.format(Locale.ROOT, "%,d", done);
      }
    },
    /** The bytes themselves. */
    BYTES {
      @Override
      String said(long done, double seconds) {
        return size(done) + ", " + size((long) (done / seconds)) + "/s";
      }
    };

    abstract String said(long done, double seconds);
  }

  private static final int WIDTH = 30;
  private static final long BETWEEN_BARS = Duration.ofMillis(100).toNanos();
  private static final long BETWEEN_LINES = Duration.ofSeconds(5).toNanos();

  private final PrintWriter err;
  private final Style style;
  private final Counted counted;
  private final LongSupplier nanoTime;
  private String what = "";
  private long size;
  private long start;
  private long shown;
  private boolean open;

  public Progress(PrintWriter err, Style style, Counted counted, LongSupplier nanoTime) {
    this.err = err;
    this.style = style;
    this.counted = counted;
    this.nanoTime = nanoTime;
  }

  /**
   * @param size bytes of the file
   */
  public void begin(String what, long size) {
    end();
    this.what = what;
    this.size = size;
    start = nanoTime.getAsLong();
    shown = start - (style == Style.BAR ? BETWEEN_BARS : 0);
  }

  /**
   * @param bytes of the file that were read
   * @param done how many of what is counted
   */
  public void at(long bytes, long done) {
    long now = nanoTime.getAsLong();
    long between = style == Style.BAR ? BETWEEN_BARS : BETWEEN_LINES;
    if (style == Style.QUIET || now - shown < between) {
      return;
    }
    shown = now;
    show(bytes, done, now);
  }

  private void show(long bytes, long done, long now) {
    double share = size == 0 ? 1 : Math.min(1, (double) bytes / size);
    double seconds = Math.max(1e-3, (now - start) / 1e9);
    String left =
        share >= 1 || share <= 0 ? "" : ", " + clock(seconds * (1 - share) / share) + " left";
    String said =
        String.format(
            Locale.ROOT, "%3d %%  %s%s", (int) (share * 100), counted.said(done, seconds), left);
    if (style == Style.BAR) {
      int full = (int) (share * WIDTH);
      String bar = "#".repeat(full) + " ".repeat(WIDTH - full);
      // The line before may have been longer.
      err.printf("\r%s [%s] %s\u001B[K", what, bar, said);
      open = true;
    } else {
      err.println(what + ": " + said.strip());
    }
    err.flush();
  }

  /** Shows the last state whatever was shown before. */
  public void finish(long bytes, long done) {
    if (style == Style.BAR) {
      show(bytes, done, nanoTime.getAsLong());
    }
    end();
  }

  /** A sentence that only matters to somebody who watches. */
  public void hint(String sentence) {
    if (style != Style.QUIET) {
      note(sentence);
    }
  }

  /** A sentence of its own, whatever is being shown. */
  public void note(String sentence) {
    end();
    err.println(sentence);
    err.flush();
  }

  private void end() {
    if (open) {
      err.println();
      open = false;
    }
  }

  /** In binary units (IEC 80000-13). */
  public static String size(long bytes) {
    String[] units = {"B", "KiB", "MiB", "GiB", "TiB"};
    double size = bytes;
    int unit = 0;
    while (size >= 1024 && unit < units.length - 1) {
      size /= 1024;
      unit++;
    }
    return String.format(Locale.ROOT, unit == 0 ? "%.0f %s" : "%.1f %s", size, units[unit]);
  }

  private static String clock(double seconds) {
    long whole = (long) Math.ceil(Math.min(seconds, 359_999));
    return whole >= 3_600
        ? String.format(Locale.ROOT, "%d:%02d:%02d h", whole / 3_600, whole / 60 % 60, whole % 60)
        : String.format(Locale.ROOT, "%d:%02d min", whole / 60, whole % 60);
  }
}
