package org.pilothouse.pilots.internal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.sql.Connection;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.pilothouse.kernel.PilotId;
import org.pilothouse.pilots.AuditEvent;
import org.pilothouse.pilots.AuditReader;

class AuditTrailIT {
  private House house;
  private PostgresAuditTrail trail;

  @BeforeEach
  void open() {
    house = new House();
    trail = house.room.trail();
    List<CompletableFuture<Void>> appends = new ArrayList<>();
    for (int i = 0; i < 40; i++) {
      PilotId pilot = i % 2 == 0 ? House.AURORA : House.BOREAS;
      String number = Integer.toString(i);
      appends.add(
          CompletableFuture.runAsync(() ->
              trail.record(
                  new AuditEvent(
                      "person:somebody",
                      pilot,
                      "test",
                      "thing:" + number,
                      AuditEvent.Outcome.ALLOWED,
                      Map.of("umlaut", "ü", "number", number)))));
    }
    appends.forEach(CompletableFuture::join);
  }

  @AfterEach
  void close() {
    house.close();
  }

  private void asOwner(String... statements) throws Exception {
    try (Connection owner = house.store.asOwner();
        Statement statement = owner.createStatement()) {
      statement.execute("SELECT set_config('pilothouse.platform', 'on', false)");
      for (String sql : statements) {
        statement.execute(sql);
      }
    }
  }

  private void tamper(String sql) throws Exception {
    asOwner(
        "ALTER TABLE pilots.audit DISABLE TRIGGER ALL",
        "ALTER TABLE pilots.audit NO FORCE ROW LEVEL SECURITY",
        sql);
  }

  @Test
  void shouldHoldWhenManyAppendedAtOnce() {
    AuditReader.Verdict verdict = trail.verify();

    assertThat(verdict.intact()).isTrue();
    assertThat(verdict.entries()).isGreaterThanOrEqualTo(40);
    assertThat(verdict.head()).hasSize(64);
  }

  @Test
  void shouldFindAChangedEntry() throws Exception {
    tamper("UPDATE pilots.audit SET actor = 'person:other' WHERE sequence = 17");

    assertThat(trail.verify().brokenAt()).isEqualTo(17);
  }

  @Test
  void shouldFindAMissingEntry() throws Exception {
    tamper("DELETE FROM pilots.audit WHERE sequence = 9");

    assertThat(trail.verify().brokenAt()).isEqualTo(9);
  }

  @Test
  void shouldFindACutOffTail() throws Exception {
    long last = trail.verify().entries();
    tamper("DELETE FROM pilots.audit WHERE sequence = " + last);

    AuditReader.Verdict verdict = trail.verify();

    assertThat(verdict.intact()).isFalse();
    assertThat(verdict.brokenAt()).isEqualTo(last);
  }

  @Test
  void shouldRefuseChangesEvenToTheOwner() {
    for (String sql :
        List.of(
            "UPDATE pilots.audit SET actor = 'x'",
            "DELETE FROM pilots.audit",
            "TRUNCATE pilots.audit")) {
      assertThatThrownBy(() -> asOwner("ALTER TABLE pilots.audit NO FORCE ROW LEVEL SECURITY", sql))
          .hasMessageContaining("append-only");
      assertThatThrownBy(
              () -> {
                try (Connection application = house.store.asApplication();
                    Statement statement = application.createStatement()) {
                  statement.execute(sql);
                }
              })
          .hasMessageContaining("permission denied");
    }
  }

  @Test
  void shouldShowAPilotItsPartOnly() {
    AuditReader.Filter all =
        new AuditReader.Filter(
            Optional.empty(),
            Optional.empty(),
            Optional.of("test"),
            Optional.empty(),
            Optional.empty());

    List<AuditReader.Entry> aurora =
        trail.list(Optional.of(House.AURORA), all, Optional.empty(), 100);
    List<AuditReader.Entry> everything = trail.list(Optional.empty(), all, Optional.empty(), 100);

    assertThat(aurora).hasSize(20).allMatch(entry -> "aurora".equals(entry.pilot()));
    assertThat(everything).hasSize(40);
    assertThat(everything).isSortedAccordingTo((a, b) -> Long.compare(b.sequence(), a.sequence()));
    assertThat(everything.getFirst().detail()).containsEntry("umlaut", "ü");
  }
}
