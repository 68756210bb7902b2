package org.pilothouse.datasets.internal.preview;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Deque;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The schema of a Parquet file: a tree, written as its elements in the order in which a walk meets
 * them. Only its leaves are columns.
 *
 * @see <a href="https://github.com/apache/parquet-format/blob/master/LogicalTypes.md">the logical
 *     types</a>
 */
final class SchemaTree {
  private final List<Leaf> leaves = new ArrayList<>();
  private final Deque<Group> open = new ArrayDeque<>();
  private int count;
  private int elements;

  private static final class Group {
    private final String path;
    private final int repetition;
    private final int definition;
    private final int[] repeatedAt;
    private final Around around;
    private int left;

    Group(
        String path,
        int repetition,
        int definition,
        int[] repeatedAt,
        Around around,
        int children) {
      this.path = path;
      this.repetition = repetition;
      this.definition = definition;
      this.repeatedAt = repeatedAt;
      this.around = around;
      this.left = children;
    }
  }

  /** A list and a map have groups inside whose names nobody gave. */
  private enum Around {
    NOTHING,
    LIST,
    LIST_ELEMENT,
    MAP
  }

  /** An element as it stands in the file. */
  private static final class Element {
    private int type = -1;
    private int length;
    private int repetition;
    private String name = "";
    private int children;
    private int converted = -1;
    private int scale;
    private int precision;
    private Leaf.@Nullable Logical logical;
  }

  /** The first columns, as many as are told. */
  List<Leaf> leaves() {
    return leaves;
  }

  /** How many there are. */
  int count() {
    return count;
  }

  void read(Compact in) throws NotPreviewable {
    in.list(Compact.STRUCT, () -> add(element(in)));
    if (elements == 0 || !open.isEmpty()) {
      throw NotPreviewable.malformed("Its schema ends in the middle.");
    }
  }

  private void add(Element element) throws NotPreviewable {
    if (++elements > Limits.SCHEMA_ELEMENTS) {
      throw NotPreviewable.beyond(
          "Its schema has more than " + Limits.SCHEMA_ELEMENTS + " elements.");
    }
    if (elements == 1) {
      open.push(new Group("", 0, 0, new int[0], Around.NOTHING, element.children));
    } else {
      if (open.isEmpty()) {
        throw NotPreviewable.malformed("Its schema goes on after its end.");
      }
      below(open.peek(), element);
    }
    while (!open.isEmpty() && open.peek().left == 0) {
      open.pop();
    }
  }

  private void below(Group above, Element element) throws NotPreviewable {
    above.left--;
    boolean repeated = element.repetition == 2;
    boolean unnamed =
        (above.around == Around.LIST && repeated)
            || (above.around == Around.LIST_ELEMENT)
            || (above.around == Around.MAP && repeated);
    String path =
        unnamed
            ? above.path
            : above.path.isEmpty() ? element.name : above.path + "." + element.name;
    int repetition = above.repetition + (repeated ? 1 : 0);
    int definition = above.definition + (element.repetition == 0 ? 0 : 1);
    int[] repeatedAt = above.repeatedAt;
    if (repeated) {
      repeatedAt = Arrays.copyOf(repeatedAt, repeatedAt.length + 1);
      repeatedAt[repeatedAt.length - 1] = definition;
    }
    if (element.type >= 0 && element.children == 0) {
      leaf(element, path, repetition, definition, repeatedAt);
      return;
    }
    if (element.children < 0) {
      throw NotPreviewable.malformed("A group in its schema has a negative number of columns.");
    }
    if (open.size() >= Limits.SCHEMA_DEPTH) {
      throw NotPreviewable.beyond("Its schema is deeper than " + Limits.SCHEMA_DEPTH + " levels.");
    }
    open.push(
        new Group(
            Texts.cut(path, Limits.CELL_CHARACTERS),
            repetition,
            definition,
            repeatedAt,
            around(above, element, repeated),
            element.children));
  }

  private static Around around(Group above, Element element, boolean repeated) {
    Leaf.Meaning meaning = logical(element).meaning();
    if (meaning == Leaf.Meaning.LIST) {
      return Around.LIST;
    }
    if (meaning == Leaf.Meaning.MAP && !repeated) {
      return Around.MAP;
    }
    return above.around == Around.LIST && repeated && element.children == 1
        ? Around.LIST_ELEMENT
        : Around.NOTHING;
  }

  private void leaf(Element element, String path, int repetition, int definition, int[] repeatedAt)
      throws NotPreviewable {
    Leaf.Physical physical = Leaf.Physical.of(element.type);
    if (physical == Leaf.Physical.FIXED_LEN_BYTE_ARRAY
        && (element.length <= 0 || element.length > Limits.UNPACKED_PAGE)) {
      throw NotPreviewable.malformed("A column of fixed length has no length.");
    }
    if (leaves.size() < Limits.MOST_COLUMNS) {
      leaves.add(
          new Leaf(
              path.isEmpty() ? "column_" + (count + 1) : path,
              count,
              physical,
              element.length,
              logical(element),
              repetition,
              definition,
              repeatedAt));
    }
    count++;
  }

  private static Element element(Compact in) throws NotPreviewable {
    Element element = new Element();
    in.struct((id, type) -> {
      switch (id) {
        case 1 -> element.type = in.i32(type);
        case 2 -> element.length = in.i32(type);
        case 3 -> element.repetition = in.i32(type);
        case 4 -> element.name = in.text(type, Limits.CELL_CHARACTERS);
        case 5 -> element.children = in.i32(type);
        case 6 -> element.converted = in.i32(type);
        case 7 -> element.scale = in.i32(type);
        case 8 -> element.precision = in.i32(type);
        case 10 -> {
          if (type != Compact.STRUCT) {
            throw Compact.broken();
          }
          element.logical = logical(in);
        }
        default -> {
          return false;
        }
      }
      return true;
    });
    if (element.repetition < 0 || element.repetition > 2) {
      throw NotPreviewable.malformed("A column is neither required, optional nor repeated.");
    }
    return element;
  }

  private static Leaf.Logical logical(Compact in) throws NotPreviewable {
    Leaf.Logical[] read = {Leaf.Logical.NONE};
    in.struct((id, type) -> {
      if (type != Compact.STRUCT) {
        throw Compact.broken();
      }
      read[0] =
          switch (id) {
            case 5 -> decimal(in);
            case 7 -> time(in, Leaf.Meaning.TIME);
            case 8 -> time(in, Leaf.Meaning.TIMESTAMP);
            case 10 -> integer(in);
            default -> {
              in.skip(type);
              yield Leaf.Logical.of(
                  switch (id) {
                    case 1 -> Leaf.Meaning.STRING;
                    case 2 -> Leaf.Meaning.MAP;
                    case 3 -> Leaf.Meaning.LIST;
                    case 4 -> Leaf.Meaning.ENUM;
                    case 6 -> Leaf.Meaning.DATE;
                    case 11 -> Leaf.Meaning.UNKNOWN;
                    case 12 -> Leaf.Meaning.JSON;
                    case 13 -> Leaf.Meaning.BSON;
                    case 14 -> Leaf.Meaning.UUID;
                    case 15 -> Leaf.Meaning.FLOAT16;
                    case 16 -> Leaf.Meaning.VARIANT;
                    case 17 -> Leaf.Meaning.GEOMETRY;
                    case 18 -> Leaf.Meaning.GEOGRAPHY;
                    default -> Leaf.Meaning.NONE;
                  });
            }
          };
      return true;
    });
    return read[0];
  }

  private static Leaf.Logical decimal(Compact in) throws NotPreviewable {
    int[] read = new int[2];
    in.struct((id, type) -> {
      if (id != 1 && id != 2) {
        return false;
      }
      read[id - 1] = in.i32(type);
      return true;
    });
    return checkedDecimal(read[0], read[1]);
  }

  /** A scale of millions would write a number with as many zeros. */
  private static Leaf.Logical checkedDecimal(int scale, int precision) throws NotPreviewable {
    if (scale < 0 || scale > 1_000 || precision < 0 || precision > 1_000) {
      throw NotPreviewable.malformed("A decimal column has an impossible scale.");
    }
    return Leaf.Logical.decimal(scale, precision);
  }

  private static Leaf.Logical time(Compact in, Leaf.Meaning meaning) throws NotPreviewable {
    boolean[] utc = {false};
    Leaf.Unit[] unit = {Leaf.Unit.MILLIS};
    in.struct((id, type) -> {
      if (id == 1) {
        utc[0] = Compact.bool(type);
        return true;
      }
      if (id == 2 && type == Compact.STRUCT) {
        in.struct((which, inner) -> {
          unit[0] =
              switch (which) {
                case 2 -> Leaf.Unit.MICROS;
                case 3 -> Leaf.Unit.NANOS;
                default -> Leaf.Unit.MILLIS;
              };
          return false;
        });
        return true;
      }
      return false;
    });
    return Leaf.Logical.time(meaning, unit[0], utc[0]);
  }

  private static Leaf.Logical integer(Compact in) throws NotPreviewable {
    int[] bits = {32};
    boolean[] signed = {true};
    in.struct((id, type) -> {
      if (id == 1) {
        bits[0] = in.i8(type);
        return true;
      }
      if (id == 2) {
        signed[0] = Compact.bool(type);
        return true;
      }
      return false;
    });
    return Leaf.Logical.integer(bits[0], signed[0]);
  }

  /** Older writers only give the converted type. */
  private static Leaf.Logical logical(Element element) {
    Leaf.Logical logical = element.logical;
    if (logical != null && logical.meaning() != Leaf.Meaning.NONE) {
      return logical;
    }
    return switch (element.converted) {
      case 0 -> Leaf.Logical.of(Leaf.Meaning.STRING);
      case 1, 2 -> Leaf.Logical.of(Leaf.Meaning.MAP);
      case 3 -> Leaf.Logical.of(Leaf.Meaning.LIST);
      case 4 -> Leaf.Logical.of(Leaf.Meaning.ENUM);
      case 5 ->
          Leaf.Logical.decimal(
              Math.clamp(element.scale, 0, 1_000), Math.clamp(element.precision, 0, 1_000));
      case 6 -> Leaf.Logical.of(Leaf.Meaning.DATE);
      case 7 -> Leaf.Logical.time(Leaf.Meaning.TIME, Leaf.Unit.MILLIS, true);
      case 8 -> Leaf.Logical.time(Leaf.Meaning.TIME, Leaf.Unit.MICROS, true);
      case 9 -> Leaf.Logical.time(Leaf.Meaning.TIMESTAMP, Leaf.Unit.MILLIS, true);
      case 10 -> Leaf.Logical.time(Leaf.Meaning.TIMESTAMP, Leaf.Unit.MICROS, true);
      case 11, 12, 13, 14 -> Leaf.Logical.integer(8 << (element.converted - 11), false);
      case 15, 16, 17, 18 -> Leaf.Logical.integer(8 << (element.converted - 15), true);
      case 19 -> Leaf.Logical.of(Leaf.Meaning.JSON);
      case 20 -> Leaf.Logical.of(Leaf.Meaning.BSON);
      case 21 -> Leaf.Logical.of(Leaf.Meaning.INTERVAL);
      default -> Leaf.Logical.NONE;
    };
  }
}
