package org.pilothouse.models.internal;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.networknt.schema.Error;
import com.networknt.schema.InputFormat;
import com.networknt.schema.Schema;
import com.networknt.schema.SchemaRegistry;
import com.networknt.schema.SchemaRegistryConfig;
import com.networknt.schema.SpecificationVersion;
import com.networknt.schema.ValidationLimitExceededException;
import com.networknt.schema.path.PathType;
import java.util.Comparator;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.pilothouse.kernel.Names;
import org.pilothouse.models.Fault;
import org.pilothouse.platform.web.Json;

/**
 * A JSON Schema (2020-12) made ready once; used by many threads. It fetches nothing, and a check
 * ends after a bounded number of steps.
 */
final class CompiledSchema {
  private static final int LOOKED_AT = 200;
  private static final SchemaRegistryConfig CONFIG =
      SchemaRegistryConfig.builder()
          .pathType(PathType.JSON_POINTER)
          .regularExpressionFactory(new BoundedPatterns())
          .formatAssertionsEnabled(true)
          .build();

  private final Schema schema;
  private final long steps;

  private CompiledSchema(Schema schema, long steps) {
    this.schema = schema;
    this.steps = steps;
  }

  /**
   * @param steps how many a check may take
   * @throws IllegalArgumentException when the validator cannot work with it
   */
  static CompiledSchema of(String text, long steps) {
    // A registry of its own: a shared one would keep every schema that it ever saw.
    SchemaRegistry registry =
        SchemaRegistry.withDefaultDialect(
            SpecificationVersion.DRAFT_2020_12,
            builder -> builder.schemaRegistryConfig(CONFIG).schemaCacheEnabled(false));
    try {
      Schema schema = registry.getSchema(text, InputFormat.JSON);
      schema.initializeValidators();
      return new CompiledSchema(schema, steps);
    } catch (RuntimeException e) {
      throw new IllegalArgumentException("the schema cannot be made ready", e);
    }
  }

  /** What is wrong, in the order of the document; at most so many. */
  List<Fault> faults(JsonNode value, int most) {
    List<Error> errors;
    try {
      errors =
          schema.validate(
              Json.mapper().writeValueAsString(value),
              InputFormat.JSON,
              context -> context.executionConfig(config -> config.maxEvaluationSteps(steps)));
    } catch (JsonProcessingException e) {
      throw new IllegalStateException(e);
    } catch (BoundedPatterns.TooCostly | ValidationLimitExceededException | StackOverflowError e) {
      return List.of(new Fault(Fault.Reason.TOO_COSTLY, "", "The value takes too long to check."));
    } catch (RuntimeException e) {
      // Numbers beyond what the validator reckons with break it; what cannot be checked is refused.
      return List.of(new Fault(Fault.Reason.WRONG_FORM, "", "The value cannot be checked."));
    }
    record Placed(Error error, List<Integer> position) {}
    return errors.stream()
        .limit(LOOKED_AT)
        .map(error -> new Placed(error, Pointer.position(value, error.getInstanceLocation())))
        .sorted(Comparator.comparing(Placed::position, Pointer::compare))
        .limit(most)
        .map(placed -> fault(placed.error()))
        .toList();
  }

  private static Fault fault(Error error) {
    String path = Pointer.of(error.getInstanceLocation());
    @Nullable String property = error.getProperty();
    String keyword = String.valueOf(error.getKeyword());
    String bound = String.valueOf(error.getSchemaNode()).replaceFirst("^(-?[0-9]+)\\.0$", "$1");
    return switch (keyword) {
      case "type" -> fault(Fault.Reason.WRONG_TYPE, path, "must be " + types(bound));
      case "required" -> {
        String missing = property == null ? path : Pointer.at(path, property);
        yield new Fault(Fault.Reason.MISSING, missing, missing + " is missing.");
      }
      case "additionalProperties" -> {
        String unknown = property == null ? path : Pointer.at(path, property);
        yield new Fault(Fault.Reason.UNKNOWN_FIELD, unknown, unknown + " is not known here.");
      }
      case "minimum" -> fault(Fault.Reason.OUT_OF_RANGE, path, "must be at least " + bound);
      case "maximum" -> fault(Fault.Reason.OUT_OF_RANGE, path, "must be at most " + bound);
      case "exclusiveMinimum" -> fault(Fault.Reason.OUT_OF_RANGE, path, "must be above " + bound);
      case "exclusiveMaximum" -> fault(Fault.Reason.OUT_OF_RANGE, path, "must be below " + bound);
      case "multipleOf" -> fault(Fault.Reason.OUT_OF_RANGE, path, "must be a multiple of " + bound);
      case "minLength" ->
          fault(Fault.Reason.WRONG_LENGTH, path, "must hold at least " + bound + " characters");
      case "maxLength" ->
          fault(Fault.Reason.WRONG_LENGTH, path, "may hold at most " + bound + " characters");
      case "minItems" ->
          fault(Fault.Reason.WRONG_LENGTH, path, "must hold at least " + bound + " items");
      case "maxItems" ->
          fault(Fault.Reason.WRONG_LENGTH, path, "may hold at most " + bound + " items");
      case "minProperties" ->
          fault(Fault.Reason.WRONG_LENGTH, path, "must hold at least " + bound + " members");
      case "maxProperties" ->
          fault(Fault.Reason.WRONG_LENGTH, path, "may hold at most " + bound + " members");
      case "uniqueItems" ->
          fault(Fault.Reason.NOT_ALLOWED, path, "must not hold the same item twice");
      case "const" -> fault(Fault.Reason.NOT_ALLOWED, path, "must be " + Names.shown(bound));
      case "contains" ->
          fault(Fault.Reason.NOT_ALLOWED, path, "does not hold the item that must be in it");
      case "enum" -> fault(Fault.Reason.NOT_ALLOWED, path, "must be one of " + Names.shown(bound));
      case "pattern" ->
          fault(Fault.Reason.WRONG_FORM, path, "must have the form " + Names.shown(bound));
      case "format" -> fault(Fault.Reason.WRONG_FORM, path, "must be a " + Names.shown(bound));
      default ->
          fault(Fault.Reason.NOT_ALLOWED, path, "is not what the schema asks (" + keyword + ")");
    };
  }

  private static Fault fault(Fault.Reason reason, String path, String what) {
    return new Fault(reason, path, (path.isEmpty() ? "It " : path + " ") + what + ".");
  }

  private static String types(String schema) {
    return schema
        .replaceAll("[\\[\\]\"]", "")
        .replace(",", " or ")
        .replace("integer", "a whole number")
        .replaceAll("\\bnumber\\b(?<!whole number)", "a number")
        .replace("string", "a text")
        .replace("boolean", "true or false")
        .replace("object", "an object")
        .replace("array", "a list");
  }
}
