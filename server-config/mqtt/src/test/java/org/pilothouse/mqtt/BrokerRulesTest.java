package org.pilothouse.mqtt;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.junit.jupiter.api.Test;
import org.pilothouse.kernel.Settings;

class BrokerRulesTest {
  private static final Map<String, String> LEAST =
      Map.of(
          "data-dir", "data",
          "auth-url", "http://127.0.0.1:9/",
          "auth-key", "key",
          "bridge-user", "bridge",
          "bridge-password", "secret");

  @Test
  void shouldHaveDefaultsWhenOnlyTheNeededKeysAreGiven() {
    BrokerSettings settings = BrokerSettings.from(new Settings(LEAST, Map.of()));

    assertThat(settings.host()).isEqualTo("127.0.0.1");
    assertThat(settings.port()).isEqualTo(1883);
    assertThat(settings.metricsPort()).isZero();
    assertThat(settings.mostBacklog()).isEqualTo(1_000_000);
    assertThat(settings.mostConnections()).isEqualTo(10_000);
    assertThat(settings.leastFreeMegabytes()).isEqualTo(256);
  }

  @Test
  void shouldTakeEveryKeyWhenGiven() {
    Map<String, String> all = new HashMap<>(LEAST);
    all.put("host", "127.0.0.2");
    all.put("port", "1884");
    all.put("metrics-port", "1885");
    all.put("max-backlog", "7");
    all.put("max-connections", "8");
    all.put("min-free-mb", "9");

    BrokerSettings settings = BrokerSettings.from(new Settings(all, Map.of()));

    assertThat(settings.host()).isEqualTo("127.0.0.2");
    assertThat(settings.port()).isEqualTo(1884);
    assertThat(settings.metricsPort()).isEqualTo(1885);
    assertThat(settings.mostBacklog()).isEqualTo(7);
    assertThat(settings.mostConnections()).isEqualTo(8);
    assertThat(settings.leastFreeMegabytes()).isEqualTo(9);
    assertThat(settings.dataDir()).isEqualTo(Path.of("data"));
    assertThat(settings.bridgeUser()).isEqualTo("bridge");
    assertThat(settings.bridgePassword()).isEqualTo("secret");
  }

  @Test
  void shouldNameTheKeyWhenItIsMissing() {
    assertThatThrownBy(() -> BrokerSettings.from(new Settings(Map.of(), Map.of())))
        .isInstanceOf(Settings.InvalidSetting.class)
        .hasMessageContaining("data-dir");
  }

  @Test
  void shouldKeepHiveMqsBoundAboveOurs() throws Exception {
    BrokerSettings settings = BrokerSettings.from(new Settings(LEAST, Map.of()));

    assertThat(Broker.configuration(settings))
        .contains("<max-queue-size>3000000</max-queue-size>")
        .contains("<bind-address>127.0.0.1</bind-address>");
  }

  @Test
  void shouldGiveEachCredentialClientIdsOfItsOwn() {
    String ours = ClientIds.own("pump-1", "token-1", "same");

    assertThat(ours)
        .isEqualTo(ClientIds.own("pump-1", "token-1", "same"))
        .isNotEqualTo(ClientIds.own("pump-1", "token-2", "same"))
        .isNotEqualTo(ClientIds.own("pump-2", "token-1", "same"))
        .doesNotContain("token-1")
        .contains(":");
    assertThat(ClientIds.own("a:b\n", "x", "c")).startsWith("unknown:");
  }

  @Test
  void shouldRefuseWhenNothingCouldBeKept() {
    try (Backlog backlog = new Backlog(new NoSessions(), 10, Path.of("."), 0);
        Backlog full = new Backlog(new NoSessions(), 10, Path.of("."), Long.MAX_VALUE)) {
      assertThat(backlog.refusal()).isEqualTo(Backlog.Refusal.NO_BRIDGE);
      assertThat(backlog.judge(false, 0)).isEqualTo(Backlog.Refusal.NO_BRIDGE);
      assertThat(backlog.judge(true, 9)).isNull();
      assertThat(backlog.judge(true, 10)).isEqualTo(Backlog.Refusal.FULL);
      assertThat(full.judge(true, 0)).isEqualTo(Backlog.Refusal.NO_SPACE);
    }
  }

  private static final class NoSessions implements Backlog.Sessions {
    @Override
    public CompletionStage<Set<String>> subscribers() {
      return CompletableFuture.completedFuture(Set.of());
    }

    @Override
    public CompletionStage<Long> queued(Set<String> clients) {
      return CompletableFuture.completedFuture(0L);
    }
  }
}
