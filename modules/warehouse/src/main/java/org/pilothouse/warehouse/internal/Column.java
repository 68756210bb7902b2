package org.pilothouse.warehouse.internal;

import org.jspecify.annotations.Nullable;
import org.pilothouse.models.PropertyModel;

/**
 * A property as a column.
 *
 * @param name of the column: the property's, or one like it where that is taken
 */
record Column(
    String property, String name, Kind kind, @Nullable String unit, @Nullable String title) {
  /** How values are stored. */
  enum Kind {
    NUMBER,
    INTEGER,
    TEXT,
    TRUTH,
    /** As JSON: the model leaves open what it is. */
    JSON;

    static Kind of(PropertyModel.Type type) {
      return switch (type) {
        case NUMBER -> NUMBER;
        case INTEGER -> INTEGER;
        case STRING -> TEXT;
        case BOOLEAN -> TRUTH;
        case OBJECT, ARRAY, NULL, ANY -> JSON;
      };
    }
  }
}
