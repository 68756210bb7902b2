package org.pilothouse.datasets.internal.preview;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_16BE;
import static java.nio.charset.StandardCharsets.UTF_16LE;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import com.github.luben.zstd.Zstd;
import java.nio.charset.Charset;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class CsvReadingTest {
  @Test
  void shouldTellColumnsWithTheirTypesAndStatistics() throws NotPreviewable {
    Preview preview =
        Files.csv(
            "time,rpm,load,on,who\n"
                + "2026-01-01T00:00:00Z,900,0.5,true,ada\n"
                + "2026-01-02T00:00:00+02:00,-3,1e1,false,\n"
                + "2026-01-01T23:00:00Z,12,,true,\"bob, the 2nd\"\n");

    assertThat(preview.format()).isEqualTo("csv");
    assertThat(preview.columns())
        .extracting(Preview.Column::name, Preview.Column::type)
        .containsExactly(
            org.assertj.core.groups.Tuple.tuple("time", "timestamp"),
            org.assertj.core.groups.Tuple.tuple("rpm", "integer"),
            org.assertj.core.groups.Tuple.tuple("load", "number"),
            org.assertj.core.groups.Tuple.tuple("on", "boolean"),
            org.assertj.core.groups.Tuple.tuple("who", "string"));
    Preview.Column time = preview.columns().get(0);
    assertThat(time.max()).isEqualTo("2026-01-01T23:00:00Z");
    Preview.Column rpm = preview.columns().get(1);
    assertThat(rpm.min()).isEqualTo("-3");
    assertThat(rpm.max()).isEqualTo("900");
    assertThat(rpm.mean()).isEqualTo(303.0);
    assertThat(rpm.histogram().counts()).hasSize(12).startsWith(2).endsWith(1);
    assertThat(preview.columns().get(2).nulls()).isEqualTo(1);
    assertThat(preview.columns().get(3).distinct()).isEqualTo(2);
    assertThat(preview.rows().get(2))
        .containsExactly("2026-01-01T23:00:00Z", "12", null, "true", "bob, the 2nd");
    assertThat(preview.rowsTotal()).isEqualTo(3);
    assertThat(preview.truncated()).isFalse();
    assertThat(preview.statisticsFrom()).isEqualTo("file");
    assertThat(preview.notes()).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(strings = {",", ";", "\t", "|"})
  void shouldFindTheDelimiter(String delimiter) throws NotPreviewable {
    Preview preview = Files.csv("a,b\n1,2\n3,4\n".replace(",", delimiter));

    assertThat(preview.layout().delimiter()).isEqualTo(delimiter);
    assertThat(preview.rows()).containsExactly(List.of("1", "2"), List.of("3", "4"));
  }

  @Test
  void shouldNotTakeADecimalCommaForADelimiter() throws NotPreviewable {
    assertThat(Files.csv("a;b\n1,5;2,5\n3,5;4\n").layout().delimiter()).isEqualTo(";");
  }

  @Test
  void shouldFindSingleQuotes() throws NotPreviewable {
    Preview preview = Files.csv("a,b\n'x,1',2\n");

    assertThat(preview.layout().quote()).isEqualTo("'");
    assertThat(preview.rows()).containsExactly(List.of("x,1", "2"));
  }

  @Test
  void shouldNameColumnsWhereThereIsNoHeader() throws NotPreviewable {
    Preview preview = Files.csv("1,a\n2,b\n");

    assertThat(preview.layout().header()).isFalse();
    assertThat(preview.columns())
        .extracting(Preview.Column::name)
        .containsExactly("column_1", "column_2");
    assertThat(preview.rows()).hasSize(2);
  }

  @Test
  void shouldReadUtf16ByItsMark() throws NotPreviewable {
    for (Charset charset : List.of(UTF_16LE, UTF_16BE)) {
      Preview preview = Files.csv("\uFEFFnäme,b\nö,2\n".getBytes(charset));

      assertThat(preview.layout().encoding()).isEqualTo(charset.name());
      assertThat(preview.columns().getFirst().name()).isEqualTo("näme");
    }
  }

  @Test
  void shouldReadUtf8WithItsMark() throws NotPreviewable {
    assertThat(Files.csv("\uFEFFnäme,b\nö,2\n").columns().getFirst().name()).isEqualTo("näme");
  }

  @Test
  void shouldSayThatItFellBackToLatin1() throws NotPreviewable {
    Preview preview = Files.csv("name,b\nMüller,2\n".getBytes(ISO_8859_1));

    assertThat(preview.rows().getFirst()).containsExactly("Müller", "2");
    assertThat(preview.layout().encoding()).isEqualTo("ISO-8859-1");
    assertThat(preview.notes()).anyMatch(note -> note.contains("Latin-1"));
  }

  @Test
  void shouldReadPackedFiles() throws NotPreviewable {
    byte[] plain = "a,b\n1,2\n".getBytes(UTF_8);

    for (byte[] packed : List.of(Files.gzip(plain), Zstd.compress(plain))) {
      Preview preview = Files.preview("a.csv.gz", "application/gzip", packed);
      assertThat(preview.rows()).containsExactly(List.of("1", "2"));
      assertThat(preview.rowsTotal()).isEqualTo(1);
      assertThat(preview.layout().compression()).isIn("gzip", "zstd");
    }
  }

  @Test
  void shouldReadOnlyTheBeginningOfALargeFile() throws NotPreviewable {
    byte[] bytes = ("a,b\n" + "1234567,abcdefgh\n".repeat(1_000_000)).getBytes(UTF_8);

    Preview preview = Files.csv(bytes);

    assertThat(preview.bytesRead()).isLessThanOrEqualTo(Limits.SAMPLE_BYTES + 4);
    assertThat(preview.statisticsFrom()).isEqualTo("sample");
    assertThat(preview.truncated()).isTrue();
    assertThat(preview.rowsTotal()).isNull();
    assertThat(preview.rows()).hasSize(200);
    assertThat(preview.columns().getFirst().max()).isEqualTo("1234567");
  }

  @Test
  void shouldCountAMillionColumns() throws NotPreviewable {
    Preview preview = Files.csv("1,".repeat(999_999) + "1\n");

    assertThat(preview.columnsTotal()).isEqualTo(1_000_000);
    assertThat(preview.columns()).hasSize(500);
    assertThat(preview.notes()).contains("Only the first 500 columns are shown.");
  }

  @Test
  void shouldRefuseARowThatIsLongerThanASample() {
    byte[] bytes = new byte[100 << 20];
    Arrays.fill(bytes, (byte) 'x');

    assertThatExceptionOfType(NotPreviewable.class)
        .isThrownBy(() -> Files.csv(bytes))
        .matches(e -> e.reason() == NotPreviewable.Reason.BEYOND_LIMITS);
  }

  @Test
  void shouldSayThatAQuoteIsNeverClosed() throws NotPreviewable {
    Preview preview = Files.csv("a,b\n1,2\n3,\"4\n5,6\n");

    assertThat(preview.rows()).containsExactly(List.of("1", "2"), List.of("3", "4\n5,6\n"));
    assertThat(preview.notes()).anyMatch(note -> note.contains("never closed"));
  }

  @Test
  void shouldCutLongCellsAndSaySo() throws NotPreviewable {
    Preview preview = Files.csv("a,b\n" + "x".repeat(5_000) + ",2\n");

    assertThat(preview.rows().getFirst().getFirst()).hasSize(512);
    assertThat(preview.cut()).containsExactly(new Preview.Cut(0, 0, 5_000));
  }

  @Test
  void shouldTellRowsOfOtherLengths() throws NotPreviewable {
    Preview preview = Files.csv("a,b\n1\n1,2,3\n1,2\n");

    assertThat(preview.notes()).hasSize(2);
    assertThat(preview.columns().get(1).nulls()).isEqualTo(1);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "a,b\n1,\u00002\n",
        "\u0001\u0002\u0003\u0004\u0005\u0006\u0007\u0008\u000e\u000f"
      })
  void shouldRefuseWhatIsNoText(String text) {
    assertThatExceptionOfType(NotPreviewable.class)
        .isThrownBy(() -> Files.csv(text))
        .matches(e -> e.reason() == NotPreviewable.Reason.UNSUPPORTED);
  }

  @Test
  void shouldShowFewerRowsWhereTheAnswerWouldGrowTooLarge() throws NotPreviewable {
    String row = ("y".repeat(400) + ",").repeat(99) + "z\n";
    Preview preview = Files.csv(row.repeat(90));

    assertThat(preview.rows()).hasSizeBetween(30, 60);
    assertThat(preview.truncated()).isTrue();
    assertThat(preview.notes()).contains(Previewer.FULL);
  }
}
