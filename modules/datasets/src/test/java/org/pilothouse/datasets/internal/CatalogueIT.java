package org.pilothouse.datasets.internal;

import static org.assertj.core.api.Assertions.assertThat;

import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jdbi.v3.core.Handle;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.pilothouse.datasets.Dataset;
import org.pilothouse.datasets.DatasetState;
import org.pilothouse.kernel.PilotId;

/** What is found in the catalogue, and that it is the pilot's own. */
class CatalogueIT {
  private static final String SEARCH =
      "SELECT count(*) FROM datasets.with_text('needle', 'infinity', '', 10)";

  private Hold hold;
  private Wiring node;

  @BeforeEach
  void open() {
    hold = Hold.open();
    node = hold.node();
  }

  @AfterEach
  void close() {
    node.close();
    hold.close();
  }

  @ParameterizedTest
  @CsvSource({
    "needle, 2",
    "NEEDLE, 2",
    "edl, 2",
    "ee, 2",
    "needle in, 1",
    "press shop, 1",
    "wear of, 1",
    "eedlen, 0",
    "%, 0",
    "_, 0",
    "é, 1"
  })
  void shouldFindATextInNameOwnerAndPurpose(String text, int expected) {
    declare("a Needle in hay", Map.of());
    declare("other", Map.of("owner", "Press Shop", "purpose", "Wear of the NEEDLE", "x", "hidden"));
    declare("café", Map.of("x", "needle"));

    assertThat(all(hold.pilot1(), none(), text)).hasSize(expected);
  }

  @Test
  void shouldCombineATextWithFilters() {
    Dataset first = declare("needle 1", Map.of("owner", "a", "kind", "x"));
    declare("needle 2", Map.of("owner", "b", "kind", "x"));
    declare("hay", Map.of("owner", "a"));

    assertThat(
            all(
                hold.pilot1(),
                filter(
                    new Catalogue.Tag("owner", Optional.of("a")),
                    new Catalogue.Tag("kind", Optional.empty())),
                "needle"))
        .containsExactly(first.id().value());
  }

  /** More than is looked at one by one, so that the index has to name them. */
  @Test
  void shouldFindWhatIsFarBehind() {
    many(8_000);

    assertThat(all(hold.pilot1(), none(), "needle")).hasSize(8);
    assertThat(all(hold.pilot1(), none(), "needle 0")).containsExactly("many-0000000");
    assertThat(all(hold.pilot1(), none(), "ne")).hasSize(8);
    // 7, 70 to 79, 700 to 799, and 7000 to 7999 but the needle among them
    assertThat(all(hold.pilot1(), none(), "y 7")).hasSize(1_110);
    assertThat(all(hold.pilot1(), none(), "nothing such")).isEmpty();
    assertThat(all(hold.pilot1(), none(), "hay"))
        .hasSize(8_000)
        .isSortedAccordingTo((one, other) -> other.compareTo(one));
    assertThat(
            all(hold.pilot1(), filter(new Catalogue.Tag("owner", Optional.of("rare"))), "needle"))
        .hasSize(2);
    assertThat(
            all(
                hold.pilot1(),
                new Catalogue.Filter(
                    Optional.of(DatasetState.AVAILABLE),
                    List.of(),
                    Optional.empty(),
                    Optional.empty(),
                    Optional.empty(),
                    Optional.empty()),
                "needle"))
        .isEmpty();
  }

  @Test
  void shouldNameDatasetsByTextOfTheScopesPilotAlone() throws Exception {
    declare("needle", Map.of());

    assertThat(hold.database.<Integer>inPilot(hold.pilot1(), CatalogueIT::needles)).isOne();
    assertThat(hold.database.<Integer>inPilot(Hold.pilot(), CatalogueIT::needles)).isZero();
    assertThat(hold.database.<Integer>asPlatform(CatalogueIT::needles)).isZero();
    try (Connection application = hold.postgres.asApplication();
        Statement statement = application.createStatement()) {
      for (String scope : List.of("RESET pilothouse.pilot", "SET pilothouse.pilot = ''")) {
        statement.execute(scope);
        for (String query : List.of(SEARCH, "SELECT count(*) FROM datasets.dataset")) {
          try (ResultSet rows = statement.executeQuery(query)) {
            assertThat(rows.next()).isTrue();
            assertThat(rows.getInt(1)).as("%s after %s", query, scope).isZero();
          }
        }
      }
    }
  }

  /** Whoever may make functions and tables of the same names in a schema of his own. */
  @Test
  void shouldNotLetTheSearchBeTurnedAside() throws Exception {
    declare("needle", Map.of());
    try (Connection application = hold.postgres.asApplication();
        Statement statement = application.createStatement()) {
      statement.execute("SET pilothouse.pilot = 'aurora'");
      statement.execute(
          "CREATE FUNCTION pg_temp.strpos(text, text) RETURNS integer LANGUAGE sql AS 'SELECT 1'");
      statement.execute(
          "CREATE FUNCTION pg_temp.substr(text, integer, integer) RETURNS text LANGUAGE sql AS $$SELECT 'x'$$");
      statement.execute("SET search_path = pg_temp, pg_catalog, datasets");
      try (ResultSet rows = statement.executeQuery(SEARCH)) {
        assertThat(rows.next()).isTrue();
        assertThat(rows.getInt(1)).isZero();
      }
    }
    try (Connection owner = hold.postgres.asOwner();
        Statement statement = owner.createStatement();
        ResultSet functions =
            statement.executeQuery(
                "SELECT p.proname, array_to_string(p.proconfig, ' ; '), p.proacl::text FROM pg_proc p"
                    + " WHERE p.pronamespace = 'datasets'::regnamespace AND p.prosecdef")) {
      assertThat(functions.next()).isTrue();
      assertThat(functions.getString(1)).isEqualTo("with_text");
      assertThat(functions.getString(2)).startsWith("search_path=pg_catalog, pg_temp");
      assertThat(functions.getString(3)).doesNotContain("{=").doesNotContain(",=");
      assertThat(functions.next()).isFalse();
    }
  }

  @Test
  void shouldPlaceADatasetAmongTheVersionsOfItsName() {
    byte[] bytes = Hold.csv(100);
    Dataset first = hold.upload(node, hold.wanted("runs", bytes, Map.of()), bytes);
    declare("runs", Map.of());
    Dataset third = hold.upload(node, hold.wanted("runs", bytes, Map.of()), bytes);

    Offers.Offer offer = node.offers().find(hold.pilot1(), third.id()).orElseThrow();

    assertThat(offer.previous()).contains(first.id());
    assertThat(offer.first()).isEqualTo(first.id());
    assertThat(offer.last()).isEqualTo(third.id());
    Offers.Page page = node.offers().page(hold.pilot1(), Optional.empty(), 1);
    assertThat(page.offers()).extracting(each -> each.dataset().id()).containsExactly(third.id());
    assertThat(node.offers().page(hold.pilot1(), page.next(), 1).next()).isEmpty();
    node.lifecycle().withdraw(Hold.ADA, hold.pilot1(), first.id(), false);
    assertThat(node.offers().find(hold.pilot1(), first.id())).isEmpty();
    assertThat(node.offers().find(hold.pilot1(), third.id()).orElseThrow().previous()).isEmpty();
  }

  private Dataset declare(String name, Map<String, Object> tags) {
    return node.uploads()
        .declare(Hold.ADA, hold.pilot1(), hold.wanted(name, 10, Optional.empty(), tags));
  }

  /** One in a thousand is a needle, the oldest ones among them; every other needle is rare. */
  private void many(int count) {
    hold.database.runInPilot(
        hold.pilot1(),
        transaction -> {
          transaction.execute(
              "INSERT INTO datasets.dataset (pilot_id, dataset_id, name, version, state, object_key, size_bytes, declared_type,"
                  + " media_type, tags, made_by, inputs, part_size, created_at, created_by, updated_at)"
                  + " SELECT ?, 'many-' || to_char(n, 'FM0000000'), CASE WHEN n % 1000 = 0 THEN 'hay needle ' ELSE 'hay ' END || n, 1,"
                  + " 'quarantined', 'many/' || n, n, 'text/csv', 'text/csv', '{}', 'upload', '{}', 1, timestamptz '2026-01-01' +"
                  + " n * interval '1 s', 'x', now() FROM generate_series(0, ? - 1) AS n",
              hold.pilot1().value(), count);
          transaction.execute(
              "INSERT INTO datasets.tag (pilot_id, name, value, created_at, dataset_id)"
                  + " SELECT pilot_id, 'owner', CASE WHEN dataset_id LIKE '%3000' OR dataset_id LIKE '%5000' OR dataset_id LIKE '%1'"
                  + " THEN 'rare' ELSE 'other' END, created_at, dataset_id FROM datasets.dataset");
        });
  }

  private static int needles(Handle transaction) {
    return transaction.createQuery(SEARCH).mapTo(Integer.class).one();
  }

  /** All pages, none of which is larger than asked. */
  private List<String> all(PilotId pilot, Catalogue.Filter filter, String text) {
    List<String> ids = new ArrayList<>();
    Optional<Catalogue.Before> before = Optional.empty();
    do {
      Catalogue.Slice slice = node.catalogue().search(pilot, filter, text, before, 300);
      assertThat(slice.datasets()).hasSizeLessThanOrEqualTo(300);
      slice.datasets().forEach(dataset -> ids.add(dataset.id().value()));
      before = slice.next();
    } while (before.isPresent());
    assertThat(ids).doesNotHaveDuplicates();
    return ids;
  }

  private static Catalogue.Filter none() {
    return filter();
  }

  private static Catalogue.Filter filter(Catalogue.Tag... tags) {
    return new Catalogue.Filter(
        Optional.empty(),
        List.of(tags),
        Optional.empty(),
        Optional.empty(),
        Optional.empty(),
        Optional.empty());
  }
}
