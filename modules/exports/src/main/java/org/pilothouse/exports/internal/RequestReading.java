package org.pilothouse.exports.internal;

import com.fasterxml.jackson.databind.JsonNode;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.pilothouse.datasets.DatasetId;
import org.pilothouse.exports.internal.ExportRequest.Aggregate;
import org.pilothouse.exports.internal.ExportRequest.Days;
import org.pilothouse.exports.internal.ExportRequest.Filter;
import org.pilothouse.exports.internal.ExportRequest.Operator;
import org.pilothouse.exports.internal.ExportRequest.Resample;
import org.pilothouse.exports.internal.ExportRequest.Source;
import org.pilothouse.exports.internal.ExportRequest.Window;
import org.pilothouse.exports.internal.engine.QueryRequest.Compression;
import org.pilothouse.exports.internal.engine.QueryRequest.Format;
import org.pilothouse.kernel.Names;
import org.pilothouse.kernel.Problem;
import org.pilothouse.kernel.ProblemCode;
import org.pilothouse.kernel.TwinId;
import org.pilothouse.platform.web.JsonFields;

/** Reads an object field by field and says by its path what is wrong. */
final class RequestReading {
  private static final int MOST_DATASETS = 100;
  private static final int MOST_VERIFIED = 1_000;
  private static final int MOST_COUNTED = 1_000_000;
  private static final int MOST_DAYS = 400;
  private static final int MOST_TWINS = 1_000;
  private static final int MOST_PROPERTIES = 1_000;
  private static final int MOST_FILTERS = 50;
  private static final int MOST_VALUES = 1_000;
  private static final int LONGEST_NAME = 256;
  private static final int LONGEST_TEXT = 1_024;
  private static final int LONGEST_SQL = 64 * 1024;
  private static final long LEAST_SPLIT = 1 << 20;
  private static final long LARGEST_SPLIT = 1L << 40;
  private static final int LONGEST_RETENTION = 36_500;
  private static final Duration LONGEST_SPAN = Duration.ofDays(366);
  private static final int FIRST_YEAR = 1900;
  private static final int LAST_YEAR = 2999;

  private final JsonNode object;
  private final String path;
  private final Set<String> asked = new HashSet<>();

  RequestReading(JsonNode object, String path) {
    this.object = object;
    this.path = path;
    if (!object.isObject()) {
      throw invalid("", "must be an object");
    }
  }

  ExportRequest request() {
    ExportRequest request =
        new ExportRequest(
            source(),
            optionalText("sql", LONGEST_SQL),
            model(),
            twins(),
            texts("properties", MOST_PROPERTIES, LONGEST_TEXT),
            window("window"),
            filters(),
            resample(),
            word("format", Format.class, null),
            compression(),
            split(),
            name(),
            retention());
    refuseOthers();
    fit(request);
    return request;
  }

  VerifyRequest verification() {
    List<DatasetId> datasets = ids("datasets", MOST_VERIFIED);
    int percent = value("percent") == null ? 100 : (int) number("percent", 1, 100);
    int count = value("count") == null ? 0 : (int) number("count", 1, MOST_COUNTED);
    refuseOthers();
    return new VerifyRequest(datasets, percent, count);
  }

  private List<DatasetId> ids(String name, int most) {
    List<DatasetId> ids = new ArrayList<>();
    for (String id : texts(name, most, LONGEST_TEXT)) {
      if (!Names.isId(id)) {
        throw invalid(name, "must name datasets by their ids");
      }
      ids.add(new DatasetId(id));
    }
    return ids.stream().distinct().toList();
  }

  Source source() {
    JsonNode given = value("source");
    if (given == null) {
      throw missing("source");
    }
    RequestReading in = new RequestReading(given, at("source"));
    List<DatasetId> datasets = in.ids("datasets", MOST_DATASETS);
    Days days = in.days();
    Window history = in.window("history");
    in.refuseOthers();
    if (datasets.isEmpty() == (days == null && history == null)) {
      throw invalid("source", "must name datasets, or closed_days or history or both of these");
    }
    return new Source(datasets, days, history);
  }

  private @Nullable Days days() {
    JsonNode given = value("closed_days");
    if (given == null) {
      return null;
    }
    RequestReading in = new RequestReading(given, at("closed_days"));
    JsonNode last = in.value("last");
    if (last != null) {
      in.refuseOthers();
      return new Days.Newest((int) in.number("last", 1, MOST_DAYS));
    }
    LocalDate from = in.date("from");
    LocalDate to = in.date("to");
    in.refuseOthers();
    if (to.isBefore(from) || ChronoUnit.DAYS.between(from, to) >= MOST_DAYS) {
      throw in.invalid("to", "must be up to " + (MOST_DAYS - 1) + " days after from");
    }
    return new Days.Between(from, to);
  }

  @Nullable Window window(String name) {
    JsonNode given = value(name);
    if (given == null) {
      return null;
    }
    RequestReading in = new RequestReading(given, at(name));
    Instant from = in.time("from");
    Instant to = in.time("to");
    in.refuseOthers();
    if (!from.isBefore(to)) {
      throw in.invalid("to", "must be after from");
    }
    return new Window(from, to);
  }

  @Nullable String model() {
    String model = optionalText("model", LONGEST_TEXT);
    if (model != null && !model.equals(ExportRequest.TIDY) && !Names.isId(model)) {
      throw invalid("model", "must be the id of a model, or " + ExportRequest.TIDY);
    }
    return model;
  }

  private Set<TwinId> twins() {
    Set<TwinId> twins = new LinkedHashSet<>();
    for (String twin : texts("twins", MOST_TWINS, LONGEST_TEXT)) {
      if (!Names.isTwinId(twin)) {
        throw invalid("twins", "must name twins by their ids");
      }
      twins.add(new TwinId(twin));
    }
    return twins;
  }

  private List<Filter> filters() {
    List<Filter> filters = new ArrayList<>();
    JsonNode given = value("filter");
    if (given == null) {
      return filters;
    }
    if (!given.isArray() || given.size() > MOST_FILTERS) {
      throw invalid("filter", "must be a list of at most " + MOST_FILTERS + " conditions");
    }
    for (int i = 0; i < given.size(); i++) {
      filters.add(new RequestReading(given.get(i), at("filter") + "/" + i).filter());
    }
    return filters;
  }

  private Filter filter() {
    String field = text("field", LONGEST_TEXT);
    Operator operator = word("op", Operator.class, null);
    JsonNode value = value("value");
    refuseOthers();
    if (value == null) {
      throw missing("value");
    }
    return switch (operator) {
      case IN -> {
        if (!value.isArray() || value.isEmpty() || value.size() > MOST_VALUES) {
          throw invalid("value", "must be a list of 1 to " + MOST_VALUES + " values");
        }
        List<Object> values = new ArrayList<>();
        value.forEach(each -> values.add(scalar(each)));
        yield new Filter(field, operator, values);
      }
      case EXISTS -> {
        if (!value.isBoolean()) {
          throw invalid("value", "must be true or false");
        }
        yield new Filter(field, operator, List.of(value.booleanValue()));
      }
      case PREFIX -> new Filter(field, operator, List.of(text("value", LONGEST_TEXT)));
      case EQ, NE, LT, LTE, GT, GTE -> new Filter(field, operator, List.of(scalar(value)));
    };
  }

  private Object scalar(JsonNode value) {
    if (value.isBoolean()) {
      return value.booleanValue();
    }
    if (value.isIntegralNumber() && value.canConvertToLong()) {
      return value.longValue();
    }
    if (value.isNumber() && Double.isFinite(value.doubleValue())) {
      return value.doubleValue();
    }
    if (value.isTextual() && isText(value.textValue(), LONGEST_TEXT)) {
      return value.textValue();
    }
    throw invalid("value", "must be a text, a number, true or false");
  }

  private @Nullable Resample resample() {
    JsonNode given = value("resample");
    if (given == null) {
      return null;
    }
    RequestReading in = new RequestReading(given, at("resample"));
    Duration every = in.duration("every");
    List<Aggregate> aggregates =
        in.texts("aggregates", Aggregate.values().length, LONGEST_TEXT).stream()
            .map(word -> in.wordOf("aggregates", word, Aggregate.class))
            .distinct()
            .toList();
    in.refuseOthers();
    if (aggregates.isEmpty()) {
      throw in.missing("aggregates");
    }
    return new Resample(every, aggregates);
  }

  private Duration duration(String name) {
    String text = text(name, LONGEST_TEXT);
    try {
      Duration duration = Duration.parse(text);
      if (duration.compareTo(Duration.ofMillis(1)) >= 0
          && duration.compareTo(LONGEST_SPAN) <= 0
          && duration.getNano() % 1_000 == 0) {
        return duration;
      }
    } catch (DateTimeException e) {
      // Said below, with what is expected.
    }
    throw invalid(name, "must be a duration such as PT5M, from 1 ms to 366 days");
  }

  private Compression compression() {
    Compression given = word("compression", Compression.class, Compression.NONE);
    Format format = word("format", Format.class, null);
    if (format == Format.PARQUET && value("compression") == null) {
      return Compression.ZSTD;
    }
    if (format == Format.XLSX && given != Compression.NONE) {
      throw invalid("compression", "must be none: a sheet is packed anyway");
    }
    return given;
  }

  private long split() {
    if (value("split_bytes") == null) {
      return 0;
    }
    if (word("format", Format.class, null) == Format.XLSX) {
      throw invalid("split_bytes", "must be absent: a sheet is one file");
    }
    return number("split_bytes", LEAST_SPLIT, LARGEST_SPLIT);
  }

  private String name() {
    String name = optionalText("name", LONGEST_NAME);
    return name == null ? "export" : name;
  }

  private @Nullable Integer retention() {
    return value("retention_days") == null
        ? null
        : (int) number("retention_days", 1, LONGEST_RETENTION);
  }

  /** What goes together. */
  private void fit(ExportRequest request) {
    if (request.sql() == null) {
      return;
    }
    if (!request.properties().isEmpty()
        || !request.filters().isEmpty()
        || request.resample() != null) {
      throw invalid("sql", "must say itself which columns, filters and spans it wants");
    }
  }

  private LocalDate date(String name) {
    try {
      LocalDate date = LocalDate.parse(text(name, LONGEST_TEXT));
      if (date.getYear() >= FIRST_YEAR && date.getYear() <= LAST_YEAR) {
        return date;
      }
    } catch (DateTimeException e) {
      // Said below, with what is expected.
    }
    throw invalid(name, "must be a date such as 2026-01-31");
  }

  private Instant time(String name) {
    try {
      Instant time = OffsetDateTime.parse(text(name, LONGEST_TEXT)).toInstant();
      int year = time.atOffset(ZoneOffset.UTC).getYear();
      if (year >= FIRST_YEAR && year <= LAST_YEAR) {
        return time;
      }
    } catch (DateTimeException e) {
      // Said below, with what is expected.
    }
    throw invalid(name, "must be a time such as 2026-01-31T12:00:00Z");
  }

  private <E extends Enum<E>> E word(String name, Class<E> type, @Nullable E fallback) {
    JsonNode given = value(name);
    if (given == null) {
      if (fallback == null) {
        throw missing(name);
      }
      return fallback;
    }
    return wordOf(name, given.isTextual() ? given.textValue() : "", type);
  }

  private <E extends Enum<E>> E wordOf(String name, String word, Class<E> type) {
    Function<E, String> words = each -> each.name().toLowerCase(Locale.ROOT);
    return Arrays.stream(type.getEnumConstants())
        .filter(each -> words.apply(each).equals(word))
        .findFirst()
        .orElseThrow(() ->
            invalid(
                name,
                "must be one of " + Arrays.stream(type.getEnumConstants()).map(words).toList()));
  }

  private long number(String name, long least, long most) {
    JsonNode given = value(name);
    if (given == null) {
      throw missing(name);
    }
    if (!given.isIntegralNumber()
        || !given.canConvertToLong()
        || given.longValue() < least
        || given.longValue() > most) {
      throw invalid(name, "must be a whole number from " + least + " to " + most);
    }
    return given.longValue();
  }

  private List<String> texts(String name, int most, int longest) {
    JsonNode given = value(name);
    if (given == null) {
      return List.of();
    }
    if (!given.isArray() || given.size() > most) {
      throw invalid(name, "must be a list of at most " + most + " texts");
    }
    List<String> texts = new ArrayList<>();
    for (JsonNode each : given) {
      if (!each.isTextual() || !isText(each.textValue(), longest)) {
        throw invalid(name, "must be a list of texts");
      }
      texts.add(each.textValue());
    }
    return texts;
  }

  private String text(String name, int longest) {
    String text = optionalText(name, longest);
    if (text == null) {
      throw missing(name);
    }
    return text;
  }

  private @Nullable String optionalText(String name, int longest) {
    JsonNode given = value(name);
    if (given == null) {
      return null;
    }
    boolean lines = name.equals("sql");
    if (!given.isTextual()
        || given.textValue().isEmpty()
        || !isText(
            lines ? given.textValue().replaceAll("[\\n\\r\\t]", " ") : given.textValue(),
            longest)) {
      throw invalid(name, "must be a text of 1 to " + longest + " characters");
    }
    return given.textValue();
  }

  private static boolean isText(String text, int longest) {
    return text.length() <= longest && JsonFields.isPrintable(text);
  }

  private @Nullable JsonNode value(String name) {
    asked.add(name);
    JsonNode given = object.get(name);
    return given == null || given.isNull() ? null : given;
  }

  void refuseOthers() {
    object
        .fieldNames()
        .forEachRemaining(name -> {
          if (!asked.contains(name)) {
            String where = at(Names.shown(name).replace("~", "~0").replace("/", "~1"));
            throw Problem.at(
                ProblemCode.UNKNOWN_FIELD, where, "The field " + where + " is not known.");
          }
        });
  }

  private Problem missing(String name) {
    return Problem.at(
        ProblemCode.MISSING_FIELD, at(name), "The field " + at(name) + " is missing.");
  }

  private Problem invalid(String name, String expected) {
    String where = name.isEmpty() ? path : at(name);
    return Problem.at(
        ProblemCode.INVALID_VALUE, where, "The field " + where + " " + expected + ".");
  }

  private String at(String name) {
    return path + "/" + name;
  }
}
