package org.pilothouse.twins.internal;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import org.jdbi.v3.core.Handle;
import org.pilothouse.kernel.PilotId;

/** Readings on their way into their table: much smaller than the readings. */
final class ReadingRows {
  /** Neighbours in the index, and rows that a chart reads together, are written together. */
  private static final Comparator<Row> ORDER =
      Comparator.comparing(Row::twin).thenComparingLong(Row::micros);

  private record Row(String twin, long micros, String values) {}

  private final List<Row> rows = new ArrayList<>();
  private final StringBuilder json = new StringBuilder(512);
  private long characters;

  int size() {
    return rows.size();
  }

  /** Of all values. */
  long characters() {
    return characters;
  }

  void add(Reading reading) {
    json.setLength(0);
    write(reading.values());
    rows.add(new Row(reading.twin(), HistoryStore.micros(reading.time()), json.toString()));
    characters += json.length();
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

  /** Adds them to the table, and forgets them. */
  void insert(Handle transaction, PilotId pilot) {
    rows.sort(ORDER);
    transaction
        .createUpdate(
            "INSERT INTO twins.reading (pilot_id, twin_id, time, props)"
                + " SELECT :pilot, twin, timestamptz 'epoch' + micros * interval '1 microsecond', props::jsonb"
                + " FROM unnest(:twins, :times, :values) AS read (twin, micros, props)")
        .bind("pilot", pilot.value())
        .bindArray("twins", String.class, rows.stream().map(Row::twin).toList())
        .bindArray("times", Long.class, rows.stream().map(Row::micros).toList())
        .bindArray("values", String.class, rows.stream().map(Row::values).toList())
        .execute();
    rows.clear();
    characters = 0;
  }
}
