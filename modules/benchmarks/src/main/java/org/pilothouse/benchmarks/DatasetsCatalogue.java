package org.pilothouse.benchmarks;

import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * A catalogue of a million datasets: pages of it, and one of them. It is filled in once and kept.
 */
final class DatasetsCatalogue implements Benchmark {
  private static final String PILOT = "bench-catalogue";
  private static final String DATASETS = "/api/v1/pilots/" + PILOT + "/datasets";
  private static final int MILLION = 1_000_000;
  private static final int AT_ONCE = 50_000;
  private static final int TEAMS = 40;
  private static final double A_SECOND = 20;
  private static final double BOUND = 100;
  private static final Duration WARM = Duration.ofSeconds(5);

  /** The first of them was made so long before the others began to be filled in. */
  private static final Duration SPAN = Duration.ofSeconds(MILLION);

  @Override
  public List<Figure> run(Stack stack, Options options) throws Exception {
    stack.pilot(PILOT, 1);
    Instant first = fill(stack);
    IngestHttp.say("readers caught up after %d s", stack.untilCaughtUp().toSeconds());
    List<Figure> figures = new ArrayList<>();
    figures.add(measured(stack, options, "page", first, random -> ""));
    figures.add(measured(stack, options, "by state", first, random -> "&state=quarantined"));
    figures.add(
        measured(
            stack,
            options,
            "by a tag of 1 in " + TEAMS,
            first,
            random -> "&tag=owner:team-" + random.nextInt(TEAMS)));
    figures.add(
        measured(
            stack,
            options,
            "by two tags and a state",
            first,
            random ->
                "&state=quarantined&tag=classification:internal&tag=owner:team-"
                    + random.nextInt(TEAMS)));
    figures.add(
        measured(
            stack,
            options,
            "by a name's versions",
            null,
            random -> "&name=run-" + random.nextInt(MILLION / 10)));
    figures.add(
        measured(
            stack,
            options,
            "by the begin of a name",
            null,
            random -> "&prefix=run-" + (10_000 + random.nextInt(80_000))));
    figures.add(
        measured(
            stack,
            options,
            "by a text of 1 in " + TEAMS,
            first,
            random -> "&q=TEAM-" + (10 + random.nextInt(TEAMS - 10))));
    figures.add(
        measured(
            stack,
            options,
            "by a text of 10",
            null,
            random -> "&q=un-" + (10_000 + random.nextInt(90_000))));
    figures.add(
        measured(
            stack,
            options,
            "by a text of one",
            null,
            random -> "&q=of%20batch%20" + (100_000 + random.nextInt(900_000))));
    figures.add(
        measured(
            stack,
            options,
            "by a text of none",
            null,
            random -> "&q=acceptance%20of%20run%20" + random.nextInt(MILLION)));
    figures.add(
        measured(
            stack,
            options,
            "by a text of 10, a tag and a state",
            null,
            random ->
                "&state=quarantined&tag=classification:internal&q=un-"
                    + (10_000 + random.nextInt(90_000))));
    figures.add(one(stack, options));
    return figures;
  }

  /**
   * @param first where pages begin at a random time after it; null where they begin with the newest
   */
  private static Figure measured(
      Stack stack,
      Options options,
      String name,
      @Nullable Instant first,
      Function<SplittableRandom, String> filter)
      throws InterruptedException {
    return figure(
        stack,
        options,
        "datasets-catalogue p99, " + name,
        random ->
            DATASETS
                + "?limit=50"
                + (first == null ? "" : "&to=" + first.plusSeconds(random.nextInt(MILLION)))
                + filter.apply(random));
  }

  private static Figure one(Stack stack, Options options) throws InterruptedException {
    return figure(
        stack,
        options,
        "datasets-catalogue p99, one dataset",
        random -> DATASETS + "/" + id(random.nextInt(MILLION)));
  }

  private static Figure figure(
      Stack stack, Options options, String name, Function<SplittableRandom, String> path)
      throws InterruptedException {
    OpenReads.Result result =
        OpenReads.run(
            stack.http(),
            stack.platformToken(),
            16,
            A_SECOND,
            WARM,
            Duration.ofSeconds(options.seconds()),
            path);
    Map<String, Object> details = result.latencies().details();
    details.put("datasets", MILLION);
    details.put("offered_per_second", A_SECOND);
    details.put("not_answered", result.failed());
    details.put("mean_answer_bytes", result.bytes());
    double p99 = result.latencies().p99Millis();
    IngestHttp.say(
        "%s: %.2f ms, %d answers, %d failed",
        name, p99, result.latencies().count(), result.failed());
    boolean pass = p99 <= BOUND && result.failed() == 0 && result.latencies().count() > 0;
    return new Figure(name, p99, null, "ms", BOUND, pass, details);
  }

  private static String id(int number) {
    return String.format(Locale.ROOT, "bench-%07d", number);
  }

  /**
   * They are in quarantine: that is what a dataset may be whose bytes nobody looks for.
   *
   * @return when the first was made
   */
  private static Instant fill(Stack stack) throws SQLException, InterruptedException {
    try (Store store = Store.ofPilot(stack, PILOT)) {
      long there = store.number("SELECT count(*) FROM datasets.dataset WHERE pilot_id = ?", PILOT);
      if (there < MILLION) {
        long first = Instant.now().minus(SPAN).getEpochSecond();
        if (there > 0) {
          first = began(store).getEpochSecond();
        }
        IngestHttp.say("filling in %,d datasets, of which %,d are there", MILLION, there);
        for (int from = 0; from < MILLION; from += AT_ONCE) {
          fill(store, first, from);
        }
        TwinsRead.untilAnalyzed(store, "datasets", "dataset");
        TwinsRead.untilAnalyzed(store, "datasets", "tag");
      }
      return began(store);
    }
  }

  private static Instant began(Store store) throws SQLException {
    return Instant.ofEpochSecond(
        store.number(
            "SELECT extract(epoch FROM min(created_at))::bigint FROM datasets.dataset WHERE pilot_id = ?",
            PILOT));
  }

  private static void fill(Store store, long first, int from) throws SQLException {
    store.change(
        """
        INSERT INTO datasets.dataset (pilot_id, dataset_id, name, version, state, object_key, size_bytes, declared_type, media_type,
          declared_checksum, tags, made_by, inputs, part_size, failure_code, failure_detail, created_at, created_by, updated_at)
        SELECT ?, 'bench-' || to_char(n, 'FM0000000'), 'run-' || n / 10, 1 + n % 10, 'quarantined', 'bench/' || n, n * 1000, 'text/csv',
          'text/csv', sha256(n::text::bytea), jsonb_build_object('owner', 'team-' || n % 40, 'classification', 'internal',
          'purpose', 'acceptance of batch ' || n), 'upload', '{}', 16777216, 'checksum_mismatch', 'as filled in',
          to_timestamp(? + n), 'person:bench', to_timestamp(? + n)
        FROM generate_series(?, ?) AS n ON CONFLICT DO NOTHING\
        """,
        PILOT, first, first, from, from + AT_ONCE - 1);
    store.change(
        """
        INSERT INTO datasets.tag (pilot_id, name, value, created_at, dataset_id)
        SELECT ?, tag.name, tag.value, to_timestamp(? + n), 'bench-' || to_char(n, 'FM0000000')
        FROM generate_series(?, ?) AS n,
          LATERAL (VALUES ('owner', 'team-' || n % 40), ('classification', 'internal'),
            ('purpose', 'acceptance of batch ' || n)) AS tag (name, value) ON CONFLICT DO NOTHING\
        """,
        PILOT, first, from, from + AT_ONCE - 1);
  }
}
