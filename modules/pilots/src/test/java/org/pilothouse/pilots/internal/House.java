package org.pilothouse.pilots.internal;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import org.pilothouse.kernel.EventIds;
import org.pilothouse.kernel.PilotId;
import org.pilothouse.pilots.PilotsConfig;
import org.pilothouse.pilots.PilotsModule;
import org.pilothouse.platform.postgres.Outbox;
import org.pilothouse.platform.web.Caller;
import org.pilothouse.platform.web.WebConfig;
import org.pilothouse.testkit.TestDatabase;

/** The room on a database of its own, with the people of a first start. */
final class House implements AutoCloseable {
  static final PilotId AURORA = new PilotId("aurora");
  static final PilotId BOREAS = new PilotId("boreas");
  static final String PASSWORD = "correct horse battery";

  final TestDatabase store = TestDatabase.create(PilotsModule.SCHEMAS);
  final SettableClock clock = new SettableClock();
  final List<String> provisioned = new CopyOnWriteArrayList<>();
  final Wiring room;

  House() {
    this.room = node(false);
  }

  /** Another node on the same database. */
  Wiring node(boolean totpRequired) {
    return node(totpRequired, Optional.empty());
  }

  Wiring node(boolean totpRequired, Optional<PilotsConfig.Provider> provider) {
    return Wiring.start(
        new PilotsConfig(
            new byte[32],
            totpRequired,
            Duration.ofHours(12),
            Duration.ofHours(12),
            Duration.ofHours(2),
            5,
            1000,
            Optional.of(firstPeople()),
            Optional.of("broker-key"),
            provider),
        new WebConfig(URI.create("http://127.0.0.1:9080"), List.of()),
        store.database(),
        new Outbox(),
        pilot -> provisioned.add(pilot.id() + "@" + pilot.revision()),
        EventIds.system(),
        new SecureRandom(),
        clock,
        new SimpleMeterRegistry());
  }

  private static Path firstPeople() {
    try {
      Path file = Files.createTempFile("people", ".json");
      file.toFile().deleteOnExit();
      String user = "{\"username\":\"%s\",\"password\":\"%s\",\"roles\":[\"%s\"],\"pilot\":%s}";
      Files.writeString(
          file,
          "{\"base_url\":\"http://x\",\"users\":["
              + String.join(
                  ",",
                  user.formatted("operator", PASSWORD, "pilot-operator", "\"aurora\""),
                  user.formatted("admin", PASSWORD, "pilot-admin", "\"aurora\""),
                  user.formatted("platform", PASSWORD, "platform-admin", "null"),
                  user.formatted("north", PASSWORD, "pilot-admin", "\"boreas\""))
              + "]}");
      return file;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  static Caller.Person caller(String username, String role, PilotId pilot) {
    return new Caller.Person(username, Set.of(role), pilot, "00", false);
  }

  static Caller.Person admin() {
    return caller("admin", "pilot-admin", AURORA);
  }

  static Caller.Person platform() {
    return caller("platform", "platform-admin", null);
  }

  SignIn.Attempt attempt(String username, String password, String totp) {
    return new SignIn.Attempt(username, password, Optional.ofNullable(totp), "192.0.2.1");
  }

  SignIn.SignedIn token(String username) {
    return room.signIn().token(attempt(username, PASSWORD, null));
  }

  SignIn.SignedIn session(String username, Optional<String> before) {
    return room.signIn().session(attempt(username, PASSWORD, null), before);
  }

  @Override
  public void close() {
    room.close();
    store.close();
  }
}
