package org.pilothouse.jobs.internal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.time.Duration;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.pilothouse.jobs.JobOutcome;
import org.pilothouse.platform.rabbit.RabbitConnection;
import org.pilothouse.platform.web.Json;

/** What becomes of jobs when something breaks. */
@Timeout(150)
class TroubleIT {
  private static final Duration SOON = Duration.ofSeconds(60);

  private JobRoom room;

  @BeforeEach
  void open() {
    room = JobRoom.open();
  }

  @AfterEach
  void close() throws Exception {
    room.close();
  }

  private void awaitState(Job job, JobState state) {
    await().atMost(SOON).untilAsserted(() -> assertThat(room.job(job).state()).isEqualTo(state));
  }

  /** As a worker that was stopped and is never heard of: its lease runs out. */
  private void withholdHeartbeat(Job job) {
    room.execute(
        "UPDATE jobs.job SET lease_until = now() - interval '1 second' WHERE job_id = ? AND state"
            + " = 'running'",
        job.id());
  }

  @Test
  void shouldRefuseAWorkerThatComesBackAfterItsLease() throws Exception {
    CountDownLatch goOn = new CountDownLatch(1);
    CountDownLatch again = new CountDownLatch(1);
    AtomicInteger runs = new AtomicInteger();
    AtomicInteger published = new AtomicInteger();
    Scripted type =
        new Scripted(run -> {
          if (runs.incrementAndGet() == 1) {
            // Deaf, as a process that does not run: it does not even ask whether it may go on.
            while (goOn.getCount() > 0) {
              try {
                goOn.await();
              } catch (InterruptedException e) {
                // A stopped process hears nothing.
                continue;
              }
            }
          } else {
            again.await();
          }
          return new JobOutcome(
              null,
              Json.mapper().createObjectNode().put("run", run.attempt()),
              transaction -> transaction.afterCommit(published::incrementAndGet));
        });
    Wiring node = room.worker("a", type);
    room.relay(node);
    Job job = JobRoom.submit(node, JobRoom.AURORA, JobRoom.request("test", "{}"));
    awaitState(job, JobState.RUNNING);
    await()
        .atMost(SOON)
        .until(() -> {
          withholdHeartbeat(job);
          return runs.get() == 2;
        });

    // The first one wakes up while the second works.
    goOn.countDown();
    await().atMost(SOON).until(() -> room.outcomes(job).getFirst().equals("fenced"));
    assertThat(published).hasValue(0);
    assertThat(room.state(job)).isEqualTo(JobState.RUNNING);
    again.countDown();
    awaitState(job, JobState.SUCCEEDED);

    assertThat(published).hasValue(1);
    assertThat(room.job(job).result().summary()).isEqualTo("{\"run\":2}");
    assertThat(room.outcomes(job)).containsExactly("fenced", "succeeded");
    assertThat(room.count("pilothouse.jobs.fenced")).isEqualTo(1);
  }

  @Test
  void shouldStopAnAttemptWhoseJobIsAnothers() {
    Scripted type = new Scripted(Scripted::untilStopped);
    Wiring node = room.worker("a", type);
    room.relay(node);
    Job job = JobRoom.submit(node, JobRoom.AURORA, JobRoom.request("test", "{}"));
    awaitState(job, JobState.RUNNING);
    await()
        .atMost(SOON)
        .until(() -> {
          withholdHeartbeat(job);
          return room.outcomes(job).getFirst().equals("fenced");
        });
    Job asked = node.decisions().cancel(JobRoom.ADA, job.pilot(), job.id());
    awaitState(job, JobState.CANCELLED);
  }

  @Test
  void shouldBeDeadWhenItsWorkersAreLostAgainAndAgain() {
    Scripted type = new Scripted(Scripted::untilStopped);
    Wiring node = room.worker("a", type);
    room.relay(node);
    Job job = JobRoom.submit(node, JobRoom.AURORA, JobRoom.request("test", "{}"));
    await()
        .atMost(SOON)
        .until(() -> {
          withholdHeartbeat(job);
          return room.state(job) == JobState.DEAD;
        });
    assertThat(room.outcomes(job)).hasSize(3);
    assertThat(room.job(job).error().code()).isEqualTo("lost");
  }

  @Test
  void shouldKeepForgedMessagesAside() {
    Wiring node = room.worker("a");
    room.relay(node);
    Job done = JobRoom.noop(node, "{}");
    awaitState(done, JobState.SUCCEEDED);

    UUID nobody = UUID.randomUUID();
    room.publish("noop.normal", "not json \u0000\u0001");
    room.publish("noop.normal", "{\"job_id\":\"../../etc\",\"type\":\"noop\"}");
    room.publish("noop.normal", "{\"job_id\":\"" + done.id() + "\",\"type\":\"other\"}");
    room.publish("noop.urgent", "{\"job_id\":\"" + nobody + "\",\"type\":\"noop\"}");
    room.publish("noop.normal", "{\"job_id\":\"" + done.id() + "\",\"type\":\"noop\"}");

    await().atMost(SOON).until(() -> node.strays().list(Long.MAX_VALUE, 10).size() == 3);
    assertThat(node.strays().list(Long.MAX_VALUE, 10))
        .extracting(Strays.Stray::reason)
        .containsExactlyInAnyOrder("unreadable", "unreadable", "unknown_job");
    // Messages of jobs that are gone, or done, are no errors.
    await().atMost(SOON).until(() -> room.count("pilothouse.jobs.messages.idle") >= 2);
    assertThat(room.outcomes(done)).containsExactly("succeeded");
  }

  @Test
  void shouldCountADeadLetterOfAWaitingJobAsAnAttempt() {
    Wiring web = room.web();
    Job job = JobRoom.noop(web, "{}");
    Wiring node = room.worker("a");
    RabbitConnection broker = room.broker();
    // Bound by then, too.
    await().atMost(SOON).until(() -> broker.ready(room.exchange + ".noop.urgent").isPresent());
    for (int i = 1; i <= 5; i++) {
      int attempt = i;
      room.execute(
          "UPDATE jobs.job SET dispatched_at = now(), not_before = NULL WHERE job_id = ? AND state ="
              + " 'queued'",
          job.id());
      publishDead("{\"job_id\":\"" + job.id() + "\",\"type\":\"noop\"}");
      await().atMost(SOON).until(() -> room.attempts(job).size() == attempt);
    }
    assertThat(room.state(job)).isEqualTo(JobState.DEAD);
    assertThat(room.job(job).error().code()).isEqualTo("undeliverable");
    assertThat(node.strays().list(Long.MAX_VALUE, 10)).isEmpty();

    publishDead("{\"job_id\":\"" + job.id() + "\",\"type\":\"noop\"}");
    await().atMost(SOON).until(() -> !node.strays().list(Long.MAX_VALUE, 10).isEmpty());
    assertThat(node.strays().list(Long.MAX_VALUE, 10).getFirst().reason()).isEqualTo("ended_job");
  }

  private void publishDead(String body) {
    room.publishTo(room.exchange + ".dead", "noop.normal", body);
  }

  @Test
  void shouldMakeAQueueAgainThatWasDeletedByHand() {
    Wiring node = room.worker("a");
    room.relay(node);
    Job first = JobRoom.noop(node, "{}");
    awaitState(first, JobState.SUCCEEDED);

    RabbitConnection broker = room.broker();
    Queues.delete(broker, room.exchange + ".noop.normal");
    Job second = JobRoom.noop(node, "{}");
    awaitState(second, JobState.SUCCEEDED);
  }

  @Test
  void shouldSendAgainWhatTheBrokerHasLost() {
    Wiring web = room.web();
    room.relay(web);
    Job job = JobRoom.noop(web, "{}");
    RabbitConnection broker = room.broker();
    String queue = room.exchange + ".noop.normal";
    await().atMost(SOON).until(() -> broker.ready(queue).orElse(0) == 1);
    Queues.delete(broker, queue);

    Wiring node = room.worker("a");
    awaitState(job, JobState.SUCCEEDED);
    assertThat(room.outcomes(job)).containsExactly("succeeded");
  }

  @Test
  void shouldTakeJobsWhileTheBrokerIsAwayAndDoThemLater() {
    Wiring web = room.web();
    List<Job> jobs =
        java.util.stream.Stream.generate(() -> JobRoom.noop(web, "{}")).limit(5).toList();
    assertThat(jobs).allSatisfy(job -> assertThat(room.state(job)).isEqualTo(JobState.QUEUED));

    Wiring node = room.worker("a");
    room.relay(node);
    jobs.forEach(job -> awaitState(job, JobState.SUCCEEDED));
  }

  @Test
  void shouldLeaveJobsToAnotherNodeWhileItHasNoRoom() throws Exception {
    CountDownLatch release = new CountDownLatch(1);
    room.settings.put("pilothouse.jobs.at-once", "test:1");
    Scripted busy =
        new Scripted(run -> {
          while (!release.await(20, TimeUnit.MILLISECONDS)) {
            run.goOn();
          }
          return Scripted.done();
        });
    Wiring first = room.worker("a", busy);
    room.relay(first);
    Job running = JobRoom.submit(first, JobRoom.AURORA, JobRoom.request("test", "{}"));
    awaitState(running, JobState.RUNNING);
    Job waiting = JobRoom.submit(first, JobRoom.AURORA, JobRoom.request("test", "{}"));
    // In the queue again, though this node may have had it in hand.
    RabbitConnection broker = room.broker();
    await().atMost(SOON).until(() -> broker.ready(room.exchange + ".test.normal").orElse(0) == 1);

    Wiring other = room.worker("b", new Scripted(run -> Scripted.done()));
    awaitState(waiting, JobState.SUCCEEDED);
    assertThat(room.attempts(waiting).getFirst().node()).isEqualTo("b");
    assertThat(room.state(running)).isEqualTo(JobState.RUNNING);
    release.countDown();
    awaitState(running, JobState.SUCCEEDED);
  }
}
