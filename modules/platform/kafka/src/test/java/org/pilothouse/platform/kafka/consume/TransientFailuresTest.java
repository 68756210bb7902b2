package org.pilothouse.platform.kafka.consume;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.sql.SQLException;
import org.junit.jupiter.api.Test;
import org.pilothouse.kernel.Problem;
import org.pilothouse.kernel.ProblemCode;
import org.pilothouse.platform.kafka.PublishFailure;
import org.pilothouse.platform.kafka.PublishFailure.Kind;

class TransientFailuresTest {
  private final TransientFailures failures = new TransientFailures();

  @Test
  void shouldTryAgainWhenAnEngineIsAway() {
    assertThat(failures.test(new RuntimeException(new IOException()))).isTrue();
    assertThat(failures.test(new SQLException("gone", "08006"))).isTrue();
    assertThat(failures.test(new SQLException("no state"))).isTrue();
    assertThat(failures.test(new RuntimeException(new SQLException("disk", "53100")))).isTrue();
    assertThat(failures.test(new PublishFailure(Kind.UNCERTAIN, "late", null))).isTrue();
    assertThat(failures.test(Problem.of(ProblemCode.UNAVAILABLE, "away"))).isTrue();
    assertThat(failures.test(new OutOfMemoryError())).isTrue();
  }

  @Test
  void shouldBlameTheRecordWhenTheDataAreAtFault() {
    assertThat(failures.test(new SQLException("too long", "22001"))).isFalse();
    assertThat(failures.test(new RuntimeException(new SQLException("twice", "23505")))).isFalse();
    assertThat(failures.test(new IllegalStateException())).isFalse();
    assertThat(failures.test(new PublishFailure(Kind.REFUSED, "too large", null))).isFalse();
    assertThat(failures.test(Problem.of(ProblemCode.INVALID_VALUE, "wrong"))).isFalse();
  }
}
