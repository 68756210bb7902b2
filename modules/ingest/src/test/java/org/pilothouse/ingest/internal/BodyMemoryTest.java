package org.pilothouse.ingest.internal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.time.Duration;
import java.util.Arrays;
import java.util.Random;
import java.util.concurrent.atomic.AtomicLong;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.Test;
import org.pilothouse.kernel.Problem;
import org.pilothouse.kernel.ProblemCode;

class BodyMemoryTest {
  private final AtomicLong nanos = new AtomicLong();
  private final BodyMemory memory =
      new BodyMemory(32L * 1024 * 1024, Duration.ofSeconds(60), nanos::get);

  private static byte[] gzip(byte[] plain) throws IOException {
    ByteArrayOutputStream packed = new ByteArrayOutputStream();
    try (GZIPOutputStream out = new GZIPOutputStream(packed)) {
      out.write(plain);
    }
    return packed.toByteArray();
  }

  private void assertRefused(byte[] sent, boolean gzip, long announced, ProblemCode code) {
    assertThatThrownBy(() -> memory.read(new ByteArrayInputStream(sent), gzip, announced))
        .isInstanceOfSatisfying(
            Problem.class, problem -> assertThat(problem.code()).isEqualTo(code));
    assertThat(memory.used()).isZero();
  }

  @Test
  void shouldGiveTheBytesBackWhenTheBodyWasPacked() throws IOException {
    byte[] plain = new byte[3_000_000];
    new Random(1).nextBytes(plain);
    try (BodyMemory.Body body = memory.read(new ByteArrayInputStream(gzip(plain)), true, -1)) {
      assertThat(Arrays.copyOf(body.bytes(), body.length())).isEqualTo(plain);
      assertThat(memory.used()).isPositive();
    }
    assertThat(memory.used()).isZero();
  }

  @Test
  void shouldRefuseTheWholeBodyWhenItIsBroken() throws IOException {
    byte[] random = new byte[100_000];
    new Random(2).nextBytes(random);
    byte[] packed = gzip(random);
    assertRefused(Arrays.copyOf(packed, packed.length / 2), true, -1, ProblemCode.MALFORMED_GZIP);
    assertRefused(random, true, -1, ProblemCode.MALFORMED_GZIP);
    assertRefused(gzip(new byte[15_000_000]), true, -1, ProblemCode.TOO_LARGE);
    assertRefused(new byte[BodyMemory.MOST_BODY + 1], false, -1, ProblemCode.TOO_LARGE);
    assertRefused(new byte[10], false, BodyMemory.MOST_BODY + 1L, ProblemCode.TOO_LARGE);
    assertRefused(new byte[10], false, 20, ProblemCode.MALFORMED_REQUEST);
  }

  @Test
  void shouldGiveUpWhenTheBodyIsSlow() {
    assertThatThrownBy(() ->
            memory.read(
                new ByteArrayInputStream(new byte[100]) {
                  @Override
                  public int read(byte[] to, int offset, int length) {
                    nanos.addAndGet(Duration.ofSeconds(10).toNanos());
                    return super.read(to, offset, 1);
                  }
                },
                false,
                -1))
        .isInstanceOfSatisfying(
            Problem.class,
            problem -> assertThat(problem.code()).isEqualTo(ProblemCode.REQUEST_TIMEOUT));
    assertThat(memory.used()).isZero();
  }

  @Test
  void shouldPushBackWhenAllMemoryIsInUse() {
    BodyMemory.Body one =
        memory.read(new ByteArrayInputStream(new byte[BodyMemory.MOST_BODY - 1]), false, -1);
    BodyMemory.Body two =
        memory.read(new ByteArrayInputStream(new byte[BodyMemory.MOST_BODY - 1]), false, -1);
    assertThatThrownBy(() -> memory.read(new ByteArrayInputStream(new byte[1]), false, -1))
        .isInstanceOfSatisfying(
            Problem.class,
            problem -> {
              assertThat(problem.code()).isEqualTo(ProblemCode.BACKBONE_BUSY);
              assertThat(problem.retryAfter()).isNotNull();
            });
    one.close();
    two.close();
    assertThat(memory.used()).isZero();
  }
}
