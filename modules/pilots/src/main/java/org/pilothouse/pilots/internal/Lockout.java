package org.pilothouse.pilots.internal;

import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.Optional;
import org.jdbi.v3.core.Handle;
import org.pilothouse.kernel.Problem;
import org.pilothouse.kernel.ProblemCode;
import org.pilothouse.platform.postgres.Database;

/**
 * Counts failed sign-ins of user names and of addresses, whether the user exists or not. Beyond a
 * number of them the next try has to wait, each time twice as long. The counts are in the store:
 * they hold for all nodes and over restarts, and are forgotten after twenty quiet minutes.
 */
final class Lockout {
  /** Failures that are forgiven, the first wait and the longest. */
  record Limits(int forgiven, Duration first, Duration longest) {
    /** After so many failures in a row, the last one included. */
    Duration waitAfter(int failures) {
      int over = failures - forgiven;
      if (over < 0) {
        return Duration.ZERO;
      }
      long millis = first.toMillis() << Math.min(over, 20);
      return Duration.ofMillis(Math.min(longest.toMillis(), millis));
    }
  }

  private static final Duration QUIET = Duration.ofMinutes(20);

  private final Database database;
  private final Clock clock;
  private final Limits ofUser;
  private final Limits ofAddress;

  Lockout(Database database, Clock clock, int userFailures, int addressFailures) {
    this.database = database;
    this.clock = clock;
    this.ofUser = new Limits(userFailures, Duration.ofSeconds(15), Duration.ofMinutes(15));
    // Many people can stand behind one address: it waits for less long.
    this.ofAddress = new Limits(addressFailures, Duration.ofSeconds(2), Duration.ofSeconds(30));
  }

  static String user(String username) {
    return "user:" + username;
  }

  static String address(String address) {
    return "address:" + address;
  }

  /**
   * @throws Problem {@code locked_out}
   */
  void check(String user, String address) {
    Instant now = clock.instant();
    Optional<Instant> until =
        database.asPlatform(transaction ->
            transaction
                .createQuery(
                    "SELECT max(locked_until) FROM pilots.failure"
                        + " WHERE subject IN (:user, :address) AND locked_until > :now")
                .bind("user", user(user))
                .bind("address", address(address))
                .bind("now", now.atOffset(ZoneOffset.UTC))
                .mapTo(OffsetDateTime.class)
                .findOne()
                .map(OffsetDateTime::toInstant));
    if (until.isPresent()) {
      throw Problem.retry(
          ProblemCode.LOCKED_OUT,
          "Too many failed sign-ins; wait before the next.",
          Duration.between(now, until.get()));
    }
  }

  /** Whether this one locked the user name. */
  boolean failed(Handle transaction, String user, String address) {
    // In one order everywhere, so that two transactions never wait for each other.
    count(transaction, address(address), ofAddress);
    return count(transaction, user(user), ofUser).isPositive();
  }

  private Duration count(Handle transaction, String subject, Limits limits) {
    Instant now = clock.instant();
    int failures =
        transaction
            .createQuery(
                "INSERT INTO pilots.failure (subject, failures, last_at, locked_until)"
                    + " VALUES (:subject, 1, :now, :now) ON CONFLICT (subject) DO UPDATE SET"
                    + " failures = CASE WHEN pilots.failure.last_at < :quiet THEN 1 ELSE"
                    + " pilots.failure.failures + 1 END, last_at = :now RETURNING failures")
            .bind("subject", subject)
            .bind("now", now.atOffset(ZoneOffset.UTC))
            .bind("quiet", now.minus(QUIET).atOffset(ZoneOffset.UTC))
            .mapTo(Integer.class)
            .one();
    Duration wait = limits.waitAfter(failures);
    if (wait.isPositive()) {
      transaction
          .createUpdate("UPDATE pilots.failure SET locked_until = :until WHERE subject = :subject")
          .bind("until", now.plus(wait).atOffset(ZoneOffset.UTC))
          .bind("subject", subject)
          .execute();
    }
    return wait;
  }

  /** The right password wipes the user's slate; the address keeps its own. */
  void succeeded(Handle transaction, String user) {
    transaction
        .createUpdate("DELETE FROM pilots.failure WHERE subject = :subject")
        .bind("subject", user(user))
        .execute();
  }

  void prune(Handle transaction) {
    Instant now = clock.instant();
    transaction
        .createUpdate(
            "DELETE FROM pilots.failure WHERE subject IN (SELECT subject FROM pilots.failure"
                + " WHERE last_at < :quiet AND locked_until < :now LIMIT 10000)")
        .bind("quiet", now.minus(QUIET).atOffset(ZoneOffset.UTC))
        .bind("now", now.atOffset(ZoneOffset.UTC))
        .execute();
  }
}
