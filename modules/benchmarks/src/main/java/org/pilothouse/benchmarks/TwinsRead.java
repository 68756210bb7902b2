package org.pilothouse.benchmarks;

import com.fasterxml.jackson.databind.JsonNode;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.function.Function;
import java.util.zip.CRC32C;

/** A million twins: one of them, and pages of the list. They are filled in once and kept. */
final class TwinsRead implements Benchmark {
  private static final String PILOT = "bench-million";
  private static final String TWINS = "/api/v1/pilots/" + PILOT + "/twins";
  private static final int MILLION = 1_000_000;
  private static final int AT_ONCE = 50_000;
  private static final int MODELS = 20;
  private static final int PAGE = 50;

  private static final double ONE_A_SECOND = 1_000;
  private static final double PAGES_A_SECOND = 20;
  private static final double ONE_BOUND = 5;
  private static final double PAGE_BOUND = 50;

  /** Until the just-in-time compiler is through: before, it takes a core of two now and then. */
  private static final Duration WARM_ONE = Duration.ofMinutes(2);

  private static final Duration WARM_PAGE = Duration.ofSeconds(5);
  private static final Duration ANALYZED = Duration.ofMinutes(4);

  @Override
  public List<Figure> run(Stack stack, Options options) throws Exception {
    stack.pilot(PILOT, 1);
    fill(stack);
    checkCursor(stack);
    IngestHttp.say("readers caught up after %d s", stack.untilCaughtUp().toSeconds());
    List<Figure> figures = new ArrayList<>();
    figures.add(
        measured(
            stack,
            "twins-read p99, one twin",
            ONE_A_SECOND,
            WARM_ONE,
            Duration.ofSeconds(Math.max(30, options.seconds())),
            ONE_BOUND,
            random -> TWINS + "/" + id(random.nextInt(MILLION))));
    figures.add(page(stack, options, "", random -> ""));
    figures.add(
        page(
            stack,
            options,
            ", by model",
            random -> "&model=model-" + (10 + random.nextInt(MODELS))));
    figures.add(
        page(
            stack,
            options,
            ", by text of 1 in 40",
            random -> "&q=hall-" + (10 + random.nextInt(40))));
    figures.add(
        page(
            stack,
            options,
            ", by text of one twin",
            random -> "&q=Machine%20" + random.nextInt(MILLION)));
    figures.add(page(stack, options, ", by silence of none", random -> "&silent_for=31536000"));
    return figures;
  }

  private static Figure page(
      Stack stack, Options options, String name, Function<SplittableRandom, String> filter)
      throws InterruptedException {
    return measured(
        stack,
        "twins-read p99, page of " + PAGE + name,
        PAGES_A_SECOND,
        WARM_PAGE,
        Duration.ofSeconds(options.seconds()),
        PAGE_BOUND,
        random ->
            TWINS
                + "?limit="
                + PAGE
                + "&cursor="
                + cursor(id(random.nextInt(MILLION)))
                + filter.apply(random));
  }

  private static Figure measured(
      Stack stack,
      String name,
      double perSecond,
      Duration warm,
      Duration time,
      double bound,
      Function<SplittableRandom, String> path)
      throws InterruptedException {
    OpenReads.Result result =
        OpenReads.run(
            stack.http(),
            stack.platformToken(),
            perSecond > 100 ? 64 : 16,
            perSecond,
            warm,
            time,
            path);
    Map<String, Object> details = result.latencies().details();
    details.put("twins", MILLION);
    details.put("offered_per_second", perSecond);
    details.put("answered_per_second", result.achieved());
    details.put("not_answered", result.failed());
    details.put("mean_answer_bytes", result.bytes());
    details.put("late_by_the_sender_p99_ms", result.lateness().p99Millis());
    double p99 = result.latencies().p99Millis();
    IngestHttp.say(
        "%s: %.2f ms, %d answers, %d failed",
        name, p99, result.latencies().count(), result.failed());
    boolean pass = p99 <= bound && result.failed() == 0 && result.latencies().count() > 0;
    return new Figure(name, p99, null, "ms", bound, pass, details);
  }

  static String id(int number) {
    return String.format(Locale.ROOT, "asset-%07d", number);
  }

  /**
   * Cursors are opaque to callers. Here one is made as the platform would give it behind that twin:
   * walking to a random place would take thousands of pages.
   */
  private static String cursor(String after) {
    byte[] text = ("twins/" + PILOT + "\u001f" + after).getBytes(StandardCharsets.UTF_8);
    CRC32C sum = new CRC32C();
    sum.update(text);
    return Base64.getUrlEncoder()
        .withoutPadding()
        .encodeToString(
            ByteBuffer.allocate(4 + text.length).putInt((int) sum.getValue()).put(text).array());
  }

  private static void checkCursor(Stack stack) {
    JsonNode page = stack.platform().get(TWINS + "?limit=1");
    String given = page.path("next_cursor").asText();
    if (!given.equals(cursor(page.path("items").path(0).path("twin_id").asText()))) {
      throw new IllegalStateException("the platform gives other cursors than this makes: " + given);
    }
  }

  private static void fill(Stack stack) throws SQLException, InterruptedException {
    try (Store store = Store.ofPilot(stack, PILOT)) {
      long there = store.number("SELECT count(*) FROM twins.state WHERE pilot_id = ?", PILOT);
      if (there >= MILLION) {
        return;
      }
      IngestHttp.say("filling in %,d twins, of which %,d are there", MILLION, there);
      for (int from = 0; from < MILLION; from += AT_ONCE) {
        store.change(
            """
            INSERT INTO twins.twin (pilot_id, twin_id, model, attributes, desired, revision, created_at, updated_at)
            SELECT ?, 'asset-' || to_char(n, 'FM0000000'), 'model-' || 10 + n % 20,
              jsonb_build_object('name', 'Machine ' || n, 'place', format('works-%s/hall-%s/line-%s', 1 + n % 7, 10 + n % 40, 1 + n % 9),
                'serial', md5(n::text), 'rated_kw', n % 400, 'commissioned', date '2015-01-01' + n % 3000),
              jsonb_build_object('speed', 1000 + n % 2000), 1, now(), now()
            FROM generate_series(?, ?) AS n ON CONFLICT DO NOTHING\
            """,
            PILOT, from, from + AT_ONCE - 1);
        store.change(
            """
            INSERT INTO twins.state (pilot_id, twin_id, properties, reported_at, device)
            SELECT ?, 'asset-' || to_char(n, 'FM0000000'),
              format('{"pressure":{"value":%1$s,"time":"%6$s"},"running":{"value":true,"time":"%6$s"},"speed":{"value":%2$s,"time":"%6$s"},'
                || '"state":{"value":"running","time":"%6$s"},"temperature":{"value":%3$s,"time":"%6$s"},'
                || '"vibration":{"value":%4$s,"time":"%6$s"},"volume":{"value":%5$s,"time":"%6$s"}}',
                1 + n % 900 / 100.0, 1000 + n % 2000, 20 + n % 6000 / 100.0, n % 4000 / 1000.0, n,
                to_char(at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"')),
              at, 'load-1'
            FROM generate_series(?, ?) AS n,
              LATERAL (SELECT date_trunc('milliseconds', now()) - n % 600000 * interval '1 millisecond' AS at) AS reported
            ON CONFLICT DO NOTHING\
            """,
            PILOT, from, from + AT_ONCE - 1);
      }
      untilAnalyzed(store, "twins", "twin");
      untilAnalyzed(store, "twins", "state");
    }
  }

  /** The server gathers statistics by itself; until then its plans are made for empty tables. */
  static void untilAnalyzed(Store store, String schema, String table)
      throws SQLException, InterruptedException {
    long end = System.nanoTime() + ANALYZED.toNanos();
    while (store.number(
            "SELECT n_mod_since_analyze FROM pg_stat_all_tables WHERE schemaname = ? AND relname = ?",
            schema,
            table)
        > MILLION / 5) {
      if (System.nanoTime() > end) {
        IngestHttp.say("%s.%s has no new statistics yet", schema, table);
        return;
      }
      Thread.sleep(1_000);
    }
  }
}
