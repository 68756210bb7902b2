package org.pilothouse.pilots.internal;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.ZoneId;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.pilothouse.kernel.PilotId;
import org.pilothouse.kernel.Settings;
import org.pilothouse.pilots.AuditEvent;
import org.pilothouse.pilots.AuditTrail;
import org.pilothouse.pilots.Pilot;
import org.pilothouse.pilots.Role;
import org.pilothouse.platform.postgres.Database;
import org.pilothouse.platform.web.Json;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Lets the first people in: those of a file, when there are no people at all. */
final class FirstStart {
  private static final Logger LOG = LoggerFactory.getLogger(FirstStart.class);
  private static final String ACTOR = "system:first-start";
  private static final int LOCK = 0x0b0c0003;
  private static final ZoneId ZONE = ZoneId.of("Europe/Rome");

  private final Database database;
  private final AuditTrail trail;
  private final Pilots pilots;
  private final People people;
  private final Passwords passwords;

  FirstStart(
      Database database, AuditTrail trail, Pilots pilots, People people, Passwords passwords) {
    this.database = database;
    this.trail = trail;
    this.pilots = pilots;
    this.people = people;
    this.passwords = passwords;
  }

  void run(Path file) {
    if (!database.asPlatform(transaction -> isEmpty(transaction))) {
      return;
    }
    Map<String, Newcomer> newcomers = read(file);
    boolean added =
        database.asPlatform(transaction -> {
          transaction
              .createQuery("SELECT pg_advisory_xact_lock(:lock) IS NULL")
              .bind("lock", LOCK)
              .mapTo(Boolean.class)
              .one();
          if (!isEmpty(transaction)) {
            return false;
          }
          Set<PilotId> made = new HashSet<>();
          for (Newcomer newcomer : newcomers.values()) {
            newcomer
                .pilot()
                .filter(made::add)
                .ifPresent(pilot ->
                    pilots.insert(
                        transaction,
                        pilot,
                        titled(pilot.value()),
                        ZONE,
                        new Pilot.Storage.Centralized(),
                        Pilot.Retention.DEFAULT));
            people.insert(
                transaction,
                newcomer.username(),
                titled(newcomer.username()),
                newcomer.roles(),
                newcomer.pilot(),
                newcomer.passwordHash());
          }
          for (PilotId pilot : made) {
            trail.record(transaction, event(pilot, "pilot.create", "pilot:" + pilot));
          }
          for (Newcomer newcomer : newcomers.values()) {
            trail.record(
                transaction,
                event(
                    newcomer.pilot().orElse(null), "person.add", "person:" + newcomer.username()));
          }
          return true;
        });
    if (added) {
      LOG.info("first start: added people={}", newcomers.size());
    }
  }

  private static AuditEvent event(
      @org.jspecify.annotations.Nullable PilotId pilot, String action, String resource) {
    return new AuditEvent(ACTOR, pilot, action, resource, AuditEvent.Outcome.ALLOWED, Map.of());
  }

  private static boolean isEmpty(org.jdbi.v3.core.Handle transaction) {
    return transaction
        .createQuery("SELECT NOT EXISTS (SELECT 1 FROM pilots.person)")
        .mapTo(Boolean.class)
        .one();
  }

  private Map<String, Newcomer> read(Path file) {
    Map<String, Newcomer> newcomers = new LinkedHashMap<>();
    try {
      JsonNode users = Json.mapper().readTree(Files.readAllBytes(file)).path("users");
      for (JsonNode user : users) {
        String username = user.path("username").asText();
        Set<Role> roles = new HashSet<>();
        for (JsonNode role : user.path("roles")) {
          roles.add(
              Role.of(role.asText())
                  .orElseThrow(() -> invalid(file, "unknown role of " + username)));
        }
        Optional<PilotId> pilot =
            user.path("pilot").isTextual()
                ? Optional.of(new PilotId(user.path("pilot").asText()))
                : Optional.empty();
        if (!People.isUsername(username) || roles.isEmpty()) {
          throw invalid(file, "a user without a valid name or without roles");
        }
        newcomers.put(
            username,
            new Newcomer(username, roles, pilot, passwords.hash(user.path("password").asText())));
      }
    } catch (IOException e) {
      throw new Settings.InvalidSetting(
          "the file of pilothouse.people.first-start-file cannot be read: " + file, e);
    }
    if (newcomers.isEmpty()) {
      throw invalid(file, "no users");
    }
    return newcomers;
  }

  private static Settings.InvalidSetting invalid(Path file, String what) {
    return new Settings.InvalidSetting(
        "the file of pilothouse.people.first-start-file, " + file + ", holds " + what);
  }

  private static String titled(String id) {
    return id.substring(0, 1).toUpperCase(Locale.ROOT) + id.substring(1);
  }

  private record Newcomer(
      String username, Set<Role> roles, Optional<PilotId> pilot, String passwordHash) {}
}
