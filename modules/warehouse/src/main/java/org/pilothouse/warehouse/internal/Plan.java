package org.pilothouse.warehouse.internal;

import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * What a run does, frozen before it reads anything: the same plan gives the same bytes.
 *
 * @param tables by model
 * @param factsTo where the reading of the facts of twins ends, by partition
 * @param latenessSeconds after the day's end, from when on an event was late
 */
record Plan(List<TableSpec> tables, Map<Integer, Long> factsTo, long latenessSeconds) {
  Plan {
    tables = List.copyOf(tables);
    SortedMap<Integer, Long> sorted = new TreeMap<>(factsTo);
    factsTo = java.util.Collections.unmodifiableSortedMap(sorted);
  }
}
