package org.pilothouse.platform.postgres;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.JdbiException;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.pilothouse.kernel.PilotId;
import org.pilothouse.kernel.Problem;
import org.pilothouse.kernel.ProblemCode;
import org.pilothouse.testkit.TestDatabase;

class DatabaseIT {
  private static final PilotId AURORA = new PilotId("aurora");
  private static final PilotId BOREAS = new PilotId("boreas");

  private static TestDatabase store;

  @BeforeAll
  static void open() throws Exception {
    store = TestDatabase.create(List.of());
    try (Connection owner = store.asOwner();
        Statement statement = owner.createStatement()) {
      statement.execute("CREATE SCHEMA probe");
      statement.execute("CREATE TABLE probe.thing (pilot text NOT NULL, name text NOT NULL)");
      statement.execute("ALTER TABLE probe.thing ENABLE ROW LEVEL SECURITY");
      statement.execute("ALTER TABLE probe.thing FORCE ROW LEVEL SECURITY");
      statement.execute("CREATE POLICY scope ON probe.thing USING (tenancy.sees(pilot))");
      String role = store.config().application().user();
      statement.execute("GRANT USAGE ON SCHEMA probe TO " + role);
      statement.execute("GRANT SELECT, INSERT, UPDATE, DELETE ON probe.thing TO " + role);
    }
    store.database().runInPilot(AURORA, transaction -> add(transaction, AURORA, "a"));
    store.database().runInPilot(BOREAS, transaction -> add(transaction, BOREAS, "b"));
  }

  @AfterAll
  static void close() {
    store.close();
  }

  private static void add(Handle transaction, PilotId pilot, String name) {
    transaction.execute("INSERT INTO probe.thing VALUES (?, ?)", pilot.value(), name);
  }

  private static List<String> names(Handle transaction) {
    return transaction
        .createQuery("SELECT name FROM probe.thing ORDER BY name")
        .mapTo(String.class)
        .list();
  }

  @Test
  void shouldShowWhatThereWasAtOneInstantAndChangeNothing() {
    PilotId caurus = new PilotId("caurus");
    store.database().runAsPlatform(transaction -> add(transaction, caurus, "c"));
    List<String> seen =
        store
            .database()
            .snapshot(transaction -> {
              List<String> first = names(transaction);
              store.database().runInPilot(caurus, other -> add(other, caurus, "d"));
              assertThat(names(transaction)).isEqualTo(first);
              return first;
            });
    assertThat(seen).contains("a", "b", "c").doesNotContain("d");
    assertThatThrownBy(() ->
            store
                .database()
                .<Integer>snapshot(transaction ->
                    transaction.execute("INSERT INTO probe.thing VALUES ('caurus', 'e')")))
        .isInstanceOf(Problem.class);
    store
        .database()
        .runInPilot(caurus, transaction -> transaction.execute("DELETE FROM probe.thing"));
  }

  @Test
  void shouldShowATenantItsRowsOnly() {
    assertThat(store.database().<List<String>>inPilot(AURORA, DatabaseIT::names))
        .containsExactly("a");
    assertThat(store.database().<List<String>>inPilot(BOREAS, DatabaseIT::names))
        .containsExactly("b");
    assertThat(store.database().<List<String>>asPlatform(DatabaseIT::names))
        .containsExactly("a", "b");
  }

  @Test
  void shouldFindATenantsRowOnlyHoweverOftenItIsAsked() throws Exception {
    // More often than the driver takes until it prepares a statement on the server.
    for (int i = 0; i < 20; i++) {
      assertThat(found(AURORA, "a")).contains("a");
      assertThat(found(BOREAS, "a")).isEmpty();
      assertThat(found(BOREAS, "b")).contains("b");
    }
    assertThat(
            store
                .database()
                .findInPilot(AURORA, "SELECT name FROM probe.thing", row -> row.getString(1)))
        .contains("a");
    assertThatThrownBy(
            () -> store.database().findInPilot(AURORA, "SELECT nothing", row -> row.getString(1)))
        .isInstanceOf(JdbiException.class);
  }

  private static Optional<String> found(PilotId pilot, String name) {
    return store
        .database()
        .findInPilot(
            pilot, "SELECT name FROM probe.thing WHERE name = ?", row -> row.getString(1), name);
  }

  @Test
  void shouldBindArraysOfTheServersOwnTypesWithAllThatTheyHold() {
    List<@Nullable String> texts = new ArrayList<>(List.of("a", "b \\ \"c\", {d}", ""));
    texts.add(null);
    // What jdbi binds by itself is varchar[], which the driver writes as text.
    assertThat(
            store
                .database()
                .<String>asPlatform(transaction ->
                    transaction
                        .createQuery("SELECT pg_typeof(:texts) || ' ' || pg_typeof(:numbers)")
                        .bindArray("texts", String.class, texts)
                        .bindArray("numbers", Long.class, List.of(1L, -2L))
                        .mapTo(String.class)
                        .one()))
        .isEqualTo("text[] bigint[]");
    assertThat(
            store
                .database()
                .<List<String>>asPlatform(transaction ->
                    transaction
                        .createQuery(
                            "SELECT coalesce(text, 'nothing') FROM unnest(:texts) AS t (text)")
                        .bindArray("texts", String.class, texts)
                        .mapTo(String.class)
                        .list()))
        .containsExactly("a", "b \\ \"c\", {d}", "", "nothing");
  }

  @Test
  void shouldHaveScopeAndQueryInOneTransaction() {
    // It has a row without the scope too, so nothing is asked again.
    for (int i = 0; i < 20; i++) {
      assertThat(
              store
                  .database()
                  .findInPilot(
                      AURORA,
                      "SELECT string_agg(name, ',') FROM probe.thing WHERE name <> ?",
                      row -> String.valueOf(row.getString(1)),
                      "nobody"))
          .contains("a");
    }
  }

  @Test
  void shouldShowNothingWhenTheScopeIsForgotten() throws Exception {
    try (Connection application = store.asApplication();
        Statement statement = application.createStatement();
        ResultSet rows = statement.executeQuery("SELECT count(*) FROM probe.thing")) {
      assertThat(rows.next()).isTrue();
      assertThat(rows.getInt(1)).isZero();
    }
  }

  @Test
  void shouldShowNothingOnAPooledConnectionAfterATransactionWithAScope() throws Exception {
    try (Connection application = store.asApplication();
        Statement statement = application.createStatement()) {
      application.setAutoCommit(false);
      statement.execute("SELECT set_config('pilothouse.pilot', 'aurora', true)");
      application.commit();
      try (ResultSet rows = statement.executeQuery("SELECT count(*) FROM probe.thing")) {
        assertThat(rows.next()).isTrue();
        assertThat(rows.getInt(1)).isZero();
      }
    }
  }

  @Test
  void shouldRefuseToWriteAnotherTenantsRow() {
    assertThatThrownBy(() ->
            store
                .database()
                .runInPilot(AURORA, transaction -> add(transaction, BOREAS, "smuggled")))
        .hasMessageContaining("row-level security");
    assertThat(
            store
                .database()
                .<Integer>inPilot(
                    AURORA,
                    transaction ->
                        transaction.execute("UPDATE probe.thing SET name = 'x' WHERE name = 'b'")))
        .isZero();
  }

  @Test
  void shouldBindTheOwnerTooWhenRowLevelSecurityIsForced() throws Exception {
    try (Connection owner = store.asOwner();
        Statement statement = owner.createStatement();
        ResultSet rows = statement.executeQuery("SELECT count(*) FROM probe.thing")) {
      assertThat(rows.next()).isTrue();
      assertThat(rows.getInt(1)).isZero();
    }
  }

  @Test
  void shouldLetTheApplicationNeitherOwnNorBypassNorAlter() throws Exception {
    try (Connection application = store.asApplication();
        Statement statement = application.createStatement()) {
      try (ResultSet rows =
          statement.executeQuery(
              "SELECT rolsuper OR rolbypassrls OR rolcreaterole, (SELECT count(*) FROM pg_class"
                  + " WHERE relowner = r.oid) FROM pg_roles r WHERE rolname = current_user")) {
        assertThat(rows.next()).isTrue();
        assertThat(rows.getBoolean(1)).isFalse();
        assertThat(rows.getInt(2)).isZero();
      }
      assertThatThrownBy(
              () -> statement.execute("ALTER TABLE probe.thing DISABLE ROW LEVEL SECURITY"))
          .hasMessageContaining("must be owner");
      assertThatThrownBy(() -> statement.execute("UPDATE outbox.message SET topic = 'other'"))
          .hasMessageContaining("permission denied");
    }
  }

  @Test
  void shouldMigrateTwiceWithoutDoingAnything() {
    new Migrations(store.config(), DatabaseIT.class.getClassLoader())
        .run(List.of(), Duration.ofSeconds(10));
  }

  @Test
  void shouldComeBackByItselfWhenEveryConnectionWasCut() throws Exception {
    store.database().ping();
    try (Connection application = store.asApplication();
        Statement statement = application.createStatement()) {
      statement.execute(
          "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = current_user"
              + " AND datname = current_database() AND pid <> pg_backend_pid()");
    }

    await()
        .atMost(Duration.ofSeconds(20))
        .ignoreExceptionsInstanceOf(Problem.class)
        .until(() -> {
          store.database().ping();
          return true;
        });
  }

  @Test
  void shouldAnswerUnavailableWithinItsTimeWhenTheServerIsAway() throws IOException {
    int free;
    try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      free = socket.getLocalPort();
    }
    PostgresConfig away =
        new PostgresConfig(
            "jdbc:postgresql://127.0.0.1:" + free + "/nothing",
            store.config().owner(),
            store.config().application(),
            2,
            Duration.ofMillis(500),
            Duration.ofSeconds(1));
    try (Database database = Database.open(away, new SimpleMeterRegistry())) {
      long before = System.nanoTime();
      assertThatThrownBy(database::ping)
          .isInstanceOfSatisfying(
              Problem.class,
              problem -> assertThat(problem.code()).isEqualTo(ProblemCode.UNAVAILABLE));
      assertThatThrownBy(database::ping).isInstanceOf(Problem.class);
      assertThat(Duration.ofNanos(System.nanoTime() - before)).isLessThan(Duration.ofSeconds(3));
    }
  }
}
