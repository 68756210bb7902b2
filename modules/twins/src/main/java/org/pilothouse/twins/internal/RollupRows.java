package org.pilothouse.twins.internal;

import java.util.ArrayList;
import java.util.List;
import org.jdbi.v3.core.Handle;
import org.pilothouse.kernel.PilotId;

/** Summaries on their way into their table, column by column. */
final class RollupRows {
  private final PilotId pilot;
  private final List<String> twins = new ArrayList<>();
  private final List<String> properties = new ArrayList<>();
  private final List<Integer> steps = new ArrayList<>();
  private final List<Long> buckets = new ArrayList<>();
  private final List<Double> lows = new ArrayList<>();
  private final List<Double> highs = new ArrayList<>();
  private final List<Double> totals = new ArrayList<>();
  private final List<Long> counts = new ArrayList<>();
  private final List<Double> lasts = new ArrayList<>();
  private final List<Long> lastTimes = new ArrayList<>();

  RollupRows(PilotId pilot) {
    this.pilot = pilot;
  }

  int size() {
    return twins.size();
  }

  void add(String twin, String property, int step, long bucket, Rollup rollup) {
    twins.add(twin);
    properties.add(property);
    steps.add(step);
    buckets.add(bucket);
    lows.add(rollup.low());
    highs.add(rollup.high());
    totals.add(rollup.total());
    counts.add(rollup.count());
    lasts.add(rollup.last());
    lastTimes.add(HistoryStore.micros(rollup.lastTime()));
  }

  /** Adds them to what the table has, and forgets them. */
  void merge(Handle transaction) {
    transaction
        .createUpdate(
            "INSERT INTO twins.rollup AS r (pilot_id, twin_id, property, step, bucket, low, high, total, count, last, last_time)"
                + " SELECT :pilot, twin, property, step, to_timestamp(bucket), low, high, total, count, last,"
                + " timestamptz 'epoch' + last_micros * interval '1 microsecond'"
                + " FROM unnest(:twins, :properties, :steps, :buckets, :lows, :highs, :totals, :counts, :lasts, :lastTimes)"
                + " AS added (twin, property, step, bucket, low, high, total, count, last, last_micros)"
                + " ON CONFLICT (pilot_id, twin_id, property, step, bucket) DO UPDATE SET"
                + " low = least(r.low, excluded.low), high = greatest(r.high, excluded.high),"
                + " total = r.total + excluded.total, count = r.count + excluded.count,"
                + " last = CASE WHEN excluded.last_time >= r.last_time THEN excluded.last ELSE r.last END,"
                + " last_time = greatest(r.last_time, excluded.last_time)")
        .bind("pilot", pilot.value())
        .bindArray("twins", String.class, twins)
        .bindArray("properties", String.class, properties)
        .bindArray("steps", Integer.class, steps)
        .bindArray("buckets", Long.class, buckets)
        .bindArray("lows", Double.class, lows)
        .bindArray("highs", Double.class, highs)
        .bindArray("totals", Double.class, totals)
        .bindArray("counts", Long.class, counts)
        .bindArray("lasts", Double.class, lasts)
        .bindArray("lastTimes", Long.class, lastTimes)
        .execute();
    List.of(twins, properties, steps, buckets, lows, highs, totals, counts, lasts, lastTimes)
        .forEach(List::clear);
  }
}
