package org.pilothouse.ctl.telemetry;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.Reader;
import java.io.StringReader;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class RowReaderTest {
  @Test
  void shouldReadQuotesAndCountTheLinesInThem() throws IOException {
    List<Row> rows = rows("a,\"b \"\"c\"\", d\"\r\n\"two\r\nlines\",x\n\nlast,\"\"", ',');

    assertThat(rows).extracting(Row::line).containsExactly(1L, 2L, 5L);
    assertThat(rows)
        .extracting(Row::cells)
        .containsExactly(
            List.of("a", "b \"c\", d"), List.of("two\r\nlines", "x"), List.of("last", ""));
  }

  @Test
  void shouldTakeAnyEndOfLineAndPassOverAByteOrderMark() throws IOException {
    assertThat(rows("\uFEFFa;b\rc;d\r\ne;f\n", ';'))
        .extracting(Row::cells)
        .containsExactly(List.of("a", "b"), List.of("c", "d"), List.of("e", "f"));
  }

  @Test
  void shouldTakeAnyNumberOfBlanksForOneDelimiter() throws IOException {
    assertThat(rows(" 1 2\t -0.0007  \r\n\r\n3 4 \"5\n", ' '))
        .extracting(Row::cells)
        .containsExactly(List.of("1", "2", "-0.0007"), List.of("3", "4", "\"5"));
  }

  @Test
  void shouldRefuseALineOfTenMegabytesAndGoOnAfterIt() throws IOException {
    RowReader reader = new RowReader(new TenMegabytes("a,b\n1,", "\n3,4\n"), ',');

    assertThat(reader.next()).isEqualTo(new Row(1, List.of("a", "b"), null));
    Row refused = reader.next();
    assertThat(refused.line()).isEqualTo(2);
    assertThat(refused.fault().code()).isEqualTo("too_large");
    assertThat(reader.next()).isEqualTo(new Row(3, List.of("3", "4"), null));
    assertThat(reader.next()).isNull();
  }

  @Test
  void shouldRefuseALineOfTelemetryThatIsTooLong() throws IOException {
    LineReader reader = new LineReader(new TenMegabytes("{}\n\n{", "}\r\n {1} "), 64 * 1024);

    assertThat(reader.next().cells()).containsExactly("{}");
    Row refused = reader.next();
    assertThat(refused.line()).isEqualTo(3);
    assertThat(refused.fault().code()).isEqualTo("too_large");
    assertThat(reader.next()).isEqualTo(new Row(4, List.of("{1}"), null));
    assertThat(reader.next()).isNull();
  }

  @Test
  void shouldSayWhichLinesAQuoteSwallowed() throws IOException {
    List<Row> rows = rows("a,b\n1,\"open\n2,3\n", ',');

    assertThat(rows).hasSize(2);
    assertThat(rows.get(1).line()).isEqualTo(2);
    assertThat(rows.get(1).fault().detail())
        .isEqualTo("a quoted cell does not end; lines 2 to 4 were passed over");
  }

  @Test
  void shouldRefuseMoreColumnsThanARowMayHave() throws IOException {
    List<Row> rows = rows(",".repeat(RowReader.MOST_COLUMNS) + "\n1\n", ',');

    assertThat(rows.get(0).fault().code()).isEqualTo("too_large");
    assertThat(rows.get(1).cells()).containsExactly("1");
  }

  private static List<Row> rows(String text, char delimiter) throws IOException {
    RowReader reader = new RowReader(new StringReader(text), delimiter);
    List<Row> rows = new ArrayList<>();
    for (Row row = reader.next(); row != null; row = reader.next()) {
      rows.add(row);
    }
    return rows;
  }

  /** Ten million characters of one line that nobody holds. */
  private static final class TenMegabytes extends Reader {
    private final String before;
    private final String after;
    private int at;

    TenMegabytes(String before, String after) {
      this.before = before;
      this.after = after;
    }

    @Override
    public int read(char[] into, int offset, int length) {
      int end = before.length() + 10_000_000;
      int count = 0;
      while (count < length && at < end + after.length()) {
        into[offset + count++] =
            at < before.length() ? before.charAt(at) : at < end ? 'x' : after.charAt(at - end);
        at++;
      }
      return count == 0 ? -1 : count;
    }

    @Override
    public void close() {}
  }
}
