package org.pilothouse.jobs.internal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.pilothouse.jobs.JobLimits;
import org.pilothouse.kernel.Problem;
import org.pilothouse.kernel.ProblemCode;

/** Who comes when: windows, classes, quotas, and what is asked for twice. */
@Timeout(150)
class LineIT {
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

  private static Submissions.Request keyed(String parameters, String key) {
    return new Submissions.Request(
        "noop", JobRoom.json(parameters), null, Priority.NORMAL, null, key);
  }

  private int dispatched(org.pilothouse.pilots.Pilot pilot) {
    return room.database.inPilot(
        pilot.id(),
        transaction ->
            transaction
                .createQuery("SELECT count(*) FROM jobs.job WHERE dispatched_at IS NOT NULL")
                .mapTo(Integer.class)
                .one());
  }

  @Test
  void shouldNotLetOnePilotsManyHoldUpAnothersOne() {
    room.settings.put("pilothouse.jobs.window", "4");
    room.settings.put("pilothouse.jobs.at-once", "test:1");
    List<String> order = Collections.synchronizedList(new ArrayList<>());
    Scripted type =
        new Scripted(run -> {
          order.add(run.pilot().value());
          return Scripted.done();
        });
    Wiring web = room.web(type);
    List<Job> many = new ArrayList<>();
    for (int i = 0; i < 40; i++) {
      many.add(JobRoom.submit(web, JobRoom.AURORA, JobRoom.request("test", "{}")));
    }
    assertThat(dispatched(JobRoom.AURORA)).isEqualTo(4);
    Job one = JobRoom.submit(web, JobRoom.BOREAL, JobRoom.request("test", "{}"));

    Wiring node = room.worker("a", type);
    room.relay(node);
    await()
        .atMost(SOON)
        .until(() -> many.stream().allMatch(job -> room.state(job) == JobState.SUCCEEDED));
    assertThat(room.state(one)).isEqualTo(JobState.SUCCEEDED);
    // Behind a window at most, and one that the worker has in hand.
    assertThat(order.indexOf("boreal")).isLessThanOrEqualTo(6);
    assertThat(order).hasSize(41);
  }

  @Test
  void shouldTakeUrgentOnesFirstButNotOnlyThem() {
    room.settings.put("pilothouse.jobs.at-once", "test:1");
    List<Integer> order = Collections.synchronizedList(new ArrayList<>());
    Scripted type =
        new Scripted(run -> {
          order.add(run.parameters().path("n").asInt());
          return Scripted.done();
        });
    Wiring web = room.web(type);
    room.relay(web);
    for (int i = 0; i < 4; i++) {
      Job unused = JobRoom.submit(web, JobRoom.AURORA, JobRoom.request("test", "{\"n\":0}"));
    }
    for (int i = 0; i < 20; i++) {
      Job unused = JobRoom.submit(web, JobRoom.AURORA, JobRoom.urgent("test", "{\"n\":1}"));
    }
    var broker = room.broker();
    await()
        .atMost(SOON)
        .until(() ->
            broker.ready(room.exchange + ".test.normal").orElse(0) == 4
                && broker.ready(room.exchange + ".test.urgent").orElse(0) == 20);

    Wiring node = room.worker("a", type);
    await().atMost(SOON).until(() -> order.size() == 24);
    // All the normal ones came while urgent ones waited, and urgent ones came between them.
    assertThat(order.subList(0, 20)).filteredOn(n -> n == 0).hasSizeGreaterThanOrEqualTo(3);
    assertThat(order.subList(0, 8)).filteredOn(n -> n == 1).hasSizeGreaterThanOrEqualTo(4);
  }

  @Test
  void shouldRefuseMoreThanMayWaitAndHoldUpMoreThanMayRun() {
    Wiring web = room.web();
    Limits.Of set = web.limits().put(JobRoom.ADA, JobRoom.AURORA.id(), new Limits.Of(3, 1));
    assertThat(web.limits().of(JobRoom.AURORA.id())).isEqualTo(set);
    for (int i = 0; i < 3; i++) {
      Job unused = JobRoom.noop(web, "{}");
    }
    assertThatThrownBy(() -> JobRoom.noop(web, "{}"))
        .isInstanceOfSatisfying(
            Problem.class, e -> assertThat(e.code()).isEqualTo(ProblemCode.LIMIT_REACHED));
    assertThat(dispatched(JobRoom.AURORA)).isEqualTo(1);
    Job others = JobRoom.submit(web, JobRoom.BOREAL, JobRoom.request("noop", "{}"));
    assertThat(others.state()).isEqualTo(JobState.QUEUED);

    Wiring node = room.worker("a");
    room.relay(node);
    await()
        .atMost(SOON)
        .until(() ->
            web.catalogue().summary(JobRoom.AURORA.id()).counts().get(JobState.SUCCEEDED) == 3);
    assertThat(room.trail.actions()).contains("job.limits");
  }

  @Test
  void shouldHoldUpAllJobsOfAPilotThatMayRunNone() {
    Wiring node = room.worker("a");
    room.relay(node);
    Limits.Of none = node.limits().put(JobRoom.ADA, JobRoom.AURORA.id(), new Limits.Of(10, 0));
    Job job = JobRoom.noop(node, "{}");
    assertThat(dispatched(JobRoom.AURORA)).isZero();
    Job other = JobRoom.submit(node, JobRoom.BOREAL, JobRoom.request("noop", "{}"));
    await().atMost(SOON).until(() -> room.state(other) == JobState.SUCCEEDED);
    assertThat(room.state(job)).isEqualTo(JobState.QUEUED);

    Limits.Of some = node.limits().put(JobRoom.ADA, JobRoom.AURORA.id(), new Limits.Of(10, 1));
    await().atMost(SOON).until(() -> room.state(job) == JobState.SUCCEEDED);
  }

  @Test
  void shouldMakeOneJobOfOneKey() throws Exception {
    Wiring web = room.web();
    List<Callable<Submissions.Outcome>> asked = new ArrayList<>();
    for (int i = 0; i < 16; i++) {
      asked.add(() ->
          web.submissions().submit(JobRoom.ADA, JobRoom.AURORA, keyed("{\"millis\":1}", "k-1")));
    }
    List<UUID> jobs = new ArrayList<>();
    int made = 0;
    try (ExecutorService pool = Executors.newFixedThreadPool(8)) {
      for (Future<Submissions.Outcome> each : pool.invokeAll(asked)) {
        switch (each.get()) {
          case Submissions.Outcome.Made(Job job) -> {
            made++;
            jobs.add(job.id());
          }
          case Submissions.Outcome.Repeated(Job job) -> jobs.add(job.id());
          case Submissions.Outcome.Refused(Problem problem) -> throw problem;
        }
      }
    }
    assertThat(made).isEqualTo(1);
    assertThat(jobs).hasSize(16).containsOnly(jobs.getFirst());

    assertThat(web.submissions().submit(JobRoom.ADA, JobRoom.AURORA, keyed("{}", "k-1")))
        .isInstanceOfSatisfying(
            Submissions.Outcome.Refused.class,
            refused -> assertThat(refused.problem().code()).isEqualTo(ProblemCode.CONFLICT));
    // Another pilot's keys are its own.
    assertThat(web.submissions().submit(JobRoom.ADA, JobRoom.BOREAL, keyed("{}", "k-1")))
        .isInstanceOf(Submissions.Outcome.Made.class);
  }

  @Test
  void shouldSayWhereParametersDoNotFit() {
    Scripted type = new Scripted(run -> Scripted.done());
    Wiring web = room.web(type);
    refused(web, "{\"n\":-1}", "/parameters/n");
    refused(web, "{\"m\":1}", "/parameters/m");
    refused(web, "{\"of\":{\"name\":3}}", "/parameters/of/name");
    refused(web, "{\"of\":{\"a/b\":3}}", "/parameters/of/a~1b");
    assertThatThrownBy(() -> JobRoom.submit(web, JobRoom.AURORA, JobRoom.request("nothing", "{}")))
        .isInstanceOfSatisfying(Problem.class, e -> assertThat(e.path()).isEqualTo("/type"));
    assertThat(room.trail.events).isEmpty();
  }

  private static void refused(Wiring web, String parameters, String path) {
    assertThatThrownBy(
            () -> JobRoom.submit(web, JobRoom.AURORA, JobRoom.request("test", parameters)))
        .isInstanceOfSatisfying(
            Problem.class,
            e -> {
              assertThat(e.code()).isEqualTo(ProblemCode.INVALID_PARAMETERS);
              assertThat(e.path()).isEqualTo(path);
            });
  }

  @Test
  void shouldListWhatFits() {
    Wiring web = room.web();
    Job first = JobRoom.noop(web, "{}");
    Job second =
        JobRoom.submit(
            web,
            JobRoom.AURORA,
            new Submissions.Request(
                "noop", JobRoom.json("{}"), "Monday's pumps", Priority.URGENT, null, null));
    Job others = JobRoom.submit(web, JobRoom.BOREAL, JobRoom.request("noop", "{}"));
    assertThat(list(web, none())).extracting(Job::id).containsExactly(second.id(), first.id());
    assertThat(list(web, text("PUMPS"))).extracting(Job::id).containsExactly(second.id());
    assertThat(list(web, text(first.id().toString())))
        .extracting(Job::id)
        .containsExactly(first.id());
    assertThat(web.catalogue().list(JobRoom.AURORA.id(), none(), second.id(), 10))
        .extracting(Job::id)
        .containsExactly(first.id());
    assertThat(web.catalogue().find(JobRoom.AURORA.id(), others.id())).isEmpty();
    assertThat(
            list(
                web,
                new JobCatalogue.Filter(
                    List.of(JobState.RUNNING, JobState.DEAD),
                    Optional.of("noop"),
                    Optional.empty(),
                    Optional.of("person:ada"),
                    Optional.empty(),
                    Optional.of(Instant.EPOCH),
                    Optional.of(Instant.parse("2999-01-01T00:00:00Z")))))
        .isEmpty();
  }

  private static List<Job> list(Wiring web, JobCatalogue.Filter filter) {
    return web.catalogue().list(JobRoom.AURORA.id(), filter, null, 10);
  }

  private static JobCatalogue.Filter none() {
    return text(null);
  }

  private static JobCatalogue.Filter text(String text) {
    return new JobCatalogue.Filter(
        List.of(),
        Optional.empty(),
        Optional.ofNullable(text),
        Optional.empty(),
        Optional.empty(),
        Optional.empty(),
        Optional.empty());
  }

  @Test
  void shouldForgetWhatEndedLongAgo() {
    room.settings.put("pilothouse.jobs.keep", "PT1H");
    Wiring web = room.web();
    Job old = JobRoom.submit(web, JobRoom.AURORA, keyed("{}", "k"));
    Job young = JobRoom.noop(web, "{}");
    for (Job each : List.of(old, young)) {
      Job unused = web.decisions().cancel(JobRoom.ADA, each.pilot(), each.id());
    }
    room.execute(
        "UPDATE jobs.job SET finished_at = now() - interval '2 hours' WHERE job_id = ?", old.id());
    assertThat(web.recovery().forget()).isEqualTo(1);
    assertThat(web.catalogue().find(old.pilot(), old.id())).isEmpty();
    assertThat(web.catalogue().find(young.pilot(), young.id())).isPresent();
  }

  @Test
  void shouldNotTakeTwoTypesOfOneName() {
    JobLimits limits = new JobLimits(1, 1, Duration.ofSeconds(1), 0);
    Wiring web = room.web(new Scripted(limits, run -> Scripted.done()));
    assertThatThrownBy(() -> web.start(List.of(new Scripted(limits, run -> Scripted.done()))))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("test");
  }
}
