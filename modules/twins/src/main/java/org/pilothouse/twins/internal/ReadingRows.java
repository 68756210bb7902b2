package org.pilothouse.twins.internal;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jdbi.v3.core.Handle;
import org.pilothouse.kernel.PilotId;

/** Readings on their way into their table, column by column: much smaller than the readings. */
final class ReadingRows {
  private final List<String> twins = new ArrayList<>();
  private final List<Long> times = new ArrayList<>();
  private final List<String> values = new ArrayList<>();
  private final StringBuilder json = new StringBuilder(512);

  boolean isEmpty() {
    return twins.isEmpty();
  }

  void add(Reading reading) {
    twins.add(reading.twin());
    times.add(HistoryStore.micros(reading.time()));
    json.setLength(0);
    write(reading.values());
    values.add(json.toString());
  }

  private void write(Map<String, Reported> reported) {
    json.append('{');
    reported.forEach((name, each) -> {
      if (json.length() > 1) {
        json.append(',');
      }
      Reading.quote(name, json);
      json.append(':').append(each.literal());
    });
    json.append('}');
  }

  void insert(Handle transaction, PilotId pilot) {
    transaction
        .createUpdate(
            "INSERT INTO twins.reading (pilot_id, twin_id, time, props)"
                + " SELECT :pilot, twin, timestamptz 'epoch' + micros * interval '1 microsecond', props::jsonb"
                + " FROM unnest(:twins, :times, :values) AS read (twin, micros, props)")
        .bind("pilot", pilot.value())
        .bindArray("twins", String.class, twins)
        .bindArray("times", Long.class, times)
        .bindArray("values", String.class, values)
        .execute();
  }
}
