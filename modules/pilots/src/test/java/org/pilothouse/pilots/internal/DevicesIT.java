package org.pilothouse.pilots.internal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import java.time.Duration;
import java.time.ZoneId;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.pilothouse.kernel.DeviceId;
import org.pilothouse.kernel.PilotId;
import org.pilothouse.kernel.Problem;
import org.pilothouse.kernel.ProblemCode;
import org.pilothouse.kernel.TwinId;
import org.pilothouse.pilots.Pilot;
import org.pilothouse.platform.web.Caller;

class DevicesIT {
  private static House house;

  @BeforeAll
  static void open() {
    house = new House();
  }

  @AfterAll
  static void close() {
    house.close();
  }

  private static Devices.NewToken register(String device) {
    return house
        .room
        .devices()
        .register(House.admin(), House.AURORA, new DeviceId(device), Set.of(new TwinId("press-1")));
  }

  @Test
  void shouldKnowTheDeviceWhenItsTokenIsShown() {
    Devices.NewToken token = register("known");

    Caller.Device device = house.room.devices().authenticate(token.token()).orElseThrow();

    assertThat(token.token()).hasSize(43);
    assertThat(device.pilot()).isEqualTo(House.AURORA);
    assertThat(device.mayReportFor(new TwinId("press-1"))).isTrue();
    assertThat(device.mayReportFor(new TwinId("press-2"))).isFalse();
    assertThat(
            house
                .room
                .devices()
                .find(House.AURORA, new DeviceId("known"))
                .orElseThrow()
                .lastSeenAt())
        .isPresent();
  }

  @Test
  void shouldNotShowADeviceToAnotherPilot() {
    register("hidden");

    assertThat(house.room.devices().find(House.BOREAS, new DeviceId("hidden"))).isEmpty();
    assertThat(house.room.devices().page(House.BOREAS, "", 10)).isEmpty();
    assertThatThrownBy(
            () -> house.room.devices().remove(House.admin(), House.BOREAS, new DeviceId("hidden")))
        .isInstanceOfSatisfying(
            Problem.class, problem -> assertThat(problem.code()).isEqualTo(ProblemCode.NOT_FOUND));
  }

  @Test
  void shouldRefuseTheOldTokenAtOnceOnThisNodeAndWithinFiveSecondsOnAnother() {
    try (Wiring other = house.node(false)) {
      String old = register("rotated").token();
      assertThat(house.room.devices().authenticate(old)).isPresent();
      assertThat(other.devices().authenticate(old)).isPresent();

      String next =
          house.room.devices().rotate(House.admin(), House.AURORA, new DeviceId("rotated")).token();

      assertThat(house.room.devices().authenticate(old)).isEmpty();
      assertThat(house.room.devices().authenticate(next)).isPresent();
      assertThat(other.devices().authenticate(next)).isPresent();
      house.clock.pass(Duration.ofMillis(5001));
      assertThat(other.devices().authenticate(old)).isEmpty();
    }
  }

  @Test
  void shouldLeaveExactlyOneTokenWhenManyRotateAtOnce() {
    String first = register("contested").token();
    List<CompletableFuture<String>> rotations = new ArrayList<>();
    for (int i = 0; i < 6; i++) {
      rotations.add(
          CompletableFuture.supplyAsync(() -> {
            house.room.devices().authenticate(first);
            return house
                .room
                .devices()
                .rotate(House.admin(), House.AURORA, new DeviceId("contested"))
                .token();
          }));
    }
    List<String> tokens = rotations.stream().map(CompletableFuture::join).toList();

    assertThat(tokens).doesNotHaveDuplicates();
    assertThat(house.room.devices().authenticate(first)).isEmpty();
    assertThat(tokens.stream().filter(t -> house.room.devices().authenticate(t).isPresent()))
        .hasSize(1);
  }

  @Test
  void shouldRefuseTheTokenOfARemovedDeviceAtOnce() {
    String token = register("removed").token();
    assertThat(house.room.devices().authenticate(token)).isPresent();

    house.room.devices().remove(House.admin(), House.AURORA, new DeviceId("removed"));

    assertThat(house.room.devices().authenticate(token)).isEmpty();
    assertThat(register("removed").token()).isNotEqualTo(token);
  }

  @Test
  void shouldTellTheBackboneWhatHappenedToADeviceInOrder() {
    register("told");
    house.room.devices().rotate(House.admin(), House.AURORA, new DeviceId("told"));
    house.room.devices().remove(House.admin(), House.AURORA, new DeviceId("told"));

    List<String> types =
        house
            .store
            .database()
            .asPlatform(transaction ->
                transaction
                    .createQuery(
                        "SELECT headers->>'ce_type' FROM outbox.message WHERE key = 'told'"
                            + " AND topic = 'pilot.aurora.thread' ORDER BY sequence")
                    .mapTo(String.class)
                    .list());

    assertThat(types).containsExactly("device.registered", "device.rotated", "device.removed");
  }

  @Test
  void shouldAnswerTheBrokerOnlyWithItsKeyAndForTheDeviceOfTheToken() {
    String token = register("piped").token();
    BrokerDoor door = house.room.brokerDoor();

    assertThat(door.authenticate("broker-key", "piped", token).pilot()).isEqualTo(House.AURORA);
    assertThatThrownBy(() -> door.authenticate("another", "piped", token))
        .isInstanceOf(Problem.class);
    assertThatThrownBy(() -> door.authenticate(null, "piped", token)).isInstanceOf(Problem.class);
    assertThatThrownBy(() -> door.authenticate("broker-key", "other", token))
        .isInstanceOf(Problem.class);
  }

  @Test
  void shouldBringAPilotToTheEnginesWhenItIsAddedAndWhenItChanges() {
    PilotId zephyr = new PilotId("zephyr");
    house
        .room
        .pilots()
        .create(
            House.platform(),
            zephyr,
            "Zephyr",
            ZoneId.of("Europe/Oslo"),
            new Pilot.Storage.Centralized(),
            Pilot.Retention.DEFAULT);
    await().atMost(Duration.ofSeconds(20)).until(() -> house.provisioned.contains("zephyr@1"));
    assertThat(house.room.directory().find(zephyr)).isPresent();

    house
        .room
        .pilots()
        .update(
            House.platform(),
            zephyr,
            "\"1\"",
            before ->
                new Pilot(
                    before.id(),
                    before.name(),
                    before.timeZone(),
                    before.storage(),
                    new Pilot.Retention(30),
                    before.revision(),
                    before.createdAt(),
                    before.updatedAt()));

    await().atMost(Duration.ofSeconds(20)).until(() -> house.provisioned.contains("zephyr@2"));
    assertThatThrownBy(
            () -> house.room.pilots().update(House.platform(), zephyr, "\"1\"", before -> before))
        .isInstanceOfSatisfying(
            Problem.class,
            problem -> assertThat(problem.code()).isEqualTo(ProblemCode.PRECONDITION_FAILED));
  }
}
