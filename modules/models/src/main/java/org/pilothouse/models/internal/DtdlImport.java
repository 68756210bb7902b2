package org.pilothouse.models.internal;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;
import org.pilothouse.kernel.Names;
import org.pilothouse.kernel.Problem;
import org.pilothouse.kernel.ProblemCode;
import org.pilothouse.platform.web.Json;

/**
 * Makes a Thing Model of an Interface of the Digital Twins Definition Language, versions 2 and 3.
 * Telemetry and Properties become properties, Commands actions, Components properties and actions
 * of their own under the component's name, Relationships links. What has no counterpart is named,
 * never silently dropped.
 */
public final class DtdlImport {
  private static final String CONTEXT = "dtmi:dtdl:context;";
  private static final int DEEPEST = 12;
  private static final int MOST_WARNINGS = 100;
  private static final int MOST_CONTENTS = 2_000;

  /** Names that name names multiply: what is visited is counted, not what is written. */
  private static final int MOST_STEPS = 20_000;

  private static final Pattern DTMI =
      Pattern.compile("dtmi:[A-Za-z0-9_]{1,128}(?::[A-Za-z0-9_]{1,128}){0,63}(?:;[0-9.]{1,16})?");
  private static final Set<String> KINDS =
      Set.of("Telemetry", "Property", "Command", "Relationship", "Component");
  private static final Set<String> UNDERSTOOD =
      Set.of(
          "@type",
          "@id",
          "@context",
          "name",
          "schema",
          "displayName",
          "description",
          "unit",
          "writable",
          "request",
          "response",
          "commandType",
          "contents",
          "schemas",
          "extends",
          "target",
          "maxMultiplicity",
          "minMultiplicity",
          "properties",
          "fields",
          "enumValues",
          "enumValue",
          "valueSchema",
          "elementSchema",
          "mapKey",
          "mapValue",
          "nullable",
          "minValue",
          "maxValue");

  /** Signs that people read; other units keep the word of the language. */
  private static final Map<String, String> UNITS =
      Map.ofEntries(
          Map.entry("degreeCelsius", "°C"),
          Map.entry("degreeFahrenheit", "°F"),
          Map.entry("kelvin", "K"),
          Map.entry("pascal", "Pa"),
          Map.entry("kilopascal", "kPa"),
          Map.entry("bar", "bar"),
          Map.entry("millibar", "mbar"),
          Map.entry("poundPerSquareInch", "psi"),
          Map.entry("percent", "%"),
          Map.entry("metre", "m"),
          Map.entry("centimetre", "cm"),
          Map.entry("millimetre", "mm"),
          Map.entry("kilometre", "km"),
          Map.entry("metrePerSecond", "m/s"),
          Map.entry("kilometrePerHour", "km/h"),
          Map.entry("metrePerSecondSquared", "m/s²"),
          Map.entry("second", "s"),
          Map.entry("millisecond", "ms"),
          Map.entry("minute", "min"),
          Map.entry("hour", "h"),
          Map.entry("hertz", "Hz"),
          Map.entry("kilohertz", "kHz"),
          Map.entry("revolutionPerMinute", "rpm"),
          Map.entry("radianPerSecond", "rad/s"),
          Map.entry("degreeOfArc", "°"),
          Map.entry("radian", "rad"),
          Map.entry("volt", "V"),
          Map.entry("millivolt", "mV"),
          Map.entry("ampere", "A"),
          Map.entry("milliampere", "mA"),
          Map.entry("ohm", "Ω"),
          Map.entry("watt", "W"),
          Map.entry("kilowatt", "kW"),
          Map.entry("megawatt", "MW"),
          Map.entry("kilowattHour", "kWh"),
          Map.entry("joule", "J"),
          Map.entry("newton", "N"),
          Map.entry("newtonMetre", "N·m"),
          Map.entry("kilogram", "kg"),
          Map.entry("gram", "g"),
          Map.entry("tonne", "t"),
          Map.entry("litre", "L"),
          Map.entry("cubicMetre", "m³"),
          Map.entry("litrePerSecond", "L/s"),
          Map.entry("cubicMetrePerHour", "m³/h"),
          Map.entry("squareMetre", "m²"),
          Map.entry("lux", "lx"),
          Map.entry("lumen", "lm"),
          Map.entry("decibel", "dB"),
          Map.entry("unity", "1"));

  private final Map<String, JsonNode> interfaces = new LinkedHashMap<>();
  private final Map<String, JsonNode> schemas = new LinkedHashMap<>();
  private final Set<String> warnings = new LinkedHashSet<>();
  private final Set<String> open = new LinkedHashSet<>();
  private final ObjectNode properties = Json.mapper().createObjectNode();
  private final ObjectNode actions = Json.mapper().createObjectNode();
  private final ArrayNode links = Json.mapper().createArrayNode();
  private int contents;
  private int steps;

  private DtdlImport() {}

  /**
   * @param document to be checked like any other Thing Model
   * @param warnings what could not be carried over, a sentence each
   */
  public record Imported(JsonNode document, List<String> warnings) {
    public Imported {
      warnings = List.copyOf(warnings);
    }
  }

  /**
   * @param dtdl an Interface, or a list of which the first is meant and the others are what it
   *     names
   * @throws Problem {@code invalid_value} with the path of what cannot be read at all
   */
  public static Imported toThingModel(JsonNode dtdl) {
    DtdlImport made = new DtdlImport();
    JsonNode main = dtdl.isArray() ? dtdl.path(0) : dtdl;
    String path = dtdl.isArray() ? "/0" : "";
    if (!main.isObject() || !hasType(main, "Interface")) {
      throw Problem.at(
          ProblemCode.INVALID_VALUE,
          path + "/@type",
          "A DTDL document is an Interface, or a list that begins with one.");
    }
    checkContext(main, path + "/@context");
    for (JsonNode one : dtdl.isArray() ? dtdl : List.of(main)) {
      if (one.path("@id").isTextual() && hasType(one, "Interface")) {
        made.interfaces.put(one.path("@id").textValue(), one);
      }
      made.addSchemas(one);
    }
    made.contents(main, path, "", 1);
    return new Imported(made.document(main), new ArrayList<>(made.warnings));
  }

  private static void checkContext(JsonNode main, String path) {
    JsonNode context = main.path("@context");
    for (JsonNode one : context.isArray() ? context : List.of(context)) {
      String text = one.asText();
      if (text.equals(CONTEXT + "2")
          || text.equals(CONTEXT + "3")
          || text.startsWith(CONTEXT + "3#")) {
        return;
      }
    }
    throw Problem.at(
        ProblemCode.INVALID_VALUE, path, "The context must be dtmi:dtdl:context;2 or ;3.");
  }

  private ObjectNode document(JsonNode main) {
    ObjectNode model = Json.mapper().createObjectNode();
    ArrayNode context = model.putArray("@context");
    context.add("https://www.w3.org/2022/wot/td/v1.1");
    context.addObject().put("dtdl", "dtmi:standard:class:");
    model.put("@type", "tm:ThingModel");
    words(main, model, "The Interface");
    String id = main.path("@id").asText("");
    if (DTMI.matcher(id).matches()) {
      int version = id.indexOf(';');
      if (!model.has("title")) {
        String whole = version < 0 ? id : id.substring(0, version);
        model.put("title", whole.substring(whole.lastIndexOf(':') + 1));
      }
      if (version >= 0) {
        model.putObject("version").put("model", id.substring(version + 1));
      }
      links.addObject().put("rel", "original").put("href", id);
    } else if (!id.isEmpty()) {
      warn("The Interface's @id is not a DTMI and is left out.");
    }
    others(main, "The Interface");
    if (!properties.isEmpty()) {
      model.set("properties", properties);
    }
    if (!actions.isEmpty()) {
      model.set("actions", actions);
    }
    if (!links.isEmpty()) {
      model.set("links", links);
    }
    return model;
  }

  private void addSchemas(JsonNode one) {
    for (JsonNode schema : one.path("schemas")) {
      if (schema.path("@id").isTextual()) {
        schemas.put(schema.path("@id").textValue(), schema);
      }
    }
  }

  /** The contents of an Interface and of those that it extends, the farthest first. */
  private void contents(JsonNode one, String path, String prefix, int depth) {
    step(path, depth);
    JsonNode parents = one.path("extends");
    for (JsonNode parent : parents.isArray() ? parents : List.of(parents)) {
      if (parent.isObject()) {
        addSchemas(parent);
        contents(parent, path + "/extends", prefix, depth + 1);
      } else if (parent.isTextual()) {
        included(parent.textValue(), path + "/extends", prefix, depth, "extends");
      }
    }
    int index = 0;
    JsonNode list = one.path("contents");
    for (JsonNode content : list.isArray() ? list : List.of(list)) {
      String at = path + "/contents" + (list.isArray() ? "/" + index++ : "");
      if (content.isObject()) {
        if (++contents > MOST_CONTENTS) {
          throw invalid(at, "is one too many: at most " + MOST_CONTENTS + " can be imported.");
        }
        content(content, at, prefix, depth);
      } else if (!content.isMissingNode()) {
        throw invalid(at, "must be an object.");
      }
    }
  }

  private void included(String id, String path, String prefix, int depth, String as) {
    JsonNode found = interfaces.get(id);
    if (found == null) {
      warn(Names.shown(id) + ", which the Interface names as " + as + ", is not in the document.");
      return;
    }
    if (!open.add(id)) {
      throw invalid(path, "goes round in a circle.");
    }
    try {
      contents(found, path, prefix, depth + 1);
    } finally {
      open.remove(id);
    }
  }

  private void content(JsonNode content, String path, String prefix, int depth) {
    String own = content.path("name").asText("");
    DataSchemas.checkName(own, path + "/name");
    String name = prefix + own;
    DataSchemas.checkName(name, path + "/name");
    if (hasType(content, "Telemetry")) {
      properties.set(name, property(content, path, name, true));
    } else if (hasType(content, "Property")) {
      properties.set(
          name, property(content, path, name, !content.path("writable").asBoolean(false)));
    } else if (hasType(content, "Command")) {
      actions.set(name, action(content, path, name));
    } else if (hasType(content, "Relationship")) {
      relationship(content, name);
    } else if (hasType(content, "Component")) {
      component(content, path, name, depth);
    } else {
      warn(name + " is of a kind that is not known and is left out.");
      return;
    }
    others(content, name);
  }

  private ObjectNode property(JsonNode content, String path, String name, boolean readOnly) {
    ObjectNode property = schema(content.path("schema"), path + "/schema", name, 1);
    words(content, property, name);
    meaning(content, property, name);
    number(content, property, "minValue", "minimum");
    number(content, property, "maxValue", "maximum");
    if (readOnly) {
      property.put("readOnly", true);
    }
    return property;
  }

  private ObjectNode action(JsonNode content, String path, String name) {
    ObjectNode action = Json.mapper().createObjectNode();
    words(content, action, name);
    payload(content, "request", "input", path, name, action);
    payload(content, "response", "output", path, name, action);
    if (content.path("commandType").asText("").equals("asynchronous")) {
      action.put("synchronous", false);
    }
    return action;
  }

  private void payload(
      JsonNode content, String from, String to, String path, String name, ObjectNode action) {
    JsonNode payload = content.path(from);
    if (!payload.isObject()) {
      return;
    }
    ObjectNode schema = schema(payload.path("schema"), path + "/" + from + "/schema", name, 1);
    words(payload, schema, name);
    if (!schema.has("title") && payload.path("name").isTextual()) {
      schema.put("title", payload.path("name").textValue());
    }
    meaning(payload, schema, name);
    others(payload, name + "'s " + from);
    action.set(to, schema);
  }

  private void relationship(JsonNode content, String name) {
    JsonNode target = content.path("target");
    if (target.isTextual() && DTMI.matcher(target.textValue()).matches()) {
      links.addObject().put("rel", name).put("href", target.textValue());
    } else {
      warn("The Relationship " + name + " names no target and is left out.");
    }
    for (String term :
        List.of("minMultiplicity", "maxMultiplicity", "properties", "writable", "displayName")) {
      if (content.has(term)) {
        warn("The Relationship " + name + " loses its " + term + ".");
      }
    }
  }

  private void component(JsonNode content, String path, String name, int depth) {
    JsonNode schema = content.path("schema");
    String prefix = name + ".";
    if (schema.isObject()) {
      addSchemas(schema);
      contents(schema, path + "/schema", prefix, depth + 1);
    } else if (schema.isTextual() && interfaces.containsKey(schema.textValue())) {
      included(schema.textValue(), path + "/schema", prefix, depth, "a component");
    } else {
      if (schema.isTextual() && DTMI.matcher(schema.textValue()).matches()) {
        links
            .addObject()
            .put("rel", "tm:submodel")
            .put("href", schema.textValue())
            .put("instanceName", name);
      }
      warn(
          "The Component "
              + name
              + " is kept as a link only: its Interface is not in the document.");
    }
    for (String term : List.of("displayName", "description")) {
      if (content.has(term)) {
        warn("The Component " + name + " loses its " + term + ".");
      }
    }
  }

  private ObjectNode schema(JsonNode schema, String path, String name, int depth) {
    step(path, depth);
    if (schema.isTextual()) {
      return named(schema.textValue(), path, name, depth);
    }
    if (!schema.isObject()) {
      throw invalid(path, "must name a schema or be one.");
    }
    ObjectNode made = Json.mapper().createObjectNode();
    if (hasType(schema, "Enum")) {
      choice(schema, path, name, made);
    } else if (hasType(schema, "Object")) {
      made.put("type", "object");
      ObjectNode members = made.putObject("properties");
      int index = 0;
      for (JsonNode field : schema.path("fields")) {
        String at = path + "/fields/" + index++;
        String own = field.path("name").asText("");
        DataSchemas.checkName(own, at + "/name");
        ObjectNode member =
            schema(field.path("schema"), at + "/schema", name + "." + own, depth + 1);
        words(field, member, name + "." + own);
        meaning(field, member, name + "." + own);
        others(field, name + "." + own);
        members.set(own, member);
      }
    } else if (hasType(schema, "Array")) {
      made.put("type", "array");
      made.set(
          "items", schema(schema.path("elementSchema"), path + "/elementSchema", name, depth + 1));
    } else if (hasType(schema, "Map")) {
      made.put("type", "object");
      made.set(
          "additionalProperties",
          schema(
              schema.path("mapValue").path("schema"), path + "/mapValue/schema", name, depth + 1));
      if (schema.path("mapKey").has("description") || schema.path("mapValue").has("description")) {
        warn(name + " loses what its map says of its keys and values.");
      }
    } else {
      throw invalid(path, "must be a primitive, an Enum, an Object, an Array or a Map.");
    }
    words(schema, made, name);
    others(schema, name + "'s schema");
    return made;
  }

  private void choice(JsonNode schema, String path, String name, ObjectNode made) {
    String type = schema.path("valueSchema").asText("");
    if (!type.equals("integer") && !type.equals("string")) {
      throw invalid(path + "/valueSchema", "must be integer or string.");
    }
    made.put("type", type);
    ArrayNode values = made.putArray("enum");
    ArrayNode titled = Json.mapper().createArrayNode();
    for (JsonNode one : schema.path("enumValues")) {
      values.add(one.path("enumValue"));
      JsonNode title = one.has("displayName") ? one.path("displayName") : one.path("name");
      ObjectNode choice = titled.addObject();
      choice.set("const", one.path("enumValue"));
      choice.put("title", firstWord(title));
      others(one, name + "'s value " + Names.shown(one.path("name").asText("")));
    }
    made.set("oneOf", titled);
  }

  private ObjectNode named(String word, String path, String name, int depth) {
    ObjectNode made = Json.mapper().createObjectNode();
    switch (word) {
      case "boolean" -> made.put("type", "boolean");
      case "double", "float" -> made.put("type", "number");
      case "integer" ->
          made.put("type", "integer")
              .put("minimum", Integer.MIN_VALUE)
              .put("maximum", Integer.MAX_VALUE);
      case "long" -> made.put("type", "integer");
      case "string" -> made.put("type", "string");
      case "date" -> made.put("type", "string").put("format", "date");
      case "dateTime" -> made.put("type", "string").put("format", "date-time");
      case "time" -> made.put("type", "string").put("format", "time");
      case "duration" -> made.put("type", "string").put("format", "duration");
      case "point", "multiPoint", "lineString", "multiLineString", "polygon", "multiPolygon" -> {
        made.put("type", "object");
        warn(name + " is of the geospatial schema " + word + " and becomes an object of any form.");
      }
      default -> {
        JsonNode schema = schemas.get(word);
        if (schema == null) {
          made.removeAll();
          warn(
              name
                  + " has the schema "
                  + Names.shown(word)
                  + ", which is not in the document; any value is taken.");
          return made;
        }
        return schema(schema, path, name, depth + 1);
      }
    }
    return made;
  }

  private void step(String path, int depth) {
    if (depth > DEEPEST) {
      throw invalid(path, "nests or extends too deep.");
    }
    if (++steps > MOST_STEPS) {
      throw invalid(path, "makes the model too large.");
    }
  }

  /** Names and descriptions, in one language or in many. */
  private void words(JsonNode from, ObjectNode to, String name) {
    word(from.path("displayName"), to, "title", "titles");
    word(from.path("description"), to, "description", "descriptions");
    if (from.has("comment")) {
      warn(name + " loses its comment.");
    }
  }

  private static void word(JsonNode words, ObjectNode to, String one, String all) {
    if (words.isTextual()) {
      to.put(one, words.textValue());
    } else if (words.isObject() && !words.isEmpty()) {
      to.put(one, firstWord(words));
      to.set(all, words.deepCopy());
    }
  }

  /** English where there is some. */
  private static String firstWord(JsonNode words) {
    return words.isObject()
        ? words
            .path("en")
            .asText(words.elements().hasNext() ? words.elements().next().asText() : "")
        : words.asText("");
  }

  /** The semantic type, and the unit that goes with it. */
  private void meaning(JsonNode from, ObjectNode to, String name) {
    JsonNode unit = from.path("unit");
    if (unit.isTextual()) {
      to.put("unit", UNITS.getOrDefault(unit.textValue(), unit.textValue()));
    } else if (!unit.isMissingNode()) {
      warn(name + " loses its unit, which is not a word.");
    }
    JsonNode types = from.path("@type");
    if (!types.isArray()) {
      return;
    }
    ArrayNode meanings = Json.mapper().createArrayNode();
    for (JsonNode type : types) {
      if (!KINDS.contains(type.asText())) {
        meanings.add("dtdl:" + type.asText());
      }
    }
    if (!meanings.isEmpty()) {
      to.set("@type", meanings);
    }
  }

  private static void number(JsonNode from, ObjectNode to, String term, String as) {
    if (from.path(term).isNumber()) {
      to.set(as, from.path(term));
    }
  }

  private void others(JsonNode node, String name) {
    node.fieldNames()
        .forEachRemaining(term -> {
          if (!UNDERSTOOD.contains(term) && !term.equals("comment")) {
            warn(name + " loses its " + Names.shown(term) + ".");
          }
        });
  }

  private void warn(String sentence) {
    if (warnings.size() < MOST_WARNINGS) {
      warnings.add(sentence);
    } else if (warnings.size() == MOST_WARNINGS) {
      warnings.add("And more.");
    }
  }

  private static boolean hasType(JsonNode node, String kind) {
    JsonNode type = node.path("@type");
    for (JsonNode one : type.isArray() ? type : List.of(type)) {
      String text = one.asText("");
      if (text.equals(kind)
          || text.equals("dtmi:dtdl:class:" + kind + ";2")
          || text.equals("dtmi:dtdl:class:" + kind + ";3")) {
        return true;
      }
    }
    return false;
  }

  private static Problem invalid(String path, String what) {
    return DataSchemas.invalid(path, what);
  }
}
