package org.pilothouse.benchmarks;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import org.junit.jupiter.api.Test;

class ConsumerLimitTest {
  @Test
  void shouldReadBothRatesWhenTheToolHasEnded() throws IOException {
    ConsumerLimit.Rate rate =
        ConsumerLimit.rate(
            """
            2026-11-21T15:49:27.888Z INFO  o.a.k.t.ConsumerPerformance Starting consumer...
            start.time, end.time, data.consumed.in.MB, MB.sec, data.consumed.in.nMsg, nMsg.sec, rebalance.time.ms, fetch.time.ms, fetch.MB.sec, fetch.nMsg.sec
            INFO something, said meanwhile
            2026-11-21 15:50:00:000, 2026-11-21 15:50:05:000, 200.0000, 40.0000, 1000000, 200000.0000, 3000, 2000, 100.0000, 500000.0000
            """);
    assertThat(rate).isEqualTo(new ConsumerLimit.Rate(200_000, 500_000));
  }

  @Test
  void shouldSayWhatTheToolSaidWhenThereIsNoRate() {
    assertThatThrownBy(() -> ConsumerLimit.rate("Exiting before consuming the expected number"))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("Exiting before");
  }
}
