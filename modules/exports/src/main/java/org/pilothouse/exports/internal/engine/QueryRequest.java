package org.pilothouse.exports.internal.engine;

import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * One query, and what it may take.
 *
 * @param memoryMib of the engine, without its process
 * @param spillDirectory where it puts what does not fit
 * @param spillMib of that directory
 * @param directories that it may read and write; nothing else of the machine
 * @param views statements that run before the query, under the same lock
 * @param query one SELECT
 * @param values of its parameters: texts, longs, doubles or truth values
 * @param foreign whether a person wrote the query: it is parsed, and written anew from what was
 *     parsed
 * @param order columns of the query by which its rows are sorted
 * @param hidden columns of the query that are only there to sort by
 * @param mostRows one more is given at most, which tells that there were too many; 0: all
 * @param output what becomes of the rows
 */
public record QueryRequest(
    int memoryMib,
    int threads,
    String spillDirectory,
    int spillMib,
    List<String> directories,
    List<String> views,
    String query,
    List<Object> values,
    boolean foreign,
    List<String> order,
    List<String> hidden,
    long mostRows,
    Output output) {
  /** The longest text that is believed. */
  private static final int LONGEST = 16 << 20;

  public QueryRequest {
    directories = List.copyOf(directories);
    views = List.copyOf(views);
    values = List.copyOf(values);
    order = List.copyOf(order);
    hidden = List.copyOf(hidden);
  }

  /** The forms of files. */
  public enum Format {
    CSV,
    PARQUET,
    NDJSON,
    XLSX
  }

  /** How a file is packed; of Parquet, how its pages are. */
  public enum Compression {
    NONE,
    GZIP,
    ZSTD
  }

  /**
   * What becomes of the rows.
   *
   * @param file to write; null: the rows are told
   * @param splitBytes 0: one file; else the file is a directory of files of about this size
   */
  public record Output(
      @Nullable String file, Format format, Compression compression, long splitBytes) {
    public static Output told() {
      return new Output(null, Format.CSV, Compression.NONE, 0);
    }
  }

  public void write(DataOutputStream out) throws IOException {
    out.writeInt(memoryMib);
    out.writeInt(threads);
    text(out, spillDirectory);
    out.writeInt(spillMib);
    texts(out, directories);
    texts(out, views);
    text(out, query);
    out.writeInt(values.size());
    for (Object value : values) {
      value(out, value);
    }
    out.writeBoolean(foreign);
    texts(out, order);
    texts(out, hidden);
    out.writeLong(mostRows);
    String file = output.file();
    text(out, file == null ? "" : file);
    out.writeUTF(output.format().name());
    out.writeUTF(output.compression().name());
    out.writeLong(output.splitBytes());
    out.flush();
  }

  static QueryRequest read(DataInputStream in) throws IOException {
    int memory = in.readInt();
    int threads = in.readInt();
    String spill = text(in);
    int spillMib = in.readInt();
    List<String> directories = texts(in);
    List<String> views = texts(in);
    String query = text(in);
    int count = in.readInt();
    List<Object> values = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      Object value = value(in);
      if (value == null) {
        throw new IOException("a value is missing");
      }
      values.add(value);
    }
    boolean foreign = in.readBoolean();
    List<String> order = texts(in);
    List<String> hidden = texts(in);
    long mostRows = in.readLong();
    String file = text(in);
    return new QueryRequest(
        memory,
        threads,
        spill,
        spillMib,
        directories,
        views,
        query,
        values,
        foreign,
        order,
        hidden,
        mostRows,
        new Output(
            file.isEmpty() ? null : file,
            Format.valueOf(in.readUTF()),
            Compression.valueOf(in.readUTF()),
            in.readLong()));
  }

  static void value(DataOutputStream out, @Nullable Object value) throws IOException {
    switch (value) {
      case null -> out.writeByte('-');
      case Long number -> {
        out.writeByte('L');
        out.writeLong(number);
      }
      case Double number -> {
        out.writeByte('D');
        out.writeDouble(number);
      }
      case Boolean truth -> out.writeByte(truth ? 'T' : 'F');
      default -> {
        out.writeByte('S');
        text(out, value.toString());
      }
    }
  }

  static @Nullable Object value(DataInputStream in) throws IOException {
    int kind = in.readUnsignedByte();
    return switch (kind) {
      case '-' -> null;
      case 'L' -> in.readLong();
      case 'D' -> in.readDouble();
      case 'T' -> true;
      case 'F' -> false;
      case 'S' -> text(in);
      default -> throw new IOException("a value of the unknown kind " + kind);
    };
  }

  /** A text of any length, which {@code writeUTF} does not take. */
  static void text(DataOutputStream out, String text) throws IOException {
    byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
    out.writeInt(bytes.length);
    out.write(bytes);
  }

  static String text(DataInputStream in) throws IOException {
    int length = in.readInt();
    if (length < 0 || length > LONGEST) {
      throw new IOException("a text of " + length + " bytes");
    }
    byte[] bytes = new byte[length];
    in.readFully(bytes);
    return new String(bytes, StandardCharsets.UTF_8);
  }

  private static void texts(DataOutputStream out, List<String> texts) throws IOException {
    out.writeInt(texts.size());
    for (String text : texts) {
      text(out, text);
    }
  }

  private static List<String> texts(DataInputStream in) throws IOException {
    int count = in.readInt();
    List<String> texts = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      texts.add(text(in));
    }
    return texts;
  }
}
