package org.pilothouse.datasets.internal.preview;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import com.github.luben.zstd.ZstdOutputStream;
import com.sun.management.ThreadMXBean;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.lang.management.ManagementFactory;
import java.util.Arrays;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.Stream;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.pilothouse.datasets.internal.preview.NotPreviewable.Reason;

/** Files that were made to do harm: each has its reason, and none costs more than it may. */
class HostileFilesTest {
  /** Of all that a preview allocates, most of it given up at once. */
  private static final long MOST_ALLOCATED = 160L << 20;

  /** A file and what comes of it. */
  record Hostile(String what, byte[] bytes, Reason reason) {
    @Override
    public String toString() {
      return what;
    }
  }

  static Stream<Hostile> parquet() {
    byte[] schema = new Thrift().list(2, Compact.STRUCT, 2).group("root", 1).column("n").bytes();
    return Stream.of(
        new Hostile("only the magic", "PAR1".getBytes(UTF_8), Reason.MALFORMED),
        new Hostile("twice the magic", "PAR1PAR1".getBytes(UTF_8), Reason.MALFORMED),
        new Hostile("cut off", "PAR1 and then nothing of it".getBytes(UTF_8), Reason.MALFORMED),
        new Hostile(
            "an encrypted footer",
            Thrift.file(new byte[0], new byte[40], 40, "PARE"),
            Reason.ENCRYPTED),
        new Hostile(
            "a footer longer than the file",
            Thrift.file(new byte[0], new byte[40], 0xFFFFFFFFL, "PAR1"),
            Reason.MALFORMED),
        new Hostile(
            "no footer", Thrift.file(new byte[40], new byte[0], 0, "PAR1"), Reason.MALFORMED),
        new Hostile(
            "a footer of 9 MiB",
            Thrift.file(new byte[0], new byte[9 << 20], 9 << 20, "PAR1"),
            Reason.BEYOND_LIMITS),
        new Hostile(
            "a list of 2^31 elements",
            Thrift.file(
                new Thrift().list(2, Compact.STRUCT, Integer.MAX_VALUE).group("r", 1).bytes()),
            Reason.MALFORMED),
        new Hostile(
            "a list of 2^63 elements",
            Thrift.file(new Thrift().list(2, Compact.STRUCT, -1L).group("r", 1).bytes()),
            Reason.MALFORMED),
        new Hostile(
            "eight million elements of a byte",
            Thrift.file(
                new Thrift()
                    .list(2, Compact.STRUCT, (8 << 20) - 100)
                    .raw(new byte[(8 << 20) - 100])
                    .bytes()),
            Reason.MALFORMED),
        new Hostile(
            "a text of 2^31 bytes",
            Thrift.file(new Thrift().field(6, Compact.BINARY).varint(Integer.MAX_VALUE).bytes()),
            Reason.MALFORMED),
        new Hostile(
            "structures a million deep",
            Thrift.file(filled(1 << 20, (byte) (1 << 4 | Compact.STRUCT))),
            Reason.BEYOND_LIMITS),
        new Hostile(
            "lists a million deep",
            Thrift.file(
                new Thrift()
                    .field(1, Compact.LIST)
                    .raw(filled(1 << 20, (byte) (1 << 4 | Compact.LIST)))
                    .bytes()),
            Reason.BEYOND_LIMITS),
        new Hostile("a schema 1,000 deep", Thrift.file(deepSchema(1_000)), Reason.BEYOND_LIMITS),
        new Hostile(
            "a schema that ends in the middle",
            Thrift.file(
                new Thrift().list(2, Compact.STRUCT, 2).group("r", 9).column("n").stop().bytes()),
            Reason.MALFORMED),
        new Hostile(
            "a schema that goes on after its end",
            Thrift.file(
                new Thrift()
                    .list(2, Compact.STRUCT, 3)
                    .group("r", 1)
                    .column("n")
                    .column("m")
                    .stop()
                    .bytes()),
            Reason.MALFORMED),
        new Hostile(
            "a negative number of children",
            Thrift.file(
                new Thrift()
                    .list(2, Compact.STRUCT, 2)
                    .group("r", 1)
                    .group("g", -1)
                    .stop()
                    .bytes()),
            Reason.MALFORMED),
        new Hostile(
            "a negative number of rows",
            Thrift.file(new Thrift().raw(schema).number(1, Compact.I64, -5).stop().bytes()),
            Reason.MALFORMED),
        new Hostile(
            "rows without a row group",
            Thrift.file(new Thrift().raw(schema).number(1, Compact.I64, 5).stop().bytes()),
            Reason.MALFORMED),
        new Hostile(
            "a row group without columns",
            Thrift.file(
                new Thrift()
                    .raw(schema)
                    .number(1, Compact.I64, 5)
                    .list(1, Compact.STRUCT, 1)
                    .number(3, Compact.I64, 5)
                    .stop()
                    .stop()
                    .bytes()),
            Reason.MALFORMED));
  }

  private static byte[] filled(int length, byte with) {
    byte[] bytes = new byte[length];
    Arrays.fill(bytes, with);
    return bytes;
  }

  private static byte[] deepSchema(int depth) {
    Thrift schema = new Thrift().list(2, Compact.STRUCT, depth + 1);
    for (int i = 0; i < depth; i++) {
      schema.group("g", 1);
    }
    return schema.column("n").stop().bytes();
  }

  @ParameterizedTest
  @MethodSource("parquet")
  void shouldRefuseWithItsReason(Hostile file) {
    within(() ->
        assertThatExceptionOfType(NotPreviewable.class)
            .isThrownBy(() -> Files.parquet(file.bytes()))
            .satisfies(e -> assertThat(e.reason()).as(e.detail()).isEqualTo(file.reason())));
  }

  /** A page that lies, and what the column says. */
  record Lying(String what, byte[] file, String says) {
    @Override
    public String toString() {
      return what;
    }
  }

  static Stream<Lying> pages() {
    int most = Integer.MAX_VALUE;
    byte[] four = {7, 0, 0, 0};
    // Block of 128 in 4 parts, as many values as can be told, the first is 0.
    byte[] deltas = new Thrift().varint(128).varint(4).varint(1L << 40).varint(0).bytes();
    return Stream.of(
        lying("2 GiB unpacked", Thrift.page(most, 4, 1, 0).raw(four), "larger than"),
        lying("2 GiB packed", Thrift.page(4, most, 1, 0).raw(four), "impossible size"),
        lying("a negative size", Thrift.page(-4, 4, 1, 0).raw(four), "impossible size"),
        lying("negative values", Thrift.page(4, 4, -1, 0).raw(four), "negative number"),
        lying("other unpacked size", Thrift.page(8, 4, 1, 0).raw(four), "cannot be unpacked"),
        lying("2^31 values in 4 bytes", Thrift.page(4, 4, most, 0).raw(four), "ends too early"),
        lying(
            "a dictionary that is absent",
            Thrift.page(4, 4, 1, 8).raw(new byte[] {1, 4, 0, 0}),
            "dictionary"),
        lying("indices without end", Thrift.page(4, 4, 1, 8).raw(four), "ends too early"),
        lying("an encoding that is none", Thrift.page(4, 4, 1, 99).raw(four), "encoding 99"),
        lying(
            "differences without bytes",
            Thrift.page(deltas.length, deltas.length, most, 5).raw(deltas),
            "differences"),
        lying("differences of texts for numbers", Thrift.page(4, 4, 1, 7).raw(four), "its type"),
        new Lying(
            "bytes after the end",
            Thrift.oneColumn(four, 100, Long.MAX_VALUE, 4, 100),
            "outside of the file"),
        new Lying(
            "bytes before the beginning",
            Thrift.oneColumn(four, 100, 4, -4, 100),
            "outside of the file"),
        new Lying("no page", Thrift.oneColumn(new byte[0], 100, 0, 4, 100), "fewer values"),
        new Lying("a column of nothing", Thrift.oneColumn(four, 100, 4, 4, 100), "metadata"));
  }

  private static Lying lying(String what, Thrift page, String says) {
    byte[] data = page.bytes();
    return new Lying(what, Thrift.oneColumn(data, 100, data.length, 4, 100), says);
  }

  @ParameterizedTest
  @MethodSource("pages")
  void shouldSayWhyTheCellsOfAColumnAreNotShown(Lying lying) {
    within(() -> {
      Preview preview = Files.parquet(lying.file());

      assertThat(preview.columns().getFirst().unread()).contains(lying.says());
      assertThat(preview.rowsTotal()).isEqualTo(100);
      assertThat(preview.notes()).anyMatch(note -> note.contains("could not be read"));
    });
  }

  @Test
  void shouldReadAPageThatIsAsItSays() throws NotPreviewable {
    byte[] data = Thrift.page(8, 8, 2, 0).raw(new byte[] {7, 0, 0, 0, -1, -1, -1, -1}).bytes();

    Preview preview = Files.parquet(Thrift.oneColumn(data, 2, data.length, 4, 2));

    assertThat(preview.columns().getFirst().unread()).isNull();
    assertThat(preview.rows().stream().map(row -> row.getFirst())).containsExactly("7", "-1");
  }

  @Test
  void shouldUnpackNoMoreOfABombThanASample() {
    within(() -> {
      Preview preview = Files.preview("a.csv.gz", "application/gzip", bomb(GZIPOutputStream::new));

      assertThat(preview.columns()).hasSize(2);
      assertThat(preview.truncated()).isTrue();
      assertThat(preview.bytesRead()).isLessThan(2 << 20);
    });
    within(() ->
        assertThat(
                Files.preview("a.csv.zst", "application/zstd", bomb(ZstdOutputStream::new))
                    .truncated())
            .isTrue());
  }

  /** Makes a stream that packs. */
  @FunctionalInterface
  private interface Packing {
    OutputStream into(OutputStream out) throws IOException;
  }

  /** A quarter of a gigabyte of rows. */
  private static byte[] bomb(Packing packing) throws IOException {
    ByteArrayOutputStream packed = new ByteArrayOutputStream();
    byte[] rows = "11111111,2222222\n".repeat(4_096).getBytes(UTF_8);
    try (OutputStream out = packing.into(packed)) {
      for (int i = 0; i < 4_000; i++) {
        out.write(rows);
      }
    }
    return packed.toByteArray();
  }

  @Test
  void shouldRefuseAHugeWindow() throws IOException {
    ByteArrayOutputStream packed = new ByteArrayOutputStream();
    try (ZstdOutputStream out = new ZstdOutputStream(packed, 3)) {
      var unused = out.setLong(27);
      out.write(new byte[20 << 20]);
    }

    within(() ->
        assertThatExceptionOfType(NotPreviewable.class)
            .isThrownBy(() -> Files.preview("a.csv", "application/zstd", packed.toByteArray()))
            .satisfies(e -> assertThat(e.reason()).isEqualTo(Reason.BEYOND_LIMITS)));
  }

  @Test
  void shouldTellPackedFilesThatAreCutOff() {
    byte[] packed = Files.gzip("a,b\n1,2\n".repeat(1_000).getBytes(UTF_8));

    assertThatExceptionOfType(NotPreviewable.class)
        .isThrownBy(
            () -> Files.preview("a.csv", "text/csv", Arrays.copyOf(packed, packed.length / 2)))
        .satisfies(e -> assertThat(e.reason()).isEqualTo(Reason.MALFORMED));
  }

  @Test
  void shouldRefuseWhatHasNoBytes() {
    assertThatExceptionOfType(NotPreviewable.class)
        .isThrownBy(() -> Files.csv(""))
        .satisfies(e -> assertThat(e.reason()).isEqualTo(Reason.EMPTY));
  }

  @Test
  void shouldStopWhenTheTimeIsOver() {
    AtomicLong clock = new AtomicLong();
    Previewer slow = new Previewer(() -> clock.addAndGet(4_000_000_000L));

    assertThatExceptionOfType(NotPreviewable.class)
        .isThrownBy(() ->
            slow.preview(new Files.InMemory("a,b\n1,2\n".getBytes(UTF_8)), "a.csv", "text/csv"))
        .satisfies(e -> assertThat(e.reason()).isEqualTo(Reason.TOOK_TOO_LONG));
  }

  /** Something that must cost no more than it may. */
  @FunctionalInterface
  interface Costly {
    void run() throws Exception;
  }

  static void within(Costly work) {
    ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
    // Making the file is no part of it where that is done before.
    long before = threads.getCurrentThreadAllocatedBytes();
    try {
      work.run();
    } catch (Exception e) {
      throw new AssertionError(e);
    }
    assertThat(threads.getCurrentThreadAllocatedBytes() - before)
        .as("allocated")
        .isLessThan(MOST_ALLOCATED);
  }
}
