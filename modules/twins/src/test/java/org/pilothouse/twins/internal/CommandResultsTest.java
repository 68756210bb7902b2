package org.pilothouse.twins.internal;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.pilothouse.twins.internal.CommandSamples.id;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.pilothouse.kernel.Problem;
import org.pilothouse.kernel.ProblemCode;
import org.pilothouse.platform.mqtt.MqttMessage;

class CommandResultsTest {
  private final Store store = new Store();
  private final AtomicInteger acknowledged = new AtomicInteger();
  private final CommandResults results = new CommandResults(store, new SimpleMeterRegistry());

  @AfterEach
  void close() {
    results.close();
  }

  private void take(String device, String id) {
    results.take(
        new MqttMessage(
            List.of("pilothouse", "aurora", device, "commands", id, "result"),
            "{\"state\":\"succeeded\"}".getBytes(UTF_8),
            acknowledged::incrementAndGet));
  }

  @Test
  void shouldStoreWhatAnswersAnOpenCommand() {
    store.open.add(key("press-device", 1));
    take("press-device", id(1));
    await().until(() -> acknowledged.get() == 1);
    assertThat(store.answered).containsExactly(key("press-device", 1));
  }

  @Test
  void shouldNotAskTheStoreForWhatCanBeNoCommand() {
    for (String id : List.of("x", "1' OR '1'='1", id(0xa).toUpperCase(Locale.ROOT), "")) {
      take("press-device", id);
    }
    take("PRESS", id(1));
    results.take(new MqttMessage(List.of("a"), new byte[0], acknowledged::incrementAndGet));
    await().until(() -> acknowledged.get() == 6);
    assertThat(store.questions.get()).isZero();
    assertThat(store.answered).isEmpty();
  }

  @Test
  void shouldPassOverAFloodWithFewQuestions() {
    store.open.add(key("calm", 1));
    store.gate = new CountDownLatch(1);
    for (int i = 0; i < 200; i++) {
      take("flooding", id(i));
    }
    take("calm", id(1));
    store.gate.countDown();
    await().until(() -> acknowledged.get() == 201);
    assertThat(store.answered).containsExactly(key("calm", 1));
    assertThat(store.questions.get()).isLessThanOrEqualTo(1 + 4);
  }

  @Test
  void shouldKeepAResultWhileTheStoreIsAway() {
    store.open.add(key("press-device", 1));
    store.away.set(2);
    take("press-device", id(1));
    await().until(() -> acknowledged.get() == 1);
    assertThat(store.answered).hasSize(1);
    assertThat(store.away.get()).isZero();
  }

  private static Commands.Key key(String device, int number) {
    return Commands.Key.of(CommandSamples.recipient(device), id(number)).orElseThrow();
  }

  private static final class Store implements CommandResults.Store {
    final Set<Commands.Key> open = new HashSet<>();
    final List<Commands.Key> answered = new CopyOnWriteArrayList<>();
    final AtomicInteger questions = new AtomicInteger();
    final AtomicInteger away = new AtomicInteger();
    volatile CountDownLatch gate = new CountDownLatch(0);

    @Override
    public Set<Commands.Key> open(List<Commands.Key> keys) {
      questions.incrementAndGet();
      failIfAway();
      pass();
      Set<Commands.Key> found = new HashSet<>(keys);
      found.retainAll(open);
      return found;
    }

    @Override
    public Commands.Answer answered(Commands.Key key, CommandResult result) {
      failIfAway();
      answered.add(key);
      return Commands.Answer.TAKEN;
    }

    private void pass() {
      try {
        assertThat(gate.await(20, TimeUnit.SECONDS)).isTrue();
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      }
    }

    private void failIfAway() {
      if (away.get() > 0) {
        away.decrementAndGet();
        throw Problem.of(ProblemCode.UNAVAILABLE, "away");
      }
    }
  }
}
