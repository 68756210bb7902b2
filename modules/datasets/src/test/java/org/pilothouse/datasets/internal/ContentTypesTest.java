package org.pilothouse.datasets.internal;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.HexFormat;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ContentTypesTest {
  @ParameterizedTest
  @CsvSource({
    "text/csv, text/csv",
    "text/plain, text/plain",
    "application/json, application/json",
    "application/x-ndjson, application/x-ndjson",
    "application/vnd.acme+json, application/vnd.acme+json",
    "image/png, text/plain",
    "application/vnd.apache.parquet, text/plain",
  })
  void shouldTakeTheWordForWhichKindOfTextItIs(String declared, String expected) {
    assertThat(ContentTypes.of("a,b\n1,2\n".getBytes(UTF_8), declared)).isEqualTo(expected);
  }

  @ParameterizedTest
  @CsvSource({
    "89504e470d0a1a0a0000000d49484452, text/csv, image/png",
    "504152311504151a, application/octet-stream, application/vnd.apache.parquet",
    "504152311504151a, application/vnd.apache.parquet, application/vnd.apache.parquet",
    "1f8b0800000000000003, text/csv, application/gzip",
    "7f454c4602010100, image/png, application/x-elf",
    "255044462d312e37, application/pdf, application/pdf",
  })
  void shouldSeeWhatBytesAre(String hex, String declared, String expected) {
    assertThat(ContentTypes.of(HexFormat.of().parseHex(hex), declared)).isEqualTo(expected);
  }

  @Test
  void shouldNotBelieveThatNoiseIsTextOrAnImage() {
    byte[] noise = new byte[4096];
    new Random(3).nextBytes(noise);

    assertThat(ContentTypes.of(noise, "text/csv")).isEqualTo("application/octet-stream");
    assertThat(ContentTypes.of(noise, "image/jpeg")).isEqualTo("application/octet-stream");
    assertThat(ContentTypes.of(noise, "application/x-hdf5")).isEqualTo("application/x-hdf5");
  }

  @Test
  void shouldLeaveNothingAsItWasDeclared() {
    assertThat(ContentTypes.of(new byte[0], "text/csv")).isEqualTo("text/csv");
  }
}
