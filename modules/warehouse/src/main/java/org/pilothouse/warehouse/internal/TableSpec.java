package org.pilothouse.warehouse.internal;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.pilothouse.models.PropertyModel;
import org.pilothouse.models.ThingModel;

/**
 * A table of a day as it was frozen: one of each model.
 *
 * @param revision of the model
 */
record TableSpec(String model, long revision, @Nullable String title, List<Column> columns) {
  static final String TWIN = "twin";
  static final String TIME = "time";
  static final String OTHERS = "other_properties";
  static final String SOURCE = "source";
  static final String EVENT_ID = "event_id";
  static final String PARTITION = "partition";
  static final String OFFSET = "offset";

  /** The columns of every table, and what engines make of the directories' names. */
  private static final Set<String> TAKEN =
      Set.of(
          TWIN, TIME, OTHERS, SOURCE, EVENT_ID, PARTITION, OFFSET, "model", "pilot", "date", "day");

  TableSpec {
    columns = List.copyOf(columns);
  }

  /** In the order of the model. Engines do not tell capitals from small letters in names. */
  static TableSpec of(ThingModel model) {
    Set<String> taken = new HashSet<>(TAKEN);
    List<Column> columns = new ArrayList<>();
    for (PropertyModel property : model.properties().values()) {
      columns.add(
          new Column(
              property.name(),
              free(property.name(), taken),
              Column.Kind.of(property.type()),
              property.unit(),
              property.title()));
    }
    return new TableSpec(model.id(), model.revision(), model.title(), columns);
  }

  private static String free(String property, Set<String> taken) {
    String name = property;
    for (int n = 2; !taken.add(name.toLowerCase(Locale.ROOT)); n++) {
      name = property + "_" + n;
    }
    return name;
  }
}
