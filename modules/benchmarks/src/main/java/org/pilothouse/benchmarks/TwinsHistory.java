package org.pilothouse.benchmarks;

import java.io.IOException;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Charts of a twin that reported every second for a month. It is filled in once and kept. */
final class TwinsHistory implements Benchmark {
  private static final String PILOT = "bench-history";
  private static final String TWIN = "turbine-1";
  private static final int DAYS = 30;
  private static final Duration MONTH = Duration.ofDays(DAYS);

  /** Readings stay for as long as the platform allows, so that the month is there next time. */
  private static final int KEPT_DAYS = 3_650;

  private static final int REQUESTS = 200;
  private static final int WARM = 40;
  private static final int TIMEOUT_MILLIS = 30_000;
  private static final double BOUND = 150;
  private static final Pattern COUNTED = Pattern.compile("\\d\\]");

  /**
   * @param query beside the window
   * @param least points that the answer must have
   */
  private record Chart(String name, Duration window, String query, int least) {}

  private static final List<Chart> CHARTS =
      List.of(
          new Chart("month, step=auto", MONTH, "&property=temperature&step=auto", 1_440),
          new Chart(
              "three weeks, step=auto",
              Duration.ofDays(20),
              "&property=temperature&step=auto",
              1_920),
          new Chart("day, step=auto", Duration.ofDays(1), "&property=temperature&step=auto", 1_440),
          new Chart(
              "2,000 minutes", Duration.ofMinutes(2_000), "&property=temperature&step=auto", 2_000),
          new Chart(
              "hour, step=auto", Duration.ofHours(1), "&property=temperature&step=auto", 1_800),
          new Chart("hour, raw", Duration.ofHours(1), "&property=temperature", 3_600),
          new Chart("month, four properties", MONTH, "&step=auto", 4 * 1_440));

  @Override
  public List<Figure> run(Stack stack, Options options) throws Exception {
    stack.pilot(PILOT, KEPT_DAYS);
    Instant first = fill(stack);
    IngestHttp.say("readers caught up after %d s", stack.untilCaughtUp().toSeconds());
    List<Figure> figures = new ArrayList<>();
    String token = stack.platformToken();
    try (HttpConnection connection = new HttpConnection(stack.http(), TIMEOUT_MILLIS)) {
      for (Chart chart : CHARTS) {
        figures.add(measured(connection, token, chart, first));
      }
    }
    return figures;
  }

  private static Figure measured(
      HttpConnection connection, String token, Chart chart, Instant first) throws IOException {
    SplittableRandom random = new SplittableRandom(1);
    Latencies latencies = new Latencies();
    long minutes = MONTH.minus(chart.window()).toMinutes();
    int points = 0;
    long bytes = 0;
    for (int i = 0; i < WARM + REQUESTS; i++) {
      Instant from =
          first.plus(Duration.ofMinutes(minutes == 0 ? 0 : random.nextLong(minutes + 1)));
      String path =
          "/api/v1/pilots/"
              + PILOT
              + "/twins/"
              + TWIN
              + "/history?from="
              + from
              + "&to="
              + from.plus(chart.window())
              + chart.query();
      long start = System.nanoTime();
      HttpConnection.Answer answer = connection.get(path, token);
      if (i >= WARM) {
        latencies.since(start);
      }
      points = points(answer.body());
      bytes = answer.body().length();
      if (answer.status() != 200 || points < chart.least()) {
        throw new IllegalStateException(
            "answer %d with %d points to %s".formatted(answer.status(), points, path));
      }
    }
    double p99 = latencies.p99Millis();
    IngestHttp.say("%s: p99 %.1f ms, %d points, %,d bytes", chart.name(), p99, points, bytes);
    Map<String, Object> details = latencies.details();
    details.put("points", points);
    details.put("answer_bytes", bytes);
    details.put("readings_of_the_twin", MONTH.toSeconds());
    return Figure.ofCeiling("twins-history p99, " + chart.name(), p99, "ms", BOUND, details);
  }

  /** Each point ends in its count. */
  private static int points(String body) {
    Matcher matcher = COUNTED.matcher(body);
    int points = 0;
    while (matcher.find()) {
      points++;
    }
    return points;
  }

  /**
   * The rows come in no order of time: readings of a twin lie apart on the disk, as they do where
   * thousands of twins report side by side.
   *
   * @return the begin of the month
   */
  private static Instant fill(Stack stack) throws SQLException, InterruptedException {
    try (Store store = Store.ofPilot(stack, PILOT)) {
      // The days are filled in last.
      long days =
          store.number(
              "SELECT count(*) FROM twins.rollup WHERE pilot_id = ? AND twin_id = ? AND step = 86400",
              PILOT,
              TWIN);
      if (days < DAYS) {
        store.change("DELETE FROM twins.reading WHERE pilot_id = ?", PILOT);
        store.change("DELETE FROM twins.rollup WHERE pilot_id = ?", PILOT);
        fill(store, Instant.now().truncatedTo(ChronoUnit.DAYS).minus(MONTH));
        TwinsRead.untilAnalyzed(store, "twins", "reading");
        TwinsRead.untilAnalyzed(store, "twins", "rollup");
      }
      return Instant.ofEpochSecond(
          store.number(
              "SELECT extract(epoch FROM min(time))::bigint FROM twins.reading WHERE pilot_id = ? AND twin_id = ?",
              PILOT,
              TWIN));
    }
  }

  private static void fill(Store store, Instant first) throws SQLException {
    IngestHttp.say("filling in %,d readings and their summaries", MONTH.toSeconds());
    store.change(
        """
        INSERT INTO twins.twin (pilot_id, twin_id, revision, created_at, updated_at) VALUES (?, ?, 1, now(), now())
        ON CONFLICT DO NOTHING\
        """,
        PILOT,
        TWIN);
    store.change(
        """
        INSERT INTO twins.reading (pilot_id, twin_id, time, props)
        SELECT ?, ?, to_timestamp(? + n), jsonb_build_object(
          'temperature', round((60 + 20 * sin(n / 7000.0) + n % 97 / 50.0)::numeric, 2),
          'pressure', round((5 + 3 * sin(n / 900.0) + n % 89 / 100.0)::numeric, 3),
          'vibration', round((1 + sin(n / 60.0))::numeric, 4), 'speed', 1000 + n % 2000, 'state', 'running')
        FROM generate_series(0, ?) AS n ORDER BY hashint4(n)\
        """,
        PILOT, TWIN, first.getEpochSecond(), (int) MONTH.toSeconds() - 1);
    store.change(
        """
        INSERT INTO twins.rollup (pilot_id, twin_id, property, step, bucket, low, high, total, count, last, last_time)
        SELECT ?, ?, property, 60, bucket, min(value), max(value), sum(value), count(*),
          (array_agg(value ORDER BY time DESC))[1], max(time)
        FROM (SELECT time, date_trunc('minute', time) AS bucket, each.key AS property, each.value::double precision AS value
          FROM twins.reading, LATERAL jsonb_each_text(props) AS each WHERE pilot_id = ? AND each.key <> 'state') AS numbers
        GROUP BY property, bucket ORDER BY hashtext(property || bucket)\
        """,
        PILOT,
        TWIN,
        PILOT);
    for (int step : List.of(1_800, 86_400)) {
      store.change(
          """
          INSERT INTO twins.rollup (pilot_id, twin_id, property, step, bucket, low, high, total, count, last, last_time)
          SELECT pilot_id, twin_id, property, ?, date_bin(make_interval(secs => ?), bucket, TIMESTAMPTZ 'epoch') AS longer,
            min(low), max(high), sum(total), sum(count), (array_agg(last ORDER BY last_time DESC))[1], max(last_time)
          FROM twins.rollup WHERE pilot_id = ? AND step = 60 GROUP BY pilot_id, twin_id, property, longer\
          """,
          step,
          (double) step,
          PILOT);
    }
  }
}
