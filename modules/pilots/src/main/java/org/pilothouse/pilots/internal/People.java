package org.pilothouse.pilots.internal;

import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Clock;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.jdbi.v3.core.Handle;
import org.jspecify.annotations.Nullable;
import org.pilothouse.kernel.PilotId;
import org.pilothouse.kernel.Problem;
import org.pilothouse.kernel.ProblemCode;
import org.pilothouse.pilots.AuditEvent;
import org.pilothouse.pilots.AuditTrail;
import org.pilothouse.pilots.Person;
import org.pilothouse.pilots.Role;
import org.pilothouse.platform.postgres.Database;
import org.pilothouse.platform.postgres.Work;
import org.pilothouse.platform.web.Caller;
import org.pilothouse.platform.web.Revision;

/**
 * Adds and changes people. A pilot admin reaches the people of the own pilot and grants its roles
 * only; nobody changes the own roles or shuts the own door.
 */
public final class People {
  public static final int SHORTEST_PASSWORD = 12;
  public static final int LONGEST_PASSWORD = 256;

  private static final Pattern USERNAME = Pattern.compile("[a-z0-9][a-z0-9._-]{0,62}");
  static final String COLUMNS =
      "username, display_name, roles, pilot, disabled, totp_confirmed, revision, created_at,"
          + " last_sign_in_at";

  private final Database database;
  private final AuditTrail trail;
  private final Passwords passwords;
  private final Credentials credentials;
  private final Clock clock;

  People(
      Database database,
      AuditTrail trail,
      Passwords passwords,
      Credentials credentials,
      Clock clock) {
    this.database = database;
    this.trail = trail;
    this.passwords = passwords;
    this.credentials = credentials;
    this.clock = clock;
  }

  /**
   * Somebody to add.
   *
   * @param pilot empty means the admin's own pilot, or none for staff
   */
  public record Addition(
      String username,
      String displayName,
      Set<Role> roles,
      Optional<PilotId> pilot,
      String password) {
    public Addition {
      roles = Set.copyOf(roles);
    }
  }

  /** What changes; what is empty stays. */
  public record Change(
      Optional<String> displayName,
      Optional<Set<Role>> roles,
      Optional<Boolean> disabled,
      Optional<String> password,
      boolean removeTotp) {}

  public static boolean isUsername(String text) {
    return USERNAME.matcher(text).matches();
  }

  public static void checkPassword(String field, String username, String password) {
    int length = password.codePointCount(0, password.length());
    if (length < SHORTEST_PASSWORD || length > LONGEST_PASSWORD) {
      throw Problem.at(
          ProblemCode.INVALID_VALUE,
          field,
          "A password holds " + SHORTEST_PASSWORD + " to " + LONGEST_PASSWORD + " characters.");
    }
    if (password.chars().distinct().count() < 4 || password.equalsIgnoreCase(username)) {
      throw Problem.at(
          ProblemCode.INVALID_VALUE, field, "The password is too easy to guess; take another.");
    }
  }

  public List<Person> page(Caller.Person caller, String after, int limit) {
    Work<List<Person>> work =
        transaction ->
            transaction
                .createQuery(
                    "SELECT "
                        + COLUMNS
                        + " FROM pilots.person WHERE username > :after"
                        + " ORDER BY username LIMIT :limit")
                .bind("after", after)
                .bind("limit", limit)
                .map((row, context) -> person(row))
                .list();
    return inScope(caller, work);
  }

  public Optional<Person> find(Caller.Person caller, String username) {
    return inScope(caller, transaction -> read(transaction, username, false));
  }

  public Person add(Caller.Person caller, Addition addition) {
    Optional<PilotId> pilot = pilotOf(caller, addition);
    checkRoles(caller, addition.roles(), pilot);
    checkPassword("/password", addition.username(), addition.password());
    String hash = passwords.hash(addition.password());
    return database.asPlatform(transaction -> {
      if (pilot.isPresent() && !exists(transaction, pilot.get())) {
        throw Problem.at(ProblemCode.NOT_FOUND, "/pilot", "There is no such pilot.");
      }
      Person person =
          insert(
              transaction,
              addition.username(),
              addition.displayName(),
              addition.roles(),
              pilot,
              hash);
      trail.record(
          transaction,
          AuditEvent.allowed(
                  caller, pilot.orElse(null), "person.add", "person:" + person.username())
              .with(Map.of("roles", words(addition.roles()))));
      return person;
    });
  }

  /** Also for the first start, which has no caller. */
  Person insert(
      Handle transaction,
      String username,
      String displayName,
      Set<Role> roles,
      Optional<PilotId> pilot,
      @Nullable String passwordHash) {
    int inserted =
        transaction
            .createUpdate(
                "INSERT INTO pilots.person (username, display_name, roles, pilot, password_hash,"
                    + " created_at) VALUES (:username, :name, :roles, :pilot, :hash, :now)"
                    + " ON CONFLICT DO NOTHING")
            .bind("username", username)
            .bind("name", displayName.isBlank() ? username : displayName)
            .bindArray("roles", String.class, wordList(roles))
            .bind("pilot", pilot.map(PilotId::value).orElse(null))
            .bind("hash", passwordHash)
            .bind("now", clock.instant().atOffset(ZoneOffset.UTC))
            .execute();
    if (inserted == 0) {
      throw Problem.at(
          ProblemCode.ALREADY_EXISTS, "/username", "There is a person of this name already.");
    }
    return read(transaction, username, false).orElseThrow();
  }

  public Person update(
      Caller.Person caller, String username, @Nullable String ifMatch, Change change) {
    boolean self = caller.username().equals(username);
    if (self
        && (change.roles().isPresent()
            || change.password().isPresent()
            || change.removeTotp()
            || change.disabled().orElse(false))) {
      throw Problem.of(
          ProblemCode.FORBIDDEN,
          "One's own roles, password and generator are not changed here, and nobody disables"
              + " themselves.");
    }
    change.password().ifPresent(password -> checkPassword("/password", username, password));
    Optional<String> hash = change.password().map(passwords::hash);
    return inScope(
        caller,
        transaction -> {
          Person before = read(transaction, username, true).orElseThrow(People::notFound);
          new Revision(before.revision()).check(ifMatch);
          change.roles().ifPresent(roles -> checkRoles(caller, roles, before.pilot()));
          Set<Role> roles = change.roles().orElse(before.roles());
          boolean disabled = change.disabled().orElse(before.disabled());
          transaction
              .createUpdate(
                  "UPDATE pilots.person SET display_name = :name, roles = :roles, disabled ="
                      + " :disabled, password_hash = coalesce(:hash, password_hash),"
                      + " totp_secret = CASE WHEN :totp THEN NULL ELSE totp_secret END,"
                      + " totp_confirmed = totp_confirmed AND NOT :totp,"
                      + " revision = revision + 1 WHERE username = :username")
              .bind("name", displayName(change, before))
              .bindArray("roles", String.class, wordList(roles))
              .bind("disabled", disabled)
              .bind("hash", hash.orElse(null))
              .bind("totp", change.removeTotp())
              .bind("username", username)
              .execute();
          // Whoever is signed in holds the old rights: they sign in again.
          if (!roles.equals(before.roles())
              || (disabled && !before.disabled())
              || hash.isPresent()
              || change.removeTotp()) {
            credentials.endAll(transaction, username, Optional.empty());
          }
          trail.record(
              transaction,
              AuditEvent.allowed(
                      caller, before.pilot().orElse(null), "person.update", "person:" + username)
                  .with(detail(change)));
          return read(transaction, username, false).orElseThrow();
        });
  }

  private static String displayName(Change change, Person before) {
    String name = change.displayName().orElse(before.displayName());
    return name.isBlank() ? before.username() : name;
  }

  private static Map<String, String> detail(Change change) {
    Map<String, String> detail = new TreeMap<>();
    change.roles().ifPresent(roles -> detail.put("roles", words(roles)));
    change.disabled().ifPresent(disabled -> detail.put("disabled", disabled.toString()));
    change.password().ifPresent(password -> detail.put("password", "reset"));
    if (change.removeTotp()) {
      detail.put("totp", "removed");
    }
    return detail;
  }

  private <T> T inScope(Caller.Person caller, Work<T> work) {
    PilotId own = caller.pilot();
    return own == null ? database.asPlatform(work) : database.inPilot(own, work);
  }

  private static Optional<PilotId> pilotOf(Caller.Person caller, Addition addition) {
    PilotId own = caller.pilot();
    if (own == null) {
      return addition.pilot();
    }
    if (addition.pilot().isPresent() && !addition.pilot().get().equals(own)) {
      throw Problem.at(ProblemCode.NOT_FOUND, "/pilot", "There is no such pilot.");
    }
    return Optional.of(own);
  }

  private static void checkRoles(Caller.Person caller, Set<Role> roles, Optional<PilotId> pilot) {
    boolean staff = roles.stream().anyMatch(Role::staff);
    if (caller.pilot() != null && staff) {
      throw Problem.at(
          ProblemCode.FORBIDDEN, "/roles", "A pilot admin grants roles of the pilot only.");
    }
    if (staff && roles.stream().anyMatch(role -> !role.staff())) {
      throw Problem.at(
          ProblemCode.INVALID_VALUE, "/roles", "Roles of a pilot and of staff do not go together.");
    }
    if (staff == pilot.isPresent()) {
      throw Problem.at(
          ProblemCode.INVALID_VALUE,
          "/pilot",
          staff ? "Staff belong to no pilot." : "Roles of a pilot need the pilot.");
    }
  }

  static boolean exists(Handle transaction, PilotId pilot) {
    return transaction
        .createQuery("SELECT 1 FROM pilots.pilot WHERE pilot = :pilot")
        .bind("pilot", pilot.value())
        .mapTo(Integer.class)
        .findOne()
        .isPresent();
  }

  static Optional<Person> read(Handle transaction, String username, boolean hold) {
    return transaction
        .createQuery(
            "SELECT "
                + COLUMNS
                + " FROM pilots.person WHERE username = :username"
                + (hold ? " FOR UPDATE" : ""))
        .bind("username", username)
        .map((row, context) -> person(row))
        .findOne();
  }

  static Person person(ResultSet row) throws SQLException {
    return new Person(
        row.getString("username"),
        row.getString("display_name"),
        roles(row),
        Optional.ofNullable(row.getString("pilot")).map(PilotId::new),
        row.getBoolean("disabled"),
        row.getBoolean("totp_confirmed"),
        row.getLong("revision"),
        row.getObject("created_at", OffsetDateTime.class).toInstant(),
        Devices.instant(row, "last_sign_in_at"));
  }

  static Set<Role> roles(ResultSet row) throws SQLException {
    return Arrays.stream((String[]) row.getArray("roles").getArray())
        .flatMap(word -> Role.of(word).stream())
        .collect(Collectors.toSet());
  }

  static Set<String> wordsOf(Set<Role> roles) {
    return roles.stream().map(Role::word).collect(Collectors.toSet());
  }

  static List<String> wordList(Set<Role> roles) {
    return roles.stream().sorted(Comparator.naturalOrder()).map(Role::word).toList();
  }

  private static String words(Set<Role> roles) {
    return String.join(" ", wordList(roles));
  }

  public static Problem notFound() {
    return Problem.of(ProblemCode.NOT_FOUND, "There is no such person.");
  }
}
