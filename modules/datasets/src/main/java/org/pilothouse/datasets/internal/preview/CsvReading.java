package org.pilothouse.datasets.internal.preview;

import de.siegmar.fastcsv.reader.AbstractBaseCsvCallbackHandler;
import de.siegmar.fastcsv.reader.CsvParseException;
import de.siegmar.fastcsv.reader.CsvReader;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.Charset;
import java.nio.charset.CharsetDecoder;
import java.nio.charset.CoderResult;
import java.nio.charset.CodingErrorAction;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.Iterator;
import java.util.List;
import java.util.Set;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** CSV as RFC 4180 has it and as it is met: other delimiters, other encodings, no header. */
final class CsvReading {
  private static final String DELIMITERS = ",;\t|";
  private static final int LOOKED_AT = 64 * 1024;
  private static final int LINES_LOOKED_AT = 20;
  private static final int ROWS_LOOKED_AT = 50;
  private static final int ROWS_BETWEEN_LOOKS = 1_000;
  private static final Pattern SINGLE_QUOTED =
      Pattern.compile("(^|[,;\\t|\\n])'[^'\\n]*'([,;\\t|\\r\\n]|$)");

  private final Reading reading;
  private final Sample sample;

  private CsvReading(Reading reading, Sample sample) {
    this.reading = reading;
    this.sample = sample;
  }

  static Preview preview(Reading reading, Sample sample) throws NotPreviewable {
    return new CsvReading(reading, sample).read();
  }

  private Preview read() throws NotPreviewable {
    Decoded text = decode();
    if (text.chars().isBlank()) {
      throw new NotPreviewable(NotPreviewable.Reason.EMPTY, "It holds no rows.");
    }
    char delimiter = delimiter(text.chars());
    char quote = quote(text.chars());
    Iterator<Line> lines =
        CsvReader.builder()
            .fieldSeparator(delimiter)
            .quoteCharacter(quote)
            .allowExtraFields(true)
            .allowMissingFields(true)
            .allowExtraCharsAfterClosingQuote(true)
            .maxBufferSize(text.chars().length() + 1_024)
            .build(new Lines(), text.chars())
            .iterator();
    List<Line> head = new ArrayList<>();
    Line pending = next(lines);
    while (pending != null && head.size() < ROWS_LOOKED_AT) {
      Line following = next(lines);
      if (following != null || sample.whole()) {
        head.add(pending);
      }
      lastOf(pending, following, text.chars(), quote);
      pending = following;
    }
    if (head.isEmpty()) {
      throw NotPreviewable.beyond(
          "Its first row is longer than " + (Limits.SAMPLE_BYTES >> 20) + " MiB.");
    }
    boolean header = isHeader(head);
    Line names = head.getFirst();
    Table table = new Table(false);
    for (int i = 0; i < Math.min(names.count(), Limits.MOST_COLUMNS); i++) {
      String name = header ? names.fields().get(i) : "";
      var unused = table.column(name.isBlank() ? "column_" + (i + 1) : name);
    }
    Ragged ragged = new Ragged(names.count());
    for (Line line : head.subList(header ? 1 : 0, head.size())) {
      add(table, line, ragged);
    }
    while (pending != null) {
      Line following = next(lines);
      if (following != null || sample.whole()) {
        add(table, pending, ragged);
      }
      lastOf(pending, following, text.chars(), quote);
      pending = following;
    }
    ragged.tell(reading);
    return table.preview(
        reading,
        "csv",
        new Preview.Layout(
            sample.compression(),
            text.encoding(),
            String.valueOf(delimiter),
            String.valueOf(quote),
            header,
            null,
            null),
        names.count(),
        sample.whole());
  }

  private static @Nullable Line next(Iterator<Line> lines) throws NotPreviewable {
    try {
      return lines.hasNext() ? lines.next() : null;
    } catch (CsvParseException | UncheckedIOException e) {
      throw NotPreviewable.malformed("It cannot be read as CSV.");
    }
  }

  /** A quote that is opened and never closed swallows all that follows it. */
  private void lastOf(Line line, @Nullable Line following, String text, char quote) {
    if (following == null && sample.whole() && line.endsQuoted()) {
      String end = text.stripTrailing();
      if (end.isEmpty() || end.charAt(end.length() - 1) != quote) {
        reading.note(
            "The quote that is opened in line " + line.number() + " or after it is never closed.");
      }
    }
  }

  private void add(Table table, Line line, Ragged ragged) throws NotPreviewable {
    if (table.rows() % ROWS_BETWEEN_LOOKS == 0) {
      reading.goOn();
    }
    ragged.count(line.count());
    table.begin();
    int count = Math.min(table.columns(), line.fields().size());
    for (int i = 0; i < count; i++) {
      String field = line.fields().get(i);
      if (!field.isEmpty()) {
        table.add(i, field, ValueKind.of(field));
      }
    }
  }

  private static final class Ragged {
    private final int expected;
    private long shorter;
    private long longer;

    Ragged(int expected) {
      this.expected = expected;
    }

    void count(int fields) {
      shorter += fields < expected ? 1 : 0;
      longer += fields > expected ? 1 : 0;
    }

    void tell(Reading reading) {
      if (shorter > 0) {
        reading.note("Rows with fewer fields than the first row: " + shorter + ".");
      }
      if (longer > 0) {
        reading.note(
            "Rows with more fields than the first row, whose surplus is not shown: "
                + longer
                + ".");
      }
    }
  }

  /**
   * A row.
   *
   * @param fields at most as many as are told
   * @param count how many there are
   */
  private record Line(long number, List<String> fields, int count, boolean endsQuoted) {}

  /** Keeps no more fields than are told. */
  private static final class Lines extends AbstractBaseCsvCallbackHandler<Line> {
    private List<String> fields = new ArrayList<>();
    private boolean quoted;
    private boolean empty;

    @Override
    protected void handleBegin(long line) {
      fields = new ArrayList<>();
      quoted = false;
      empty = false;
    }

    @Override
    protected void handleField(
        int index, char[] buffer, int offset, int length, boolean fieldQuoted) {
      if (index < Limits.MOST_COLUMNS) {
        fields.add(new String(buffer, offset, length));
      }
      quoted = fieldQuoted;
    }

    @Override
    protected void handleEmpty() {
      empty = true;
    }

    @Override
    protected Line buildRecord() {
      return new Line(getStartingLineNumber(), fields, empty ? 0 : getFieldCount(), quoted);
    }
  }

  private record Decoded(String chars, String encoding) {}

  private Decoded decode() throws NotPreviewable {
    Decoded decoded;
    if (sample.begins(0xFF, 0xFE, 0, 0) || sample.begins(0, 0, 0xFE, 0xFF)) {
      throw NotPreviewable.unsupported("Its encoding is UTF-32.");
    } else if (sample.begins(0xEF, 0xBB, 0xBF)) {
      decoded = new Decoded(lenient(StandardCharsets.UTF_8, 3), "UTF-8");
    } else if (sample.begins(0xFF, 0xFE)) {
      decoded = new Decoded(lenient(StandardCharsets.UTF_16LE, 2), "UTF-16LE");
    } else if (sample.begins(0xFE, 0xFF)) {
      decoded = new Decoded(lenient(StandardCharsets.UTF_16BE, 2), "UTF-16BE");
    } else {
      String utf8 = strict();
      if (utf8 == null) {
        reading.note("It is no valid UTF-8, so it was read as ISO-8859-1 (Latin-1).");
        decoded =
            new Decoded(new String(sample.bytes(), StandardCharsets.ISO_8859_1), "ISO-8859-1");
      } else {
        decoded = new Decoded(utf8, "UTF-8");
      }
    }
    refuseBinary(decoded.chars());
    return decoded;
  }

  private String lenient(Charset charset, int from) {
    return new String(sample.bytes(), from, sample.bytes().length - from, charset);
  }

  private @Nullable String strict() {
    CharsetDecoder decoder =
        StandardCharsets.UTF_8
            .newDecoder()
            .onMalformedInput(CodingErrorAction.REPORT)
            .onUnmappableCharacter(CodingErrorAction.REPORT);
    CharBuffer chars = CharBuffer.allocate(sample.bytes().length);
    // Where the sample ends in the middle of a character, that one is left out.
    CoderResult result = decoder.decode(ByteBuffer.wrap(sample.bytes()), chars, sample.whole());
    return result.isError() ? null : chars.flip().toString();
  }

  /** Texts have no NUL and hardly a control character. */
  private static void refuseBinary(String text) throws NotPreviewable {
    int looked = Math.min(text.length(), LOOKED_AT);
    int controls = 0;
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      if (c == 0) {
        throw NotPreviewable.unsupported("It holds NUL characters: it is binary, no text.");
      }
      if (i < looked && c < 0x20 && c != '\t' && c != '\n' && c != '\r' && c != '\f') {
        controls++;
      }
    }
    if (controls > 8 && controls > looked / 100) {
      throw NotPreviewable.unsupported("It holds control characters: it is binary, no text.");
    }
  }

  /** The one that cuts the first lines into equally many fields, more than one. */
  private static char delimiter(String text) {
    int[] agreeing = new int[DELIMITERS.length()];
    int[] firstCount = new int[DELIMITERS.length()];
    int[] count = new int[DELIMITERS.length()];
    boolean quoted = false;
    int lines = 0;
    int end = Math.min(text.length(), LOOKED_AT);
    for (int i = 0; i < end && lines < LINES_LOOKED_AT; i++) {
      char c = text.charAt(i);
      boolean ends = i == end - 1;
      int candidate = DELIMITERS.indexOf(c);
      if (c == '"') {
        quoted = !quoted;
      } else if (candidate >= 0 && !quoted) {
        count[candidate]++;
      }
      if ((c == '\n' && !quoted) || ends) {
        for (int d = 0; d < count.length; d++) {
          if (lines == 0) {
            firstCount[d] = count[d];
          }
          agreeing[d] += count[d] > 0 && count[d] == firstCount[d] ? 1 : 0;
          count[d] = 0;
        }
        lines++;
      }
    }
    int best = 0;
    for (int d = 1; d < agreeing.length; d++) {
      if (agreeing[d] > agreeing[best]
          || (agreeing[d] == agreeing[best] && firstCount[d] > firstCount[best])) {
        best = d;
      }
    }
    return DELIMITERS.charAt(best);
  }

  private static char quote(String text) {
    String beginning = text.substring(0, Math.min(text.length(), LOOKED_AT));
    return beginning.indexOf('"') < 0 && SINGLE_QUOTED.matcher(beginning).find() ? '\'' : '"';
  }

  /** Names are texts, each another one, and none looks like a value. */
  private static boolean isHeader(List<Line> head) {
    Set<String> seen = new HashSet<>();
    for (String name : head.getFirst().fields()) {
      boolean isName = !name.isBlank() && ValueKind.of(name.strip()) == ValueKind.STRING;
      if (!isName || !seen.add(name)) {
        return false;
      }
    }
    return true;
  }
}
