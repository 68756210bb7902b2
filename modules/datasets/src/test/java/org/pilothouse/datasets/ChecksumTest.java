package org.pilothouse.datasets;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ChecksumTest {
  private static final String DIGITS =
      "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";

  @ParameterizedTest
  @ValueSource(strings = {"sha256:" + DIGITS, DIGITS, "SHA256:" + DIGITS, " " + DIGITS + " "})
  void shouldReadTheSameInEveryForm(String text) {
    assertThat(Checksum.parse(text).orElseThrow()).hasToString("sha256:" + DIGITS);
    assertThat(Checksum.parse(text.toUpperCase(java.util.Locale.ROOT)))
        .isEqualTo(Checksum.parse(DIGITS));
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "sha256:", "md5:d41d8cd98f00b204e9800998ecf8427e", "zz"})
  void shouldReadNothingElse(String text) {
    assertThat(Checksum.parse(text)).isEmpty();
  }

  @Test
  void shouldNotBeChangedThroughItsBytes() {
    Checksum checksum = Checksum.parse(DIGITS).orElseThrow();
    checksum.digest()[0]++;

    assertThat(checksum).hasToString("sha256:" + DIGITS);
  }
}
