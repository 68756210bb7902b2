package org.pilothouse.ctl.telemetry;

import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonMappingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.exc.UnrecognizedPropertyException;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * What the columns of a file mean. Every member may be absent.
 *
 * @param title what the file is, for people
 * @param source where the data and the names come from
 * @param delimiter one character; a blank stands for any number of blanks and tabs
 * @param columns the names of the columns; absent where the first row names them
 * @param twin the twin of a row, a {@link Template}
 * @param id the column with the event's id
 * @param time when a row was
 * @param properties by column: under which name and as what it is reported
 * @param skip columns that are not reported
 * @param missing cells that mean nothing
 * @param reading for files with one reading a row
 * @param twins what twins are said to be when they are made
 */
public record Mapping(
    @Nullable String title,
    @Nullable String source,
    @Nullable String delimiter,
    @Nullable List<String> columns,
    @Nullable String twin,
    @Nullable String id,
    Time time,
    Map<String, Property> properties,
    List<String> skip,
    List<String> missing,
    @Nullable Reading reading,
    @Nullable Twins twins) {

  private static final ObjectMapper JSON =
      new ObjectMapper()
          .enable(DeserializationFeature.FAIL_ON_NULL_FOR_PRIMITIVES)
          .enable(DeserializationFeature.FAIL_ON_NUMBERS_FOR_ENUMS);

  /** How times are written. */
  public enum Format {
    /** RFC 3339: with an offset. */
    @JsonProperty("rfc3339")
    RFC3339,
    /** Seconds since 1970, also with a fraction. */
    @JsonProperty("epoch_s")
    EPOCH_S,
    /** Milliseconds since 1970. */
    @JsonProperty("epoch_ms")
    EPOCH_MS,
    /** {@code 2014-04-01 00:00:00} without an offset; {@code zone} says where the clock hung. */
    @JsonProperty("local")
    LOCAL
  }

  /** What is moved so that its newest time is {@code end}. */
  public enum Align {
    /** The file as a whole: its twins stay beside one another. */
    @JsonProperty("file")
    FILE,
    /** Each twin by itself: each one's newest row is at the end. */
    @JsonProperty("twin")
    TWIN
  }

  /** What kind of value a column holds. */
  public enum Type {
    /** A number where the cell is one, true or false where it says so, else a text. */
    @JsonProperty("auto")
    AUTO,
    @JsonProperty("number")
    NUMBER,
    @JsonProperty("integer")
    INTEGER,
    @JsonProperty("boolean")
    BOOLEAN,
    @JsonProperty("string")
    STRING
  }

  /**
   * When a row was: a column's time, or counted in steps from a start.
   *
   * @param count a column with whole numbers; {@code first} is at {@code start}, and one more is
   *     {@code step} later
   * @param end {@code now}, or an RFC 3339 time that the newest rows are moved to
   */
  public record Time(
      @Nullable String column,
      @Nullable Format format,
      @Nullable String zone,
      @Nullable String count,
      @Nullable Long first,
      @Nullable String start,
      @Nullable String step,
      @Nullable String end,
      @Nullable Align align) {
    static final Time NONE = new Time(null, null, null, null, null, null, null, null, null);

    public Time {
      if (count != null && column != null) {
        throw new Unusable("time: either a column or a count, not both");
      }
      if (count != null && step == null) {
        throw new Unusable("time: a count needs a step, such as 1h");
      }
      if (count != null && start == null && end == null) {
        throw new Unusable("time: a count needs a start (RFC 3339) or an end (now, or RFC 3339)");
      }
      if (count == null && (start != null || step != null || first != null)) {
        throw new Unusable("time: start, step and first belong to a count");
      }
      if (start != null && end != null) {
        throw new Unusable("time: either a start or an end, not both");
      }
      if (align != null && end == null) {
        throw new Unusable("time: align belongs to an end");
      }
      if (count != null && (format != null || zone != null)) {
        throw new Unusable("time: format and zone belong to a column");
      }
      if (zone != null && format != Format.LOCAL) {
        throw new Unusable("time: zone belongs to the format local");
      }
    }
  }

  /** How a column is reported. */
  public record Property(@Nullable String name, @Nullable Type type) {}

  /** Which columns hold a reading's name and its value. */
  public record Reading(String property, String value) {
    public Reading {
      if (property == null || value == null) {
        throw new Unusable("reading needs property and value, both names of columns");
      }
    }
  }

  /**
   * What twins are said to be when they are made.
   *
   * @param model its id
   * @param document a file with the Thing Model, beside the mapping
   * @param attributes templates, by name
   * @param chart properties that are worth a first look
   */
  public record Twins(
      @Nullable String model,
      @Nullable String document,
      Map<String, String> attributes,
      List<String> chart) {
    private static final int MOST_IN_A_CHART = 4;

    public Twins {
      attributes = attributes == null ? Map.of() : Map.copyOf(attributes);
      chart = chart == null ? List.of() : List.copyOf(chart);
      if (chart.size() > MOST_IN_A_CHART) {
        throw new Unusable("twins: chart names at most " + MOST_IN_A_CHART + " properties");
      }
      if (document != null && model == null) {
        throw new Unusable("twins: a document needs model, the id it is put under");
      }
    }
  }

  public Mapping {
    time = Objects.requireNonNullElse(time, Time.NONE);
    properties = properties == null ? Map.of() : Map.copyOf(properties);
    skip = skip == null ? List.of() : List.copyOf(skip);
    missing = missing == null ? List.of("", "NaN", "nan") : List.copyOf(missing);
    if (delimiter != null && (delimiter.length() != 1 || "\"\r\n".contains(delimiter))) {
      throw new Unusable(
          "delimiter is one character (a blank for any number of blanks and tabs), not '"
              + delimiter
              + "'");
    }
  }

  /**
   * @throws Unusable with the place and what is wrong there
   */
  static Mapping of(JsonNode document, String name) {
    try {
      Mapping mapping = JSON.treeToValue(document, Mapping.class);
      if (mapping == null) {
        throw new Unusable(name + " is empty");
      }
      return mapping;
    } catch (UnrecognizedPropertyException e) {
      throw new Unusable(
          name
              + ": "
              + path(e)
              + " is not a member of a mapping; known here: "
              + new TreeSet<>(e.getKnownPropertyIds()));
    } catch (JsonMappingException e) {
      if (e.getCause() instanceof Unusable unusable) {
        throw new Unusable(name + ": " + unusable.getMessage());
      }
      throw new Unusable(name + ": " + path(e) + ": " + e.getOriginalMessage());
    } catch (JsonProcessingException e) {
      throw new Unusable(name + ": " + e.getOriginalMessage());
    }
  }

  private static String path(JsonMappingException e) {
    return e.getPath().stream()
        .map(step ->
            step.getFieldName() == null ? Integer.toString(step.getIndex()) : step.getFieldName())
        .collect(Collectors.joining("."));
  }
}
