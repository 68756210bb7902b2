package org.pilothouse.pilots.internal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.pilothouse.kernel.Problem;
import org.pilothouse.kernel.ProblemCode;

class FreshCacheTest {
  private final SettableClock clock = new SettableClock();
  private final Map<String, String> store = new ConcurrentHashMap<>();
  private final AtomicBoolean away = new AtomicBoolean();
  private final AtomicInteger asked = new AtomicInteger();
  private final FreshCache<String> cache =
      new FreshCache<>(
          100,
          Duration.ofSeconds(5),
          Duration.ofSeconds(60),
          clock,
          key -> {
            asked.incrementAndGet();
            if (away.get()) {
              throw Problem.of(ProblemCode.UNAVAILABLE, "away");
            }
            return Optional.ofNullable(store.get(key));
          });

  @Test
  void shouldAskTheStoreOnceWhileTheAnswerIsFresh() {
    store.put("k", "v");
    assertThat(cache.get("k")).contains("v");
    assertThat(cache.get("k")).contains("v");
    assertThat(asked).hasValue(1);
    clock.pass(Duration.ofMillis(5001));
    store.remove("k");
    assertThat(cache.get("k")).isEmpty();
  }

  @Test
  void shouldAskAgainAtOnceWhenToldToForget() {
    store.put("k", "v");
    assertThat(cache.get("k")).contains("v");
    store.remove("k");
    cache.forget("k");
    assertThat(cache.get("k")).isEmpty();
  }

  @Test
  void shouldLiveOnTheLastAnswerForAWhileWhenTheStoreIsAway() {
    store.put("k", "v");
    assertThat(cache.get("k")).contains("v");
    away.set(true);
    clock.pass(Duration.ofSeconds(30));
    assertThat(cache.get("k")).contains("v");
    clock.pass(Duration.ofSeconds(31));
    assertThatThrownBy(() -> cache.get("k")).isInstanceOf(Problem.class);
    assertThatThrownBy(() -> cache.get("unknown")).isInstanceOf(Problem.class);
  }
}
