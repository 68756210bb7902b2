package org.pilothouse.datasets.internal.preview;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.sun.management.ThreadMXBean;
import java.lang.management.ManagementFactory;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Valid files with bytes changed at random: a preview or a reason comes of each, and no more. */
class MutatedFilesTest {
  private static final int MUTATIONS = 2_000;
  private static final long MOST_ALLOCATED = 200L << 20;

  @TempDir private Path folder;

  @ParameterizedTest
  @ValueSource(
      strings = {
        "CODEC 'uncompressed', PARQUET_VERSION 'V2'",
        "CODEC 'snappy'",
        "CODEC 'zstd', PARQUET_VERSION 'V2'",
        "CODEC 'gzip'",
        "CODEC 'lz4_raw'"
      })
  void shouldSurviveMutatedParquet(String options) throws Exception {
    byte[] valid;
    try (Duck duck = new Duck(folder)) {
      valid =
          duck.written(
              "SELECT i, 'text-' || (i % 50) AS t, i / 7.0 AS d, [i, i + 1] AS l, i % 2 = 0 AS b,"
                  + " repeat('x', i::INTEGER % 40) || i AS u, DATE '2026-01-01' AS day"
                  + " FROM range(0, 3000) t(i)",
              "FORMAT parquet, ROW_GROUP_SIZE 2048, " + options);
    }
    int footer = footerLength(valid);
    survive(options.hashCode(), valid, footer, "a.parquet", "application/vnd.apache.parquet");
  }

  private static int footerLength(byte[] file) {
    int at = file.length - 8;
    return (file[at] & 0xFF) | (file[at + 1] & 0xFF) << 8 | (file[at + 2] & 0xFF) << 16;
  }

  @Test
  void shouldSurviveMutatedCsv() throws Exception {
    byte[] valid =
        "time,\"a name\",x\n2026-01-01T00:00:00Z,\"q\"\"uoted, text\",1.5e3\n"
            .repeat(20)
            .getBytes(UTF_8);
    survive(1, valid, valid.length, "a.csv", "text/csv");
    survive(2, Files.gzip(valid), 20, "a.csv.gz", "application/gzip");
    survive(3, com.github.luben.zstd.Zstd.compress(valid), 20, "a.csv.zst", "application/zstd");
  }

  @Test
  void shouldSurviveMutatedJson() throws Exception {
    byte[] valid =
        "{\"a\":1.5,\"b\":{\"c\":[1,\"\\u00e4\",null,{\"d\":true}]},\"e\":\"2026-01-01\"}\n"
            .repeat(20)
            .getBytes(UTF_8);
    survive(4, valid, valid.length, "a.json", "application/json");
  }

  /**
   * @param tail how many bytes at the end are changed as often as all of the others
   */
  private static void survive(int seed, byte[] valid, int tail, String name, String type)
      throws Exception {
    Preview before = Files.preview(name, type, valid);
    assertThat(before.rows()).isNotEmpty();
    ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
    Random random = new Random(seed);
    int shown = 0;
    int refused = 0;
    for (int i = 0; i < MUTATIONS; i++) {
      byte[] mutated = mutate(random, valid, tail);
      long allocated = threads.getCurrentThreadAllocatedBytes();
      try {
        check(Files.preview(name, type, mutated));
        shown++;
      } catch (NotPreviewable e) {
        assertThat(e.detail()).isNotBlank();
        refused++;
      } catch (RuntimeException | Error e) {
        throw new AssertionError("seed " + seed + ", mutation " + i, e);
      }
      assertThat(threads.getCurrentThreadAllocatedBytes() - allocated)
          .as("allocated, seed %d, mutation %d", seed, i)
          .isLessThan(MOST_ALLOCATED);
    }
    // Were it always the same, nothing would have been tried.
    assertThat(shown).isPositive();
    assertThat(refused).isPositive();
  }

  private static void check(Preview preview) {
    assertThat(preview.rows()).hasSizeLessThanOrEqualTo(200);
    assertThat(preview.columns()).hasSizeLessThanOrEqualTo(500);
    assertThat(preview.rows()).allSatisfy(row -> assertThat(row).hasSameSizeAs(preview.columns()));
    assertThat(preview.rows().stream().flatMap(row -> row.stream()))
        .allMatch(cell -> cell == null || cell.length() <= 512);
  }

  private static byte[] mutate(Random random, byte[] valid, int tail) {
    byte[] bytes = valid.clone();
    int changes = 1 + random.nextInt(4);
    for (int i = 0; i < changes; i++) {
      int range = random.nextBoolean() ? Math.min(bytes.length, tail + 8) : bytes.length;
      int at = bytes.length - 1 - random.nextInt(range);
      switch (random.nextInt(6)) {
        case 0 -> bytes[at] ^= (byte) (1 << random.nextInt(8));
        case 1 -> bytes[at] = (byte) random.nextInt(256);
        case 2 -> bytes[at] = (byte) (random.nextBoolean() ? 0xFF : 0x7F);
        case 3 -> Arrays.fill(bytes, at, Math.min(bytes.length, at + 5), (byte) 0xFF);
        case 4 -> bytes[at] = 0;
        default -> {
          int count = Math.min(random.nextInt(9), bytes.length - at);
          System.arraycopy(bytes, random.nextInt(bytes.length - count), bytes, at, count);
        }
      }
    }
    return random.nextInt(20) == 0
        ? Arrays.copyOf(bytes, 1 + random.nextInt(bytes.length - 1))
        : bytes;
  }
}
