package org.pilothouse.datasets.internal.preview;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * A Parquet file: columns and their statistics out of its footer, and of each column only the pages
 * that hold the first rows.
 *
 * @see <a href="https://github.com/apache/parquet-format">the format</a>
 */
final class ParquetReading {
  private static final int TAIL = 8;
  private static final int MAGIC = 4;
  private static final int WIDE = 16;

  private final Reading reading;

  private ParquetReading(Reading reading) {
    this.reading = reading;
  }

  static Preview preview(Reading reading) throws NotPreviewable {
    return new ParquetReading(reading).read();
  }

  private Preview read() throws NotPreviewable {
    long size = reading.size();
    if (size < MAGIC + TAIL) {
      throw NotPreviewable.malformed("It is too short for a Parquet file.");
    }
    byte[] tail = reading.read(size - TAIL, TAIL);
    String magic = "" + (char) tail[4] + (char) tail[5] + (char) tail[6] + (char) tail[7];
    if (magic.equals("PARE")) {
      throw new NotPreviewable(NotPreviewable.Reason.ENCRYPTED, "Its footer is encrypted.");
    }
    if (!magic.equals("PAR1")) {
      throw NotPreviewable.malformed("It does not end as a Parquet file does: it may be cut off.");
    }
    long length =
        (tail[0] & 0xFFL)
            | (tail[1] & 0xFFL) << 8
            | (tail[2] & 0xFFL) << 16
            | (tail[3] & 0xFFL) << 24;
    if (length == 0 || length > size - TAIL - MAGIC) {
      throw NotPreviewable.malformed("Its footer cannot be as long as it says.");
    }
    if (length > Limits.FOOTER_BYTES) {
      throw NotPreviewable.beyond(
          "Its footer is larger than " + (Limits.FOOTER_BYTES >> 20) + " MiB.");
    }
    long footerAt = size - TAIL - length;
    Footer footer = Footer.read(reading.read(footerAt, (int) length));
    return preview(footer, footerAt);
  }

  private Preview preview(Footer footer, long dataEnds) throws NotPreviewable {
    List<Leaf> leaves = footer.leaves();
    long wanted = Math.min(footer.rows(), Limits.MOST_ROWS);
    List<List<Sheet.@Nullable Cell>> cells = new ArrayList<>();
    List<Preview.Column> columns = new ArrayList<>();
    long held = Math.min(wanted, footer.groups().stream().mapToLong(Footer.Group::rows).sum());
    prefetch(footer);
    for (int i = 0; i < leaves.size(); i++) {
      String unread = null;
      List<Sheet.@Nullable Cell> column = List.of();
      try {
        column = column(footer, i, held, dataEnds);
      } catch (NotPreviewable e) {
        if (e.reason() == NotPreviewable.Reason.TOOK_TOO_LONG) {
          throw e;
        }
        unread = e.detail();
      }
      cells.add(column);
      columns.add(footer.statistics(i).column(unread));
      if (!footer.statistics(i).isExact()) {
        reading.note("Smallest and largest texts are cut in the file: they are bounds.");
      }
    }
    Sheet sheet = new Sheet(columns);
    for (int row = 0; row < held; row++) {
      List<Sheet.@Nullable Cell> line = new ArrayList<>();
      for (List<Sheet.@Nullable Cell> column : cells) {
        line.add(row < column.size() ? column.get(row) : null);
      }
      if (!sheet.add(line)) {
        reading.note(Previewer.FULL);
        break;
      }
    }
    if (footer.columns() > leaves.size()) {
      reading.note(Previewer.moreColumns(leaves.size()));
    }
    long unread = columns.stream().filter(column -> column.unread() != null).count();
    if (unread > 0) {
      reading.note("The cells of " + unread + " columns could not be read; each says why.");
    }
    return new Preview(
        "parquet",
        new Preview.Layout(
            footer.codecs().stream().map(Codec::word).collect(Collectors.joining(", ")),
            null,
            null,
            null,
            null,
            footer.groupCount(),
            footer.createdBy()),
        columns,
        footer.columns(),
        sheet.rows(),
        sheet.cut(),
        held,
        footer.rows(),
        reading.bytesRead(),
        sheet.rows().size() < footer.rows(),
        "file",
        reading.notes());
  }

  /** Of a wide table whose columns are short: one answer of the store instead of hundreds. */
  private void prefetch(Footer footer) throws NotPreviewable {
    if (footer.leaves().size() < WIDE || footer.groups().isEmpty()) {
      return;
    }
    long from = reading.size();
    long end = 0;
    for (Footer.Chunk chunk : footer.groups().getFirst().chunks()) {
      if (chunk.from() < 0 || chunk.length() < 0 || chunk.length() > reading.size()) {
        return;
      }
      from = Math.min(from, chunk.from());
      end = Math.max(end, chunk.from() + chunk.length());
    }
    reading.prefetch(from, end);
  }

  private List<Sheet.@Nullable Cell> column(Footer footer, int column, long rows, long dataEnds)
      throws NotPreviewable {
    List<Sheet.@Nullable Cell> cells = new ArrayList<>();
    for (Footer.Group group : footer.groups()) {
      long left = rows - cells.size();
      if (left == 0) {
        break;
      }
      ChunkReading chunk =
          new ChunkReading(
              reading, footer.leaves().get(column), group.chunks().get(column), dataEnds);
      cells.addAll(chunk.rows(Math.min(left, group.rows())));
    }
    return cells;
  }
}
