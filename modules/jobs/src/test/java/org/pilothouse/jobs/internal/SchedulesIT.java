package org.pilothouse.jobs.internal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import java.time.DayOfWeek;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalTime;
import java.time.ZoneId;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.pilothouse.jobs.JobType;
import org.pilothouse.jobs.Submission;
import org.pilothouse.kernel.Problem;
import org.pilothouse.kernel.ProblemCode;
import org.pilothouse.pilots.Pilot;
import org.pilothouse.platform.web.Caller;

@Timeout(120)
class SchedulesIT {
  private static final Duration SOON = Duration.ofSeconds(45);
  private static final Timetable DAILY =
      new Timetable(EnumSet.allOf(DayOfWeek.class), LocalTime.of(6, 0));

  private JobRoom room;

  @BeforeEach
  void open() {
    room = JobRoom.open();
  }

  @AfterEach
  void close() throws Exception {
    room.close();
  }

  private static Schedules.Wanted wanted(boolean enabled) {
    return new Schedules.Wanted(
        "Every day", "noop", JobRoom.json("{}"), DAILY, Priority.NORMAL, enabled);
  }

  /** As if nothing had run since then. */
  private void missed(Schedule schedule, String ago) {
    room.execute(
        "UPDATE jobs.schedule SET next_at = now() - ?::interval WHERE schedule_id = ?",
        ago,
        schedule.id());
  }

  private List<Job> jobsOf(Wiring at, Schedule schedule) {
    return at.catalogue()
        .list(
            schedule.pilot(),
            new JobCatalogue.Filter(
                List.of(),
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                Optional.of(schedule.id()),
                Optional.empty(),
                Optional.empty()),
            null,
            100);
  }

  @Test
  void shouldMakeUpForMissedTimesOnceWhicheverNodeIsFirst() {
    Wiring web = room.web();
    Schedule schedule = web.schedules().create(JobRoom.ADA, JobRoom.AURORA, wanted(true));
    assertThat(schedule.nextAt()).isAfter(Instant.now());
    missed(schedule, "5 days");

    Wiring first = room.worker("a");
    Wiring second = room.worker("b");
    room.relay(first);
    await().atMost(SOON).until(() -> !jobsOf(web, schedule).isEmpty());
    Job job = jobsOf(web, schedule).getFirst();
    await().atMost(SOON).until(() -> room.state(job) == JobState.SUCCEEDED);

    Schedule now = web.schedules().require(schedule.pilot(), schedule.id());
    assertThat(now.lastJob()).isEqualTo(job.id());
    assertThat(now.nextAt()).isAfter(Instant.now());
    assertThat(job.name()).isEqualTo("Every day");
    assertThat(job.requestedBy()).isEqualTo("person:ada");
    // Both nodes go on looking; none makes a second one.
    missed(schedule, "1 second");
    await().atMost(SOON).until(() -> jobsOf(web, schedule).size() == 2);
    assertThat(jobsOf(web, schedule)).hasSize(2);
    assertThat(room.trail.actions()).contains("schedule.create", "job.submit");
  }

  @Test
  void shouldChangeWithItsRevisionAndBeRemoved() {
    Wiring web = room.web();
    Schedule made = web.schedules().create(JobRoom.ADA, JobRoom.AURORA, wanted(true));
    assertThatThrownBy(() ->
            web.schedules().put(JobRoom.ADA, JobRoom.AURORA, made.id(), "\"9\"", wanted(false)))
        .isInstanceOfSatisfying(
            Problem.class, e -> assertThat(e.code()).isEqualTo(ProblemCode.PRECONDITION_FAILED));
    Schedule off =
        web.schedules().put(JobRoom.ADA, JobRoom.AURORA, made.id(), "\"1\"", wanted(false));
    assertThat(off.nextAt()).isNull();
    assertThat(off.revision()).isEqualTo(2);
    assertThat(web.schedules().list(made.pilot())).containsExactly(off);
    web.schedules().delete(JobRoom.ADA, made.pilot(), made.id());
    assertThatThrownBy(() -> web.schedules().require(made.pilot(), made.id()))
        .isInstanceOf(Problem.class);
  }

  @Test
  void shouldFollowThePilotToAnotherZone() {
    Wiring node = room.worker("a");
    Schedule schedule = node.schedules().create(JobRoom.ADA, JobRoom.AURORA, wanted(true));
    Pilot moved =
        new Pilot(
            JobRoom.AURORA.id(),
            "aurora",
            ZoneId.of("Asia/Tokyo"),
            JobRoom.AURORA.storage(),
            JobRoom.AURORA.retention(),
            2,
            Instant.EPOCH,
            Instant.EPOCH);
    room.pilots.there.put(moved.id(), moved);
    await()
        .atMost(SOON)
        .untilAsserted(() ->
            assertThat(
                    node.schedules()
                        .require(moved.id(), schedule.id())
                        .nextAt()
                        .atZone(moved.timeZone())
                        .toLocalTime())
                .isEqualTo(LocalTime.of(6, 0)));
  }

  @Test
  void shouldSayWhyNoJobWasAskedFor() {
    Scripted plain = new Scripted(run -> Scripted.done());
    JobType picky =
        new JobType() {
          @Override
          public String name() {
            return "test";
          }

          @Override
          public String parametersSchema() {
            return plain.parametersSchema();
          }

          @Override
          public org.pilothouse.jobs.JobLimits limits() {
            return plain.limits();
          }

          @Override
          public void check(Submission wanted) {
            if (wanted.caller() instanceof Caller.Person person
                && person.credential().startsWith("job-schedule:")) {
              assertThat(person.roles()).isEqualTo(Set.of("pilot-operator"));
              throw Problem.at(ProblemCode.INVALID_VALUE, "/parameters/n", "The dataset is gone.");
            }
          }

          @Override
          public org.pilothouse.jobs.JobOutcome run(org.pilothouse.jobs.JobRun run) {
            return Scripted.done();
          }
        };
    Wiring node = room.worker("a", picky);
    Schedule schedule =
        node.schedules()
            .create(
                JobRoom.ADA,
                JobRoom.AURORA,
                new Schedules.Wanted(
                    "n", "test", JobRoom.json("{}"), DAILY, Priority.NORMAL, true));
    missed(schedule, "1 minute");
    await()
        .atMost(SOON)
        .untilAsserted(() ->
            assertThat(node.schedules().require(schedule.pilot(), schedule.id()).error())
                .isEqualTo(new Job.Failure("invalid_value", "The dataset is gone.")));
    Schedule now = node.schedules().require(schedule.pilot(), schedule.id());
    assertThat(now.nextAt()).isAfter(Instant.now());
    UUID last = now.lastJob();
    assertThat(last).isNull();
  }
}
