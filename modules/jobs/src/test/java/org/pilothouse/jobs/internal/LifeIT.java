package org.pilothouse.jobs.internal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import java.nio.file.Files;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.pilothouse.jobs.JobFailed;
import org.pilothouse.jobs.JobLimits;
import org.pilothouse.jobs.JobOutcome;
import org.pilothouse.kernel.Problem;
import org.pilothouse.kernel.ProblemCode;
import org.pilothouse.platform.web.Caller;
import org.pilothouse.platform.web.Json;

/** What becomes of jobs on real servers. */
@Timeout(120)
class LifeIT {
  private static final Caller.Person BEN =
      new Caller.Person("ben", Set.of("pilot-operator"), JobRoom.AURORA.id(), "credential", false);

  private static final Duration SOON = Duration.ofSeconds(45);

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

  @Test
  void shouldDoAJobAndTellOfIt() {
    Scripted type =
        new Scripted(run -> {
          assertThat(run.directory()).isEmptyDirectory();
          var file = Files.writeString(run.directory().resolve("a"), "a");
          run.log("began");
          run.warn("careful");
          run.progress(3, 4, "nearly");
          return new JobOutcome(
              "dataset-1",
              Json.mapper().createObjectNode().put("n", run.parameters().path("n").asInt()),
              JobOutcome.NOTHING);
        });
    Wiring node = room.worker("a", type);
    room.relay(node);

    Job job = JobRoom.submit(node, JobRoom.AURORA, JobRoom.request("test", "{\"n\":7}"));
    assertThat(job.state()).isEqualTo(JobState.QUEUED);
    awaitState(job, JobState.SUCCEEDED);

    Job done = room.job(job);
    assertThat(done.result()).isEqualTo(new Job.Result("dataset-1", "{\"n\":7}"));
    assertThat(done.progress()).isEqualTo(new Job.Progress(3, 4, "nearly"));
    assertThat(done.attempts()).isEqualTo(1);
    assertThat(done.requestedBy()).isEqualTo("person:ada");
    assertThat(done.startedAt()).isNotNull();
    assertThat(done.finishedAt()).isNotNull();
    assertThat(room.outcomes(job)).containsExactly("succeeded");
    LogLines.Read log = node.logLines().read(job.pilot(), job.id(), 1, 0, 50);
    assertThat(log.lines()).extracting(LogLines.Line::text).containsExactly("began", "careful");
    assertThat(log.lines()).extracting(LogLines.Line::level).containsExactly("info", "warn");
    assertThat(log.open()).isFalse();
    assertThat(room.trail.actions()).containsExactly("job.submit");
    assertThat(type.runs.getFirst().caller().actor()).isEqualTo("person:ada");
    await().atMost(SOON).until(() -> !Files.exists(type.runs.getFirst().directory()));
  }

  @Test
  void shouldTryAgainLaterAndThenLetItBeDead() {
    Scripted type =
        new Scripted(run -> {
          throw new IllegalStateException("broken");
        });
    Wiring node = room.worker("a", type);
    room.relay(node);

    Job job = JobRoom.submit(node, JobRoom.AURORA, JobRoom.request("test", "{}"));
    awaitState(job, JobState.DEAD);

    assertThat(room.outcomes(job)).containsExactly("failed", "failed", "failed");
    assertThat(room.job(job).error().code()).isEqualTo("internal");
    assertThat(room.job(job).error().detail()).doesNotContain("broken");
    List<JobCatalogue.Attempt> attempts = room.attempts(job);
    // Half of the back-off at least, which the store's clock has measured.
    assertThat(Duration.between(attempts.get(0).endedAt(), attempts.get(1).startedAt()))
        .isGreaterThanOrEqualTo(Duration.ofMillis(100));
    assertThat(Duration.between(attempts.get(1).endedAt(), attempts.get(2).startedAt()))
        .isGreaterThanOrEqualTo(Duration.ofMillis(200));

    Job retried = node.decisions().retry(JobRoom.ADA, JobRoom.AURORA, job.id(), null);
    assertThat(retried.attempts()).isZero();
    awaitState(job, JobState.DEAD);
    assertThat(room.outcomes(job)).hasSize(6);
    Job dropped = node.decisions().drop(JobRoom.ADA, job.pilot(), job.id(), "nobody needs it");
    assertThat(dropped.state()).isEqualTo(JobState.CANCELLED);
    assertThat(dropped.error()).isEqualTo(new Job.Failure("dropped", "nobody needs it"));
    assertThat(room.trail.actions()).containsExactly("job.submit", "job.retry", "job.drop");
  }

  @Test
  void shouldSucceedWhenALaterAttemptDoes() {
    Wiring node = room.worker("a");
    room.relay(node);
    Job job = JobRoom.noop(node, "{\"fail_attempts\":2}");
    awaitState(job, JobState.SUCCEEDED);
    assertThat(room.outcomes(job)).containsExactly("failed", "failed", "succeeded");
    assertThat(room.job(job).error()).isNull();
  }

  @Test
  void shouldFailAtOnceWhenAnotherAttemptWouldEndTheSameWay() {
    Scripted type =
        new Scripted(run -> {
          throw new JobFailed(ProblemCode.NOT_FOUND, "The dataset is gone.");
        });
    Wiring node = room.worker("a", type);
    room.relay(node);
    Job job = JobRoom.submit(node, JobRoom.AURORA, JobRoom.request("test", "{}"));
    awaitState(job, JobState.FAILED);
    assertThat(room.job(job).error())
        .isEqualTo(new Job.Failure("not_found", "The dataset is gone."));
    assertThat(room.outcomes(job)).containsExactly("failed");

    Job retried = node.decisions().retry(BEN, JobRoom.AURORA, job.id(), JobRoom.json("{\"n\":2}"));
    assertThat(retried.parameters()).isEqualTo("{\"n\":2}");
    assertThat(retried.requestedBy()).isEqualTo("person:ben");
    awaitState(job, JobState.FAILED);
    assertThat(type.runs.getLast().parameters().path("n").asInt()).isEqualTo(2);
  }

  @Test
  void shouldStopARunningJobWithinTwoSecondsWhenItIsCancelled() {
    AtomicReference<Instant> interrupted = new AtomicReference<>();
    Scripted type =
        new Scripted(run -> {
          run.onStop(() -> interrupted.set(Instant.now()));
          return Scripted.untilStopped(run);
        });
    Wiring node = room.worker("a", type);
    Wiring web = room.web(new Scripted(run -> Scripted.done()));
    room.relay(node);
    Job job = JobRoom.submit(web, JobRoom.AURORA, JobRoom.request("test", "{}"));
    awaitState(job, JobState.RUNNING);

    Job asked = web.decisions().cancel(JobRoom.ADA, job.pilot(), job.id());
    assertThat(asked.cancelRequested()).isTrue();
    assertThat(web.decisions().cancel(JobRoom.ADA, job.pilot(), job.id()).revision())
        .isEqualTo(asked.revision());
    awaitState(job, JobState.CANCELLED);

    assertThat(interrupted.get()).isNotNull();
    assertThat(room.outcomes(job)).containsExactly("cancelled");
    assertThatThrownBy(() -> web.decisions().cancel(JobRoom.ADA, job.pilot(), job.id()))
        .isInstanceOfSatisfying(
            Problem.class, e -> assertThat(e.code()).isEqualTo(ProblemCode.CONFLICT));
    assertThat(room.trail.actions()).containsExactly("job.submit", "job.cancel");
  }

  @Test
  void shouldStopWhatDoesNotAskWhenItIsCancelled() {
    CountDownLatch never = new CountDownLatch(1);
    Scripted type =
        new Scripted(run -> {
          never.await();
          return Scripted.done();
        });
    Wiring node = room.worker("a", type);
    room.relay(node);
    Job job = JobRoom.submit(node, JobRoom.AURORA, JobRoom.request("test", "{}"));
    awaitState(job, JobState.RUNNING);
    Job asked = node.decisions().cancel(JobRoom.ADA, job.pilot(), job.id());
    awaitState(job, JobState.CANCELLED);
  }

  @Test
  void shouldCancelAtOnceWhatWaits() {
    Wiring web = room.web();
    Job job = JobRoom.noop(web, "{}");
    assertThat(web.decisions().cancel(JobRoom.ADA, job.pilot(), job.id()).state())
        .isEqualTo(JobState.CANCELLED);

    // Its message is still on its way, and no worker takes it for a job to be done.
    Wiring node = room.worker("a");
    room.relay(node);
    await().atMost(SOON).until(() -> room.count("pilothouse.jobs.messages.idle") >= 1);
    assertThat(room.state(job)).isEqualTo(JobState.CANCELLED);
    assertThat(room.attempts(job)).isEmpty();
  }

  @Test
  void shouldEndAJobWhoseDeadlineHasPassed() {
    Scripted type = new Scripted(Scripted::untilStopped);
    Wiring node = room.worker("a", type);
    room.relay(node);
    Job job =
        JobRoom.submit(
            node,
            JobRoom.AURORA,
            new Submissions.Request(
                "test",
                JobRoom.json("{}"),
                "soon",
                Priority.NORMAL,
                Instant.now().plusSeconds(2),
                null));
    awaitState(job, JobState.FAILED);
    assertThat(room.job(job).error().code()).isEqualTo("deadline_passed");

    room.stopRelay();
    Job waiting =
        JobRoom.submit(
            node,
            JobRoom.AURORA,
            new Submissions.Request(
                "noop",
                JobRoom.json("{}"),
                null,
                Priority.NORMAL,
                Instant.now().plusSeconds(1),
                null));
    awaitState(waiting, JobState.FAILED);
    assertThat(room.job(waiting).error().code()).isEqualTo("deadline_passed");
    assertThat(room.attempts(waiting)).isEmpty();
  }

  @Test
  void shouldStopWhatTakesTooLongAndTryItAgain() {
    Scripted type =
        new Scripted(new JobLimits(2, 4, Duration.ofMillis(700), 1 << 20), Scripted::untilStopped);
    Wiring node = room.worker("a", type);
    room.relay(node);
    Job job = JobRoom.submit(node, JobRoom.AURORA, JobRoom.request("test", "{}"));
    awaitState(job, JobState.DEAD);
    assertThat(room.job(job).error().code()).isEqualTo("timed_out");
    assertThat(room.outcomes(job)).containsExactly("failed", "failed");
  }

  @Test
  void shouldStopWhatWritesTooMuch() {
    Scripted type =
        new Scripted(run -> {
          var file = Files.write(run.directory().resolve("big"), new byte[2 << 20]);
          return Scripted.untilStopped(run);
        });
    Wiring node = room.worker("a", type);
    room.relay(node);
    Job job = JobRoom.submit(node, JobRoom.AURORA, JobRoom.request("test", "{}"));
    awaitState(job, JobState.FAILED);
    assertThat(room.job(job).error().code()).isEqualTo("directory_full");
    await().atMost(SOON).until(() -> !Files.exists(type.runs.getFirst().directory()));
  }

  @Test
  void shouldPublishOnceAndOnlyWithTheEnd() {
    AtomicInteger published = new AtomicInteger();
    AtomicInteger refused = new AtomicInteger(2);
    Scripted type =
        new Scripted(run ->
            new JobOutcome(
                null,
                Json.mapper().createObjectNode(),
                transaction -> {
                  if (refused.getAndDecrement() > 0) {
                    throw Problem.of(ProblemCode.CONFLICT, "The quota is full.");
                  }
                  transaction.afterCommit(published::incrementAndGet);
                }));
    Wiring node = room.worker("a", type);
    room.relay(node);
    Job job = JobRoom.submit(node, JobRoom.AURORA, JobRoom.request("test", "{}"));
    awaitState(job, JobState.SUCCEEDED);
    assertThat(published).hasValue(1);
    assertThat(room.outcomes(job)).containsExactly("failed", "failed", "succeeded");
  }

  @Test
  void shouldKeepALongLogWhole() {
    Wiring node = room.worker("a");
    room.relay(node);
    Job job = JobRoom.noop(node, "{\"log_lines\":3000}");
    awaitState(job, JobState.SUCCEEDED);

    JobCatalogue.Attempt attempt = room.attempts(job).getFirst();
    assertThat(attempt.logLines()).isEqualTo(3000);
    assertThat(attempt.logKey()).isNotNull();
    List<String> texts = new ArrayList<>();
    for (int after = 0; after < 3000; after += 500) {
      node.logLines()
          .read(job.pilot(), job.id(), 1, after, 500)
          .lines()
          .forEach(line -> texts.add(line.text()));
    }
    assertThat(texts).hasSize(3000).startsWith("line 1").endsWith("line 3000");
  }

  @Test
  void shouldGiveBackWhatRunsWhenTheNodeStops() throws Exception {
    CountDownLatch second = new CountDownLatch(1);
    AtomicInteger attempts = new AtomicInteger();
    Scripted type =
        new Scripted(run -> {
          if (attempts.incrementAndGet() == 1) {
            return Scripted.untilStopped(run);
          }
          second.countDown();
          return Scripted.done();
        });
    Wiring first = room.worker("a", type);
    room.relay(first);
    Job job = JobRoom.submit(first, JobRoom.AURORA, JobRoom.request("test", "{}"));
    awaitState(job, JobState.RUNNING);

    first.close();
    assertThat(room.state(job)).isEqualTo(JobState.QUEUED);
    assertThat(room.job(job).attempts()).isZero();
    Wiring other = room.worker("b", type);
    assertThat(second.await(SOON.toSeconds(), TimeUnit.SECONDS)).isTrue();
    awaitState(job, JobState.SUCCEEDED);
    assertThat(room.outcomes(job)).containsExactly("released", "succeeded");
  }
}
