package org.pilothouse.pilots.internal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.pilothouse.kernel.Problem;
import org.pilothouse.kernel.ProblemCode;
import org.pilothouse.pilots.Pilot;

/** The storage model, as the room of the hold changes it and as people do. */
class PilotStorageIT {
  private static final Pilot.Storage THERE =
      new Pilot.Storage.Federated("https://s3.example.org", Optional.of("lake"));

  private House house;

  @BeforeEach
  void open() {
    house = new House();
  }

  @AfterEach
  void close() {
    house.close();
  }

  @Test
  void shouldChangeTheModelInTheTransactionOfWhoeverMovesTheData() {
    change(THERE);

    assertThat(now().storage()).isEqualTo(THERE);
    assertThat(now().revision()).isEqualTo(2);
    assertThat(events()).isEqualTo(1);
    change(THERE);
    assertThat(now().revision()).as("it was so already").isEqualTo(2);
    assertThat(events()).isEqualTo(1);
  }

  @Test
  void shouldLeaveAllAsItWasWhereThatTransactionFails() {
    assertThatThrownBy(() ->
            house
                .store
                .database()
                .runInPilot(
                    House.AURORA,
                    transaction -> {
                      house
                          .room
                          .pilots()
                          .change(transaction, House.platform(), House.AURORA, THERE);
                      throw new IllegalStateException("broke off");
                    }))
        .isInstanceOf(IllegalStateException.class);

    assertThat(now().storage()).isEqualTo(new Pilot.Storage.Centralized());
    assertThat(events()).isZero();
  }

  @Test
  void shouldAskBeforeAPersonChangesTheModelAndOnlyThen() {
    house
        .room
        .pilots()
        .guardedBy((transaction, pilot) -> {
          throw Problem.of(ProblemCode.MIGRATION_REQUIRED, "There are datasets.");
        });

    assertThatThrownBy(() -> byHand(THERE))
        .isInstanceOfSatisfying(
            Problem.class,
            problem -> assertThat(problem.code()).isEqualTo(ProblemCode.MIGRATION_REQUIRED));
    assertThat(now().storage()).isEqualTo(new Pilot.Storage.Centralized());
    byHand(new Pilot.Storage.Centralized());
    change(THERE);
    Pilot.Storage elsewhere =
        new Pilot.Storage.Federated("https://s3.example.net", Optional.empty());
    byHand(elsewhere);
    assertThat(now().storage()).as("the model is the same").isEqualTo(elsewhere);
  }

  private void change(Pilot.Storage storage) {
    house
        .store
        .database()
        .runInPilot(
            House.AURORA,
            transaction ->
                house.room.pilots().change(transaction, House.platform(), House.AURORA, storage));
  }

  private void byHand(Pilot.Storage storage) {
    var unused =
        house
            .room
            .pilots()
            .update(
                House.platform(),
                House.AURORA,
                "*",
                before ->
                    new Pilot(
                        before.id(),
                        before.name(),
                        before.timeZone(),
                        storage,
                        before.retention(),
                        before.revision(),
                        before.createdAt(),
                        before.updatedAt()));
  }

  private Pilot now() {
    return house.room.pilots().find(House.AURORA).orElseThrow();
  }

  private long events() {
    return house
        .store
        .database()
        .asPlatform(transaction ->
            transaction
                .createQuery(
                    "SELECT count(*) FROM outbox.message WHERE headers ->> 'ce_type' ="
                        + " 'pilot.changed'")
                .mapTo(Long.class)
                .one());
  }
}
