package org.pilothouse.warehouse.internal;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.jdbi.v3.core.Handle;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.pilothouse.kernel.EventIds;
import org.pilothouse.kernel.PilotId;
import org.pilothouse.kernel.Problem;
import org.pilothouse.kernel.ProblemCode;
import org.pilothouse.pilots.AuditEvent;
import org.pilothouse.pilots.AuditTrail;
import org.pilothouse.pilots.Pilot;
import org.pilothouse.pilots.PilotDirectory;
import org.pilothouse.platform.web.Caller;
import org.pilothouse.testkit.TestDatabase;
import org.pilothouse.warehouse.CloseReason;
import org.pilothouse.warehouse.PilotDay;

/** Whose turn it is, where several pilots have days to close. */
@Timeout(120)
class TurnsIT {
  private static final PilotId AURORA = new PilotId("aurora");
  private static final PilotId BOREALIS = new PilotId("borealis");
  private static final LocalDate LONG_AGO = LocalDate.of(2026, 1, 1);
  private static final LocalDate YESTERDAY = LocalDate.of(2026, 7, 1);
  private static final Duration LEASE = Duration.ofMinutes(1);
  private static final Caller ADA =
      new Caller.Person("ada", Set.of("pilot-admin"), AURORA, "c", false);

  private final TestDatabase postgres = TestDatabase.create(List.of("warehouse"));
  private final Dumps dumps = new Dumps(postgres.database(), new Silent());

  @AfterEach
  void close() throws Exception {
    postgres.close();
  }

  @Test
  void shouldTakeTheRunThatHasWaitedLongestHoweverOldTheDaysOfOthersAre() {
    begin(BOREALIS, YESTERDAY);
    begin(AURORA, LONG_AGO);

    assertThat(claimed()).isEqualTo(BOREALIS + " " + YESTERDAY);
    begin(AURORA, LONG_AGO.plusDays(1));
    assertThat(claimed()).isEqualTo(AURORA + " " + LONG_AGO);
    assertThat(claimed()).isEqualTo(AURORA + " " + LONG_AGO.plusDays(1));
    assertThat(dumps.claim("one", LEASE, null)).isEmpty();
  }

  @Test
  void shouldNotPutOffARunThatIsTriedAgainForNewOnes() {
    begin(BOREALIS, YESTERDAY);
    assertThat(claimed()).isEqualTo(BOREALIS + " " + YESTERDAY);
    platform("UPDATE warehouse.dump SET lease_until = now() - interval '1 s'");
    begin(AURORA, LONG_AGO);

    assertThat(claimed()).isEqualTo(BOREALIS + " " + YESTERDAY);
  }

  @Test
  void shouldTakeOneRangeOnThoughAnotherCannotGoOn() {
    Backfills backfills =
        new Backfills(
            postgres.database(), dumps, new OneUnreadable(), new Silent(), EventIds.system());
    Backfill broken = backfills.create(ADA, AURORA, LONG_AGO, LONG_AGO);
    Backfill other = backfills.create(ADA, BOREALIS, LONG_AGO, LONG_AGO);

    backfills.pass();

    assertThat(backfills.find(AURORA, broken.id()).orElseThrow().days().waiting()).isEqualTo(1);
    assertThat(backfills.find(BOREALIS, other.id()).orElseThrow().days().running()).isEqualTo(1);
    assertThat(claimed()).isEqualTo(BOREALIS + " " + LONG_AGO);
  }

  private void begin(PilotId pilot, LocalDate date) {
    assertThat(
            dumps
                .begin(
                    pilot(pilot),
                    PilotDay.of(date, ZoneOffset.UTC).orElseThrow(),
                    CloseReason.REQUESTED,
                    "test",
                    null)
                .now())
        .isTrue();
  }

  private String claimed() {
    return dumps
        .claim("one", LEASE, null)
        .map(found -> found.claim().pilot() + " " + found.claim().date())
        .orElse("none");
  }

  private void platform(String sql) {
    postgres.database().runAsPlatform(transaction -> transaction.execute(sql));
  }

  private static Pilot pilot(PilotId id) {
    return new Pilot(
        id,
        "Test",
        ZoneOffset.UTC,
        new Pilot.Storage.Centralized(),
        Pilot.Retention.DEFAULT,
        1,
        Instant.EPOCH,
        Instant.EPOCH);
  }

  /** Of one pilot nothing can be told now. */
  private static final class OneUnreadable implements PilotDirectory {
    @Override
    public Optional<Pilot> find(PilotId id) {
      return Optional.of(require(id));
    }

    @Override
    public List<Pilot> list() {
      return List.of(pilot(AURORA), pilot(BOREALIS));
    }

    @Override
    public long countDevices(PilotId id) {
      return 0;
    }

    @Override
    public Pilot require(PilotId id) {
      if (id.equals(AURORA)) {
        throw Problem.of(ProblemCode.UNAVAILABLE, "The pilots cannot be read now.");
      }
      return pilot(id);
    }
  }

  private static final class Silent implements AuditTrail {
    @Override
    public void record(AuditEvent event) {}

    @Override
    public void record(Handle transaction, AuditEvent event) {}
  }
}
