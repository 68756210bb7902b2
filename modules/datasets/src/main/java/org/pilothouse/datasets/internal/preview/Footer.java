package org.pilothouse.datasets.internal.preview;

import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What the end of a Parquet file says of it. Row groups are read past: of each column one set of
 * statistics is kept, and of the first groups where their bytes are.
 */
final class Footer {
  private final SchemaTree schema = new SchemaTree();
  private final List<Extremes> statistics = new ArrayList<>();
  private final List<Group> groups = new ArrayList<>();
  private final Set<Codec> codecs = EnumSet.noneOf(Codec.class);
  private boolean schemaRead;
  private long rows = -1;
  private long rowsInGroups;
  private int groupCount;
  private @Nullable String createdBy;

  /** Where the first rows are. */
  record Group(long rows, List<Chunk> chunks) {}

  /**
   * The bytes of a column in a row group.
   *
   * @param codec null where it is none that is known
   * @param unreadable why its bytes cannot be read
   */
  record Chunk(
      int type,
      @Nullable Codec codec,
      long values,
      long from,
      long length,
      @Nullable String unreadable) {}

  static Footer read(byte[] bytes) throws NotPreviewable {
    Footer footer = new Footer();
    Compact in = new Compact(bytes);
    in.struct((id, type) -> footer.field(in, id, type));
    if (!footer.schemaRead) {
      throw NotPreviewable.malformed("It has no schema.");
    }
    if (footer.rows < 0 || footer.rows != footer.rowsInGroups) {
      throw NotPreviewable.malformed("Its row groups do not have as many rows as it says.");
    }
    return footer;
  }

  private boolean field(Compact in, int id, int type) throws NotPreviewable {
    switch (id) {
      case 2 -> {
        if (type != Compact.LIST || schemaRead) {
          throw Compact.broken();
        }
        schema.read(in);
        schemaRead = true;
        schema.leaves().forEach(leaf -> statistics.add(new Extremes(leaf)));
      }
      case 3 -> rows = in.i64(type);
      case 4 -> {
        if (type != Compact.LIST || !schemaRead) {
          throw Compact.broken();
        }
        in.list(Compact.STRUCT, () -> group(in));
      }
      case 6 -> createdBy = in.text(type, Limits.NAME_CHARACTERS);
      default -> {
        return false;
      }
    }
    return true;
  }

  private void group(Compact in) throws NotPreviewable {
    groupCount++;
    List<Chunk> chunks = new ArrayList<>();
    long[] groupRows = {-1};
    int[] columns = {0};
    boolean wanted = groups.size() < Limits.ROW_GROUPS_READ && rowsInGroups < Limits.MOST_ROWS;
    in.struct((id, type) -> {
      if (id == 1 && type == Compact.LIST) {
        in.list(
            Compact.STRUCT,
            () -> {
              int column = columns[0]++;
              Chunk chunk = chunk(in, column);
              if (wanted && column < schema.leaves().size()) {
                chunks.add(chunk);
              }
            });
        return true;
      }
      if (id == 3) {
        groupRows[0] = in.i64(type);
        return true;
      }
      return false;
    });
    if (columns[0] != schema.count()) {
      throw NotPreviewable.malformed("A row group has other columns than the schema.");
    }
    if (groupRows[0] < 0 || groupRows[0] > Long.MAX_VALUE - rowsInGroups) {
      throw NotPreviewable.malformed("A row group has an impossible number of rows.");
    }
    rowsInGroups += groupRows[0];
    if (wanted) {
      groups.add(new Group(groupRows[0], chunks));
    }
  }

  private static final class ReadChunk {
    private int type = -1;
    private int codec = -1;
    private long values = -1;
    private long length = -1;
    private long data = -1;
    private long dictionary = -1;
    private @Nullable String unreadable;
    private Extremes.@Nullable OfChunk statistics;
  }

  private Chunk chunk(Compact in, int column) throws NotPreviewable {
    ReadChunk read = new ReadChunk();
    in.struct((id, type) -> {
      switch (id) {
        case 1 -> {
          if (!in.text(type, 1).isEmpty()) {
            read.unreadable = "its values are in another file";
          }
        }
        case 3 -> {
          if (type != Compact.STRUCT) {
            throw Compact.broken();
          }
          in.struct((inner, innerType) -> metadata(in, read, inner, innerType));
        }
        case 8 -> {
          read.unreadable = "it is encrypted";
          return false;
        }
        default -> {
          return false;
        }
      }
      return true;
    });
    Codec codec = Codec.of(read.codec);
    if (codec != null) {
      codecs.add(codec);
    }
    if (column < statistics.size()) {
      statistics.get(column).add(read.statistics, read.values);
    }
    boolean dictionaryFirst = read.dictionary > 0 && read.dictionary < read.data;
    return new Chunk(
        read.type,
        codec,
        read.values,
        dictionaryFirst ? read.dictionary : read.data,
        read.length,
        read.unreadable);
  }

  private static boolean metadata(Compact in, ReadChunk read, int id, int type)
      throws NotPreviewable {
    switch (id) {
      case 1 -> read.type = in.i32(type);
      case 4 -> read.codec = in.i32(type);
      case 5 -> read.values = in.i64(type);
      case 7 -> read.length = in.i64(type);
      case 9 -> read.data = in.i64(type);
      case 11 -> read.dictionary = in.i64(type);
      case 12 -> {
        if (type != Compact.STRUCT) {
          throw Compact.broken();
        }
        read.statistics = Extremes.OfChunk.read(in);
      }
      default -> {
        return false;
      }
    }
    return true;
  }

  List<Leaf> leaves() {
    return schema.leaves();
  }

  int columns() {
    return schema.count();
  }

  long rows() {
    return rows;
  }

  int groupCount() {
    return groupCount;
  }

  List<Group> groups() {
    return groups;
  }

  Set<Codec> codecs() {
    return codecs;
  }

  @Nullable String createdBy() {
    return createdBy;
  }

  Extremes statistics(int column) {
    return statistics.get(column);
  }
}
