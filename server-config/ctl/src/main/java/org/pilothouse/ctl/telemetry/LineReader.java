package org.pilothouse.ctl.telemetry;

import java.io.IOException;
import java.io.Reader;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Reads lines that are not blank, each as the only cell of a row; none longer than a bound. */
final class LineReader {
  private final Reader in;
  private final int most;
  private final char[] buffer = new char[1 << 15];
  private int at;
  private int end;
  private long line;

  LineReader(Reader in, int most) {
    this.in = in;
    this.most = most;
  }

  @Nullable Row next() throws IOException {
    while (filled()) {
      line++;
      StringBuilder text = new StringBuilder();
      long length = 0;
      while (filled() && buffer[at] != '\n') {
        if (++length <= most) {
          text.append(buffer[at]);
        }
        at++;
      }
      if (filled()) {
        at++;
      }
      if (length > most) {
        return new Row(
            line,
            List.of(),
            new Refusal("too_large", "the line has more than " + most + " characters"));
      }
      String stripped =
          (line == 1 ? text.toString().replace("\uFEFF", "") : text.toString()).strip();
      if (!stripped.isEmpty()) {
        return new Row(line, List.of(stripped), null);
      }
    }
    return null;
  }

  private boolean filled() throws IOException {
    if (at < end) {
      return true;
    }
    at = 0;
    end = Math.max(0, in.read(buffer));
    return end > 0;
  }
}
