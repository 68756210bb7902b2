package org.pilothouse.jobs.internal;

import com.networknt.schema.Error;
import com.networknt.schema.InputFormat;
import com.networknt.schema.Schema;
import com.networknt.schema.SchemaRegistry;
import com.networknt.schema.SchemaRegistryConfig;
import com.networknt.schema.SpecificationVersion;
import com.networknt.schema.path.NodePath;
import com.networknt.schema.path.PathType;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.pilothouse.kernel.Names;
import org.pilothouse.kernel.Problem;
import org.pilothouse.kernel.ProblemCode;

/**
 * The JSON Schema (2020-12) of a type's parameters, made ready once; used by many threads. It is
 * the house's own, so it need not be bounded as schemas of strangers are; a check still is.
 */
public final class ParameterSchema {
  private static final long STEPS = 200_000;
  private static final SchemaRegistryConfig CONFIG =
      SchemaRegistryConfig.builder()
          .pathType(PathType.JSON_POINTER)
          .formatAssertionsEnabled(true)
          .build();

  private final Schema schema;

  private ParameterSchema(Schema schema) {
    this.schema = schema;
  }

  /**
   * @throws IllegalArgumentException when the validator cannot work with it
   */
  static ParameterSchema of(String text) {
    SchemaRegistry registry =
        SchemaRegistry.withDefaultDialect(
            SpecificationVersion.DRAFT_2020_12,
            builder -> builder.schemaRegistryConfig(CONFIG).schemaCacheEnabled(false));
    try {
      Schema schema = registry.getSchema(text, InputFormat.JSON);
      schema.initializeValidators();
      return new ParameterSchema(schema);
    } catch (RuntimeException e) {
      throw new IllegalArgumentException("the schema cannot be made ready", e);
    }
  }

  /**
   * @param json the parameters
   * @throws Problem {@code invalid_parameters} with the path of what is wrong first
   */
  void check(String json) {
    List<Error> errors;
    try {
      errors =
          schema.validate(
              json,
              InputFormat.JSON,
              context -> context.executionConfig(config -> config.maxEvaluationSteps(STEPS)));
    } catch (RuntimeException | StackOverflowError e) {
      throw Problem.at(
          ProblemCode.INVALID_PARAMETERS, "/parameters", "The parameters cannot be checked.");
    }
    if (!errors.isEmpty()) {
      // The deepest says what is wrong; those above it only that something is.
      Error worst = errors.getFirst();
      for (Error error : errors) {
        if (error.getInstanceLocation().getNameCount()
            > worst.getInstanceLocation().getNameCount()) {
          worst = error;
        }
      }
      throw problem(worst);
    }
  }

  private static Problem problem(Error error) {
    String path = "/parameters" + pointer(error.getInstanceLocation());
    @Nullable String property = error.getProperty();
    String where = property == null ? path : path + "/" + escaped(property);
    String bound = Names.shown(String.valueOf(error.getSchemaNode()));
    String keyword = String.valueOf(error.getKeyword());
    String said =
        switch (keyword) {
          case "required" -> "is missing";
          case "additionalProperties", "unevaluatedProperties" -> "is not known";
          case "type" -> "must be of the type " + bound;
          case "enum" -> "must be one of " + bound;
          case "const" -> "must be " + bound;
          case "minimum" -> "must be at least " + bound;
          case "maximum" -> "must be at most " + bound;
          case "minLength" -> "must hold at least " + bound + " characters";
          case "maxLength" -> "may hold at most " + bound + " characters";
          case "minItems" -> "must hold at least " + bound + " items";
          case "maxItems" -> "may hold at most " + bound + " items";
          case "uniqueItems" -> "must not hold the same item twice";
          case "pattern" -> "must have the form " + bound;
          case "format" -> "must be a " + bound;
          default -> "is not what the type's schema asks (" + keyword + ")";
        };
    return Problem.at(ProblemCode.INVALID_PARAMETERS, where, where + " " + said + ".");
  }

  private static String pointer(NodePath path) {
    StringBuilder pointer = new StringBuilder();
    for (int i = 0; i < path.getNameCount(); i++) {
      pointer.append('/').append(escaped(String.valueOf(path.getElement(i))));
    }
    return pointer.toString();
  }

  private static String escaped(String name) {
    return Names.shown(name).replace("~", "~0").replace("/", "~1");
  }
}
