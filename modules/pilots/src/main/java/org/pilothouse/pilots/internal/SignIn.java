package org.pilothouse.pilots.internal;

import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.regex.Pattern;
import org.jdbi.v3.core.Handle;
import org.jspecify.annotations.Nullable;
import org.pilothouse.kernel.PilotId;
import org.pilothouse.kernel.Problem;
import org.pilothouse.kernel.ProblemCode;
import org.pilothouse.kernel.Secrets;
import org.pilothouse.pilots.AuditEvent;
import org.pilothouse.pilots.AuditTrail;
import org.pilothouse.pilots.Person;
import org.pilothouse.platform.postgres.Database;
import org.pilothouse.platform.web.Caller;

/** People come in by password and one-time code, go out, and change what they come in with. */
public final class SignIn {
  private static final Pattern CODE = Pattern.compile("[0-9]{6}");

  private final Database database;
  private final AuditTrail trail;
  private final Passwords passwords;
  private final Credentials credentials;
  private final Lockout lockout;
  private final Secrets secrets;
  private final Clock clock;

  SignIn(
      Database database,
      AuditTrail trail,
      Passwords passwords,
      Credentials credentials,
      Lockout lockout,
      Secrets secrets,
      Clock clock) {
    this.database = database;
    this.trail = trail;
    this.passwords = passwords;
    this.credentials = credentials;
    this.lockout = lockout;
    this.secrets = secrets;
    this.clock = clock;
  }

  /** How long until then. */
  public Duration until(Instant then) {
    return Duration.between(clock.instant(), then);
  }

  /** What somebody shows at the door. */
  public record Attempt(String username, String password, Optional<String> totp, String address) {
    @Override
    public String toString() {
      return "Attempt[" + address + "]";
    }
  }

  /**
   * Somebody who came in.
   *
   * @param secret the token, or the session cookie's value
   * @param csrfToken for sessions only
   */
  public record SignedIn(
      String secret,
      Instant expiresAt,
      Person person,
      @Nullable String csrfToken,
      boolean mustEnrol) {
    @Override
    public String toString() {
      return "SignedIn[" + person.username() + "]";
    }
  }

  /** Who is calling, for the caller. */
  public record Standing(
      Person person, Instant expiresAt, @Nullable String csrfToken, boolean mustEnrol) {}

  /** A secret that is shown once. */
  public record Enrolment(String secret, String uri) {
    @Override
    public String toString() {
      return "Enrolment[]";
    }
  }

  public SignedIn token(Attempt attempt) {
    return enter(Credentials.Kind.TOKEN, attempt);
  }

  /**
   * @param before the session that the browser came with; it ends, so that a sign-in never goes on
   *     in a session that somebody else may know
   */
  public SignedIn session(Attempt attempt, Optional<String> before) {
    SignedIn in = enter(Credentials.Kind.SESSION, attempt);
    before
        .filter(secret -> secret.length() <= 64)
        .ifPresent(secret ->
            database.runAsPlatform(transaction ->
                credentials.end(transaction, HexFormat.of().formatHex(Secrets.hash(secret)))));
    return in;
  }

  private SignedIn enter(Credentials.Kind kind, Attempt attempt) {
    // A name of another form is nobody's: it is counted under one subject, and hashed all the same.
    String username = People.isUsername(attempt.username()) ? attempt.username() : "?";
    lockout.check(username, attempt.address());
    Optional<Stored> stored = database.asPlatform(transaction -> stored(transaction, username));
    boolean right =
        passwords.matches(attempt.password(), stored.map(Stored::passwordHash).orElse(null));
    if (!right || stored.isEmpty() || stored.get().person().disabled()) {
      throw refuse(username, stored, attempt.address(), "password");
    }
    Person person = stored.get().person();
    OptionalLong step = OptionalLong.empty();
    byte[] secret = stored.get().totpSecret();
    if (person.totpEnrolled() && secret != null) {
      if (attempt.totp().isEmpty()) {
        throw Problem.of(ProblemCode.TOTP_REQUIRED, "Send the current one-time code as totp.");
      }
      step = match(username, secret, attempt.totp().get(), stored.get().lastStep());
      if (step.isEmpty()) {
        throw refuse(username, stored, attempt.address(), "totp");
      }
    }
    Optional<String> newHash =
        stored.get().isOutdated(passwords)
            ? Optional.of(passwords.hash(attempt.password()))
            : Optional.empty();
    OptionalLong used = step;
    Optional<SignedIn> entered =
        database.asPlatform(transaction -> {
          if (used.isPresent() && !use(transaction, username, used.getAsLong())) {
            return Optional.empty();
          }
          newHash.ifPresent(hash -> storeHash(transaction, username, hash));
          lockout.succeeded(transaction, username);
          return Optional.of(admit(transaction, kind, username, attempt.address(), "password"));
        });
    return entered.orElseThrow(() -> refuse(username, stored, attempt.address(), "totp"));
  }

  /** Lets somebody in whose identity is proven; in the caller's transaction. */
  SignedIn admit(
      Handle transaction, Credentials.Kind kind, String username, String address, String proof) {
    // Read under a lock: a person disabled meanwhile stays out.
    Person person =
        People.read(transaction, username, true)
            .filter(found -> !found.disabled())
            .orElseThrow(SignIn::wrong);
    boolean provided = !"password".equals(proof);
    Credentials.Issued issued = credentials.issue(transaction, kind, person);
    transaction
        .createUpdate("UPDATE pilots.person SET last_sign_in_at = :now WHERE username = :username")
        .bind("now", clock.instant().atOffset(ZoneOffset.UTC))
        .bind("username", username)
        .execute();
    trail.record(
        transaction,
        new AuditEvent(
            "person:" + username,
            person.pilot().orElse(null),
            "sign-in",
            kind.word(),
            AuditEvent.Outcome.ALLOWED,
            Map.of("address", address, "by", proof)));
    return new SignedIn(
        issued.secret(),
        issued.expiresAt(),
        person,
        kind == Credentials.Kind.SESSION ? credentials.csrfToken(issued.hash()) : null,
        credentials.mustEnrol(person.roles(), person.totpEnrolled(), provided));
  }

  /** Counts, writes it into the trail, and says no more than that something was wrong. */
  private Problem refuse(String username, Optional<Stored> stored, String address, String what) {
    count(username, stored, address, what);
    return wrong();
  }

  private void count(String username, Optional<Stored> stored, String address, String what) {
    database.runAsPlatform(transaction -> {
      boolean locked = lockout.failed(transaction, username, address);
      PilotId pilot = stored.flatMap(s -> s.person().pilot()).orElse(null);
      trail.record(
          transaction,
          new AuditEvent(
              "person:" + username,
              pilot,
              "sign-in",
              null,
              AuditEvent.Outcome.FAILED,
              Map.of("address", address, "wrong", what, "locked", Boolean.toString(locked))));
    });
  }

  private static Problem wrong() {
    return Problem.of(
        ProblemCode.WRONG_CREDENTIALS, "User name, password or one-time code is wrong.");
  }

  public Standing standing(Caller.Person caller) {
    byte[] hash = HexFormat.of().parseHex(caller.credential());
    return database.asPlatform(transaction -> {
      Person person =
          People.read(transaction, caller.username(), false).orElseThrow(SignIn::signedOut);
      return transaction
          .createQuery("SELECT kind, expires_at FROM pilots.credential WHERE hash = :hash")
          .bind("hash", hash)
          .map((row, context) ->
              new Standing(
                  person,
                  row.getObject("expires_at", OffsetDateTime.class).toInstant(),
                  "session".equals(row.getString("kind")) ? credentials.csrfToken(hash) : null,
                  caller.mustEnrol()))
          .findOne()
          .orElseThrow(SignIn::signedOut);
    });
  }

  public void signOut(Caller.Person caller) {
    database.runAsPlatform(transaction -> {
      credentials.end(transaction, caller.credential());
      trail.record(
          transaction,
          AuditEvent.allowed(caller, caller.pilot(), "sign-out", "person:" + caller.username()));
    });
  }

  /** All other sessions and tokens of the person end. */
  public void changePassword(Caller.Person caller, String current, String next, String address) {
    String username = caller.username();
    lockout.check(username, address);
    Optional<Stored> stored = database.asPlatform(transaction -> stored(transaction, username));
    if (!passwords.matches(current, stored.map(Stored::passwordHash).orElse(null))) {
      throw refuse(username, stored, address, "current password");
    }
    People.checkPassword("/new_password", username, next);
    String hash = passwords.hash(next);
    database.runAsPlatform(transaction -> {
      storeHash(transaction, username, hash);
      credentials.endAll(transaction, username, Optional.of(caller.credential()));
      trail.record(
          transaction,
          AuditEvent.allowed(caller, caller.pilot(), "password.change", "person:" + username));
    });
  }

  public Enrolment enrol(Caller.Person caller) {
    byte[] secret = secrets.random(Totp.SECRET_LENGTH);
    database.runAsPlatform(transaction -> {
      int updated =
          transaction
              .createUpdate(
                  "UPDATE pilots.person SET totp_secret = :secret, totp_last_step = 0"
                      + " WHERE username = :username AND NOT totp_confirmed")
              .bind("secret", secrets.seal(secret, context(caller.username())))
              .bind("username", caller.username())
              .execute();
      if (updated == 0) {
        throw Problem.of(
            ProblemCode.CONFLICT, "A generator is enrolled already; an admin can remove it first.");
      }
      trail.record(
          transaction,
          AuditEvent.allowed(caller, caller.pilot(), "totp.begin", "person:" + caller.username()));
    });
    return new Enrolment(Totp.base32(secret), Totp.uri(secret, caller.username()));
  }

  public void confirm(Caller.Person caller, String code, String address) {
    String username = caller.username();
    lockout.check(username, address);
    Optional<Stored> stored = database.asPlatform(transaction -> stored(transaction, username));
    byte[] secret = stored.isPresent() ? stored.get().totpSecret() : null;
    if (stored.isEmpty() || secret == null || stored.get().person().totpEnrolled()) {
      throw Problem.of(ProblemCode.CONFLICT, "No enrolment has begun.");
    }
    OptionalLong step = match(username, secret, code, 0);
    if (step.isEmpty()) {
      count(username, stored, address, "totp");
      throw Problem.at(ProblemCode.INVALID_VALUE, "/code", "The code is not the current one.");
    }
    database.runAsPlatform(transaction -> {
      int updated =
          transaction
              .createUpdate(
                  "UPDATE pilots.person SET totp_confirmed = true, totp_last_step = :step,"
                      + " revision = revision + 1 WHERE username = :username"
                      + " AND NOT totp_confirmed AND totp_secret = :secret")
              .bind("step", step.getAsLong())
              .bind("username", username)
              .bind("secret", secret)
              .execute();
      if (updated == 0) {
        throw Problem.of(ProblemCode.CONFLICT, "The enrolment was begun again meanwhile.");
      }
      // What was let in without a code goes out.
      credentials.endAll(transaction, username, Optional.of(caller.credential()));
      transaction.afterCommit(() -> credentials.reread(caller.credential()));
      trail.record(
          transaction,
          AuditEvent.allowed(caller, caller.pilot(), "totp.confirm", "person:" + username));
    });
  }

  private OptionalLong match(String username, byte[] sealed, String code, long lastStep) {
    if (!CODE.matcher(code).matches()) {
      return OptionalLong.empty();
    }
    return Totp.match(secrets.open(sealed, context(username)), code, clock.instant(), lastStep);
  }

  /** One of two sign-ins with the same code gets in. */
  private static boolean use(Handle transaction, String username, long step) {
    return transaction
            .createUpdate(
                "UPDATE pilots.person SET totp_last_step = :step"
                    + " WHERE username = :username AND totp_last_step < :step")
            .bind("step", step)
            .bind("username", username)
            .execute()
        == 1;
  }

  private static void storeHash(Handle transaction, String username, String hash) {
    transaction
        .createUpdate("UPDATE pilots.person SET password_hash = :hash WHERE username = :username")
        .bind("hash", hash)
        .bind("username", username)
        .execute();
  }

  private static String context(String username) {
    return "totp:" + username;
  }

  private static Optional<Stored> stored(Handle transaction, String username) {
    List<Stored> found =
        transaction
            .createQuery(
                "SELECT "
                    + People.COLUMNS
                    + ", password_hash, totp_secret, totp_last_step"
                    + " FROM pilots.person WHERE username = :username")
            .bind("username", username)
            .map((row, context) ->
                new Stored(
                    People.person(row),
                    row.getString("password_hash"),
                    row.getBytes("totp_secret"),
                    row.getLong("totp_last_step")))
            .list();
    return found.stream().findFirst();
  }

  private static Problem signedOut() {
    return Problem.of(ProblemCode.UNAUTHENTICATED, "The credential is no longer accepted.");
  }

  private record Stored(
      Person person, @Nullable String passwordHash, byte @Nullable [] totpSecret, long lastStep) {
    boolean isOutdated(Passwords passwords) {
      return passwordHash != null && passwords.isOutdated(passwordHash);
    }
  }
}
