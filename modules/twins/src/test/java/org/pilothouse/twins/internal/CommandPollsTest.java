package org.pilothouse.twins.internal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;
import static org.pilothouse.twins.internal.CommandSamples.command;
import static org.pilothouse.twins.internal.CommandSamples.recipient;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.time.Duration;
import java.util.Collection;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.pilothouse.kernel.Problem;
import org.pilothouse.kernel.ProblemCode;
import org.pilothouse.twins.Command;
import org.pilothouse.twins.internal.Commands.Recipient;

class CommandPollsTest {
  private static final Duration LONG = Duration.ofSeconds(30);
  private final Store store = new Store();
  private final AtomicLong nanos = new AtomicLong();
  private final SimpleMeterRegistry metrics = new SimpleMeterRegistry();
  private final CommandPolls polls = new CommandPolls(store, 3, nanos::get, metrics);

  @AfterEach
  void close() {
    polls.close();
  }

  private static List<Command> got(CompletableFuture<List<Command>> poll) {
    await().until(poll::isDone);
    return poll.join();
  }

  @Test
  void shouldAnswerAtOnceWhereSomethingIsThereOrNobodyWantsToWait() {
    assertThat(got(polls.poll(recipient("a"), Duration.ZERO))).isEmpty();
    store.waiting.add(recipient("a"));
    assertThat(got(polls.poll(recipient("a"), LONG))).hasSize(1);
  }

  @Test
  void shouldWakeTheDeviceThatACommandIsForAndNoOther() {
    CompletableFuture<List<Command>> mine = polls.poll(recipient("a"), LONG);
    CompletableFuture<List<Command>> other = polls.poll(recipient("b"), LONG);
    await().until(() -> store.looks.get() >= 2);
    store.waiting.add(recipient("a"));
    polls.sent(recipient("a"));
    assertThat(got(mine)).hasSize(1);
    assertThat(other).isNotDone();
  }

  @Test
  void shouldFindWhatAnotherNodeSent() {
    CompletableFuture<List<Command>> mine = polls.poll(recipient("a"), LONG);
    await().until(() -> store.looks.get() >= 1);
    store.waiting.add(recipient("a"));
    assertThat(got(mine)).hasSize(1);
  }

  @Test
  void shouldAnswerWithWhatIsOpenWhenTheTimeIsOver() {
    CompletableFuture<List<Command>> mine = polls.poll(recipient("a"), LONG);
    nanos.addAndGet(LONG.toNanos());
    assertThat(got(mine)).isEmpty();
  }

  @Test
  void shouldEndTheFirstWaitOfADeviceThatAsksAgain() {
    CompletableFuture<List<Command>> first = polls.poll(recipient("a"), LONG);
    CompletableFuture<List<Command>> second = polls.poll(recipient("a"), LONG);
    assertThat(got(first)).isEmpty();
    assertThat(second).isNotDone();
  }

  @Test
  void shouldTurnAwayWhoeverFindsNoSeatAndGiveSeatsBack() {
    for (String device : List.of("a", "b", "c")) {
      var unused = polls.poll(recipient(device), LONG);
    }
    assertThatThrownBy(() -> polls.poll(recipient("d"), LONG))
        .isInstanceOfSatisfying(
            Problem.class,
            problem -> {
              assertThat(problem.code()).isEqualTo(ProblemCode.TOO_MANY_REQUESTS);
              assertThat(problem.retryAfter()).isPositive();
            });
    polls.sent(recipient("a"));
    await().until(() -> metrics.get("pilothouse.commands.polls").gauge().value() == 2);
    assertThat(polls.poll(recipient("d"), LONG)).isNotDone();
  }

  @Test
  void shouldFailTheWaitWhenTheStoreIsAway() {
    store.broken = true;
    CompletableFuture<List<Command>> mine = polls.poll(recipient("a"), LONG);
    await().until(mine::isCompletedExceptionally);
    await().until(() -> metrics.get("pilothouse.commands.polls").gauge().value() == 0);
  }

  @Test
  void shouldLetEverybodyGoAtTheEnd() {
    CompletableFuture<List<Command>> mine = polls.poll(recipient("a"), LONG);
    polls.close();
    assertThat(got(mine)).isEmpty();
  }

  private static final class Store implements CommandPolls.Store {
    final Set<Recipient> waiting = ConcurrentHashMap.newKeySet();
    final AtomicInteger looks = new AtomicInteger();
    volatile boolean broken;

    @Override
    public Set<Recipient> expected(Collection<Recipient> recipients) {
      looks.incrementAndGet();
      if (broken) {
        throw Problem.of(ProblemCode.UNAVAILABLE, "away");
      }
      return recipients.stream().filter(waiting::contains).collect(Collectors.toSet());
    }

    @Override
    public List<Command> hand(Recipient recipient) {
      return waiting.contains(recipient)
          ? List.of(command(1, recipient.device().value()))
          : List.of();
    }
  }
}
