package org.pilothouse.datasets.internal;

import com.fasterxml.jackson.databind.JsonNode;
import com.networknt.schema.Error;
import com.networknt.schema.InputFormat;
import com.networknt.schema.Schema;
import com.networknt.schema.SchemaRegistry;
import com.networknt.schema.SchemaRegistryConfig;
import com.networknt.schema.SpecificationVersion;
import com.networknt.schema.path.NodePath;
import com.networknt.schema.path.PathType;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.pilothouse.kernel.Names;
import org.pilothouse.kernel.ProblemCode;
import org.pilothouse.platform.web.JsonFields;

/** Says what of a document does not keep to the Open Data Contract Standard. */
final class ContractSchema {
  private static final int MOST = 100;
  private static final int STEPS = 2_000_000;

  private final Schema schema;

  ContractSchema() {
    SchemaRegistry registry =
        SchemaRegistry.withDefaultDialect(
            SpecificationVersion.DRAFT_2020_12,
            builder ->
                builder
                    .schemaRegistryConfig(
                        SchemaRegistryConfig.builder()
                            .pathType(PathType.JSON_POINTER)
                            .formatAssertionsEnabled(true)
                            .build())
                    .schemaCacheEnabled(false));
    this.schema = registry.getSchema(text(), InputFormat.JSON);
    schema.initializeValidators();
  }

  private static String text() {
    try (InputStream in = ContractSchema.class.getResourceAsStream("/data-contract.schema.json")) {
      if (in == null) {
        throw new IllegalStateException("the schema of data contracts is not there");
      }
      return new String(in.readAllBytes(), StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** At most a hundred. */
  List<Fault> faults(JsonNode contract) {
    List<Fault> faults = new ArrayList<>();
    printable(contract, "", faults);
    List<Error> errors;
    try {
      errors =
          schema.validate(
              contract.toString(),
              InputFormat.JSON,
              context -> context.executionConfig(config -> config.maxEvaluationSteps(STEPS)));
    } catch (RuntimeException e) {
      // Numbers beyond what the validator reckons with break it; what cannot be checked is refused.
      return List.of(Fault.invalid("", "cannot be checked: it is too large or too deep"));
    }
    errors.stream().limit(MOST).map(ContractSchema::fault).forEach(faults::add);
    if (faults.isEmpty()) {
      objects(contract.path("schema"), faults);
    }
    return faults.stream().limit(MOST).toList();
  }

  /** PostgreSQL takes no NUL, and nobody needs the others. Lines may break. */
  private static void printable(JsonNode node, String path, List<Fault> faults) {
    if (faults.size() >= MOST) {
      return;
    }
    if (node.isTextual()) {
      String text = node.textValue().replace("\n", "").replace("\t", "").replace("\r", "");
      if (!JsonFields.isPrintable(text)) {
        faults.add(Fault.invalid(path, "must not hold control characters"));
      }
    } else if (node.isArray()) {
      for (int i = 0; i < node.size(); i++) {
        printable(node.get(i), path + "/" + i, faults);
      }
    } else if (node.isObject()) {
      node.properties()
          .forEach(field -> {
            String at = path + "/" + escaped(field.getKey());
            if (JsonFields.isPrintable(field.getKey())) {
              printable(field.getValue(), at, faults);
            } else {
              faults.add(Fault.invalid(at, "has a name with control characters"));
            }
          });
    }
  }

  private static void objects(JsonNode objects, List<Fault> faults) {
    Set<String> names = new HashSet<>();
    for (int i = 0; i < objects.size(); i++) {
      JsonNode object = objects.get(i);
      String path = "/schema/" + i;
      if (!names.add(object.path("name").asText())) {
        faults.add(Fault.invalid(path + "/name", "names an object a second time"));
      }
      quality(object, path, faults);
      properties(object.path("properties"), path + "/properties", faults);
    }
  }

  private static void properties(JsonNode properties, String path, List<Fault> faults) {
    Set<String> names = new HashSet<>();
    for (int i = 0; i < properties.size(); i++) {
      JsonNode property = properties.get(i);
      String at = path + "/" + i;
      if (!names.add(property.path("name").asText())) {
        faults.add(Fault.invalid(at + "/name", "names a property a second time"));
      }
      quality(property, at, faults);
      properties(property.path("properties"), at + "/properties", faults);
    }
  }

  /** What the standard asks of each type of rule. */
  private static void quality(JsonNode element, String path, List<Fault> faults) {
    JsonNode rules = element.path("quality");
    for (int i = 0; i < rules.size(); i++) {
      JsonNode rule = rules.get(i);
      String at = path + "/quality/" + i;
      String type = rule.path("type").asText("library");
      boolean counted = rule.has("metric") || type.equals("library");
      if (counted && !rule.has("metric")) {
        faults.add(missing(at + "/metric"));
      }
      if (type.equals("sql") && !rule.has("query")) {
        faults.add(missing(at + "/query"));
      }
      if (type.equals("custom")) {
        for (String name : List.of("engine", "implementation")) {
          if (!rule.has(name)) {
            faults.add(missing(at + "/" + name));
          }
        }
      }
      long operators = Operators.NAMES.stream().filter(rule::has).count();
      if ((counted || type.equals("sql")) && operators != 1) {
        faults.add(
            Fault.invalid(at, "must hold exactly one of " + String.join(", ", Operators.NAMES)));
      }
    }
  }

  private static Fault missing(String path) {
    return new Fault(path, ProblemCode.MISSING_FIELD.code(), path + " is missing.");
  }

  private static Fault fault(Error error) {
    String path = pointer(error.getInstanceLocation());
    String property = error.getProperty();
    String at = property == null ? path : path + "/" + escaped(property);
    String bound = String.valueOf(error.getSchemaNode());
    return switch (String.valueOf(error.getKeyword())) {
      case "required" -> missing(at);
      case "additionalProperties" ->
          new Fault(at, ProblemCode.UNKNOWN_FIELD.code(), at + " is not known in the standard.");
      case "type" -> Fault.invalid(path, "must be " + types(bound));
      case "enum" ->
          Fault.invalid(
              path, "must be one of " + bound.replaceAll("[\\[\\]\"]", "").replace(",", ", "));
      case "pattern" ->
          Fault.invalid(
              path,
              path.equals("/version")
                  ? "must be a version of three numbers, such as 1.0.0"
                  : "must have the form " + Names.shown(bound));
      case "maxLength" -> Fault.invalid(path, "may hold at most " + bound + " characters");
      case "minLength" -> Fault.invalid(path, "must hold at least " + bound + " characters");
      case "maxItems" -> Fault.invalid(path, "may hold at most " + bound + " items");
      case "minItems" -> Fault.invalid(path, "must hold at least " + bound + " items");
      case "maxProperties" -> Fault.invalid(path, "may hold at most " + bound + " members");
      case "minimum" -> Fault.invalid(path, "must be at least " + bound);
      case "maximum" -> Fault.invalid(path, "must be at most " + bound);
      case "exclusiveMinimum" -> Fault.invalid(path, "must be above " + bound);
      case "format" -> Fault.invalid(path, "must be a " + bound.replace("\"", ""));
      default -> Fault.invalid(path, "is not what the standard asks");
    };
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

  private static String pointer(NodePath path) {
    String text = path.toString();
    return text.equals("/") ? "" : text;
  }

  /** RFC 6901, section 3. */
  static String escaped(String name) {
    return Names.shown(name).replace("~", "~0").replace("/", "~1");
  }
}
