package org.pilothouse.pilots.internal;

import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.HexFormat;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import org.jdbi.v3.core.Handle;
import org.pilothouse.kernel.PilotId;
import org.pilothouse.kernel.Secrets;
import org.pilothouse.pilots.Person;
import org.pilothouse.pilots.PilotsConfig;
import org.pilothouse.pilots.Role;
import org.pilothouse.platform.postgres.Database;
import org.pilothouse.platform.web.Caller;

/** The sessions and tokens of people: 256 random bits each, of which only the hash is kept. */
final class Credentials {
  /** Tells a person's token from a device's, and lets a leaked one be found by scanners. */
  static final String TOKEN_PREFIX = "phu_";

  private static final Duration FRESH = Duration.ofSeconds(5);
  private static final Duration GRACE = Duration.ofSeconds(30);
  private static final Duration USED = Duration.ofMinutes(1);
  private static final int KNOWN = 20_000;

  private final Database database;
  private final Secrets secrets;
  private final PilotsConfig config;
  private final Clock clock;
  private final FreshCache<Known> known;

  Credentials(Database database, Secrets secrets, PilotsConfig config, Clock clock) {
    this.database = database;
    this.secrets = secrets;
    this.config = config;
    this.clock = clock;
    this.known = new FreshCache<>(KNOWN, FRESH, GRACE, clock, this::load);
  }

  /** What a credential is for. */
  enum Kind {
    SESSION,
    TOKEN;

    String word() {
      return name().toLowerCase(Locale.ROOT);
    }
  }

  /** What stands behind a credential. */
  record Known(Kind kind, Caller.Person caller, Instant expiresAt) {}

  /** A new one; the secret is shown to its holder and to nobody else. */
  record Issued(String secret, byte[] hash, Instant expiresAt) {}

  Issued issue(Handle transaction, Kind kind, Person person) {
    String secret = (kind == Kind.TOKEN ? TOKEN_PREFIX : "") + secrets.token();
    byte[] hash = Secrets.hash(secret);
    Instant now = clock.instant();
    Instant expires =
        now.plus(
            switch (kind) {
              case SESSION -> config.sessionLifetime();
              case TOKEN -> config.tokenLifetime();
            });
    transaction
        .createUpdate(
            "INSERT INTO pilots.credential (hash, kind, username, pilot, created_at, used_at,"
                + " expires_at) VALUES (:hash, :kind, :username, :pilot, :now, :now, :expires)")
        .bind("hash", hash)
        .bind("kind", kind.word())
        .bind("username", person.username())
        .bind("pilot", person.pilot().map(PilotId::value).orElse(null))
        .bind("now", now.atOffset(ZoneOffset.UTC))
        .bind("expires", expires.atOffset(ZoneOffset.UTC))
        .execute();
    return new Issued(secret, hash, expires);
  }

  Optional<Known> find(Kind kind, String secret) {
    if (secret.length() > 64) {
      return Optional.empty();
    }
    return known
        .get(HexFormat.of().formatHex(Secrets.hash(secret)))
        .filter(found -> found.kind() == kind && found.expiresAt().isAfter(clock.instant()));
  }

  private Optional<Known> load(String key) {
    byte[] hash = HexFormat.of().parseHex(key);
    Instant now = clock.instant();
    return database.asPlatform(transaction -> {
      Optional<Row> row =
          transaction
              .createQuery(
                  "SELECT c.kind, c.used_at, c.expires_at, p.username, p.roles, p.pilot,"
                      + " p.totp_confirmed, p.provider_subject IS NOT NULL AS provided"
                      + " FROM pilots.credential c JOIN pilots.person p USING (username)"
                      + " WHERE c.hash = :hash AND c.expires_at > :now AND NOT p.disabled")
              .bind("hash", hash)
              .bind("now", now.atOffset(ZoneOffset.UTC))
              .map((r, context) ->
                  new Row(
                      Kind.valueOf(r.getString("kind").toUpperCase(Locale.ROOT)),
                      r.getObject("used_at", OffsetDateTime.class).toInstant(),
                      r.getObject("expires_at", OffsetDateTime.class).toInstant(),
                      r.getString("username"),
                      People.roles(r),
                      Optional.ofNullable(r.getString("pilot")).map(PilotId::new),
                      r.getBoolean("totp_confirmed"),
                      r.getBoolean("provided")))
              .findOne();
      if (row.isEmpty() || isIdle(row.get(), now)) {
        return Optional.empty();
      }
      if (row.get().usedAt().plus(USED).isBefore(now)) {
        transaction
            .createUpdate("UPDATE pilots.credential SET used_at = :now WHERE hash = :hash")
            .bind("now", now.atOffset(ZoneOffset.UTC))
            .bind("hash", hash)
            .execute();
      }
      return Optional.of(known(row.get(), key));
    });
  }

  private boolean isIdle(Row row, Instant now) {
    return row.kind() == Kind.SESSION && row.usedAt().plus(config.sessionIdle()).isBefore(now);
  }

  private Known known(Row row, String key) {
    return new Known(
        row.kind(),
        new Caller.Person(
            row.username(),
            People.wordsOf(row.roles()),
            row.pilot().orElse(null),
            key,
            mustEnrol(row.roles(), row.totp(), row.provided())),
        row.expiresAt());
  }

  /** People of the identity provider have their second factor there. */
  boolean mustEnrol(Set<Role> roles, boolean enrolled, boolean provided) {
    return config.totpRequired()
        && !enrolled
        && !provided
        && roles.stream().anyMatch(Role::needsSecondFactor);
  }

  String csrfToken(byte[] sessionHash) {
    return secrets.csrfToken(sessionHash);
  }

  /** Ends one; nothing happens when it has ended already. */
  void end(Handle transaction, String key) {
    transaction
        .createUpdate("DELETE FROM pilots.credential WHERE hash = :hash")
        .bind("hash", HexFormat.of().parseHex(key))
        .execute();
    transaction.afterCommit(() -> known.forget(key));
  }

  /** Ends all of a person, except perhaps the one at hand. */
  void endAll(Handle transaction, String username, Optional<String> except) {
    transaction
        .createQuery(
            "DELETE FROM pilots.credential WHERE username = :username AND hash <> :except"
                + " RETURNING hash")
        .bind("username", username)
        .bind(
            "except", except.map(key -> HexFormat.of().parseHex(key)).orElseGet(() -> new byte[0]))
        .mapTo(byte[].class)
        .list()
        .forEach(
            hash -> transaction.afterCommit(() -> known.forget(HexFormat.of().formatHex(hash))));
  }

  /** The next request reads the person anew. */
  void reread(String key) {
    known.forget(key);
  }

  void prune(Handle transaction) {
    Instant now = clock.instant();
    transaction
        .createUpdate(
            "DELETE FROM pilots.credential WHERE hash IN (SELECT hash FROM pilots.credential WHERE"
                + " expires_at < :now OR (kind = 'session' AND used_at < :idle) LIMIT 10000)")
        .bind("now", now.atOffset(ZoneOffset.UTC))
        .bind("idle", now.minus(config.sessionIdle()).atOffset(ZoneOffset.UTC))
        .execute();
  }

  private record Row(
      Kind kind,
      Instant usedAt,
      Instant expiresAt,
      String username,
      Set<Role> roles,
      Optional<PilotId> pilot,
      boolean totp,
      boolean provided) {}
}
