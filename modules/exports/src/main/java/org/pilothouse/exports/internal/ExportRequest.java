package org.pilothouse.exports.internal;

import com.fasterxml.jackson.databind.JsonNode;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.pilothouse.datasets.DatasetId;
import org.pilothouse.exports.internal.engine.QueryRequest.Compression;
import org.pilothouse.exports.internal.engine.QueryRequest.Format;
import org.pilothouse.kernel.Problem;
import org.pilothouse.kernel.TwinId;

/**
 * What is to be exported.
 *
 * @param sql a person's own query over the source; null where it is made of the rest
 * @param model only rows of this model, {@link #TIDY} for those of twins without one; null: all
 * @param twins none: all
 * @param properties columns or properties; none: all
 * @param window of the rows' times
 * @param splitBytes 0: one file
 */
public record ExportRequest(
    Source source,
    @Nullable String sql,
    @Nullable String model,
    Set<TwinId> twins,
    List<String> properties,
    @Nullable Window window,
    List<Filter> filters,
    @Nullable Resample resample,
    Format format,
    Compression compression,
    long splitBytes,
    String name,
    @Nullable Integer retentionDays) {
  /** Stands for the table of twins without a model; no model can be called so. */
  static final String TIDY = "_tidy";

  public ExportRequest {
    twins = Set.copyOf(twins);
    properties = List.copyOf(properties);
    filters = List.copyOf(filters);
  }

  /**
   * Where the rows come from: datasets, or closed days and live history.
   *
   * @param history what is known of twins and in no closed day yet
   */
  record Source(List<DatasetId> datasets, @Nullable Days days, @Nullable Window history) {
    Source {
      datasets = List.copyOf(datasets);
    }
  }

  /** Closed days. */
  sealed interface Days {
    /** Both included. */
    record Between(LocalDate from, LocalDate to) implements Days {}

    record Newest(int count) implements Days {}
  }

  /**
   * @param to is excluded
   */
  record Window(Instant from, Instant to) {}

  /** A condition on a column. */
  record Filter(String field, Operator operator, List<Object> values) {
    Filter {
      values = List.copyOf(values);
    }
  }

  /** How values are compared. */
  enum Operator {
    EQ,
    NE,
    LT,
    LTE,
    GT,
    GTE,
    IN,
    PREFIX,
    EXISTS
  }

  /** A row a twin and span of time, where there is any. */
  record Resample(Duration every, List<Aggregate> aggregates) {
    Resample {
      aggregates = List.copyOf(aggregates);
    }
  }

  /** What becomes of the values of a span. */
  enum Aggregate {
    AVG,
    MIN,
    MAX,
    LAST,
    SUM,
    COUNT
  }

  /**
   * Reads the parameters of a job or a preview.
   *
   * @throws Problem {@code invalid_value}, {@code missing_field} or {@code unknown_field} with the
   *     path below {@code /parameters}
   */
  public static ExportRequest of(JsonNode parameters) {
    return new RequestReading(parameters, "/parameters").request();
  }
}
