package org.pilothouse.platform.web;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.pilothouse.kernel.Names;
import org.pilothouse.kernel.Problem;
import org.pilothouse.kernel.ProblemCode;

/**
 * Reads an object field by field and says by its path what is wrong; for bodies in which an absent
 * field and a null one mean different things (RFC 7396). {@link #refuseOthers} comes last.
 */
public final class JsonFields {
  private final JsonNode object;
  private final String path;
  private final Set<String> asked = new LinkedHashSet<>();

  private JsonFields(JsonNode object, String path) {
    this.object = object;
    this.path = path;
  }

  public static JsonFields of(JsonNode body) {
    if (!body.isObject()) {
      throw Problem.at(ProblemCode.INVALID_VALUE, "", "The body must be a JSON object.");
    }
    return new JsonFields(body, "");
  }

  /** The field is there, perhaps as null. */
  public boolean has(String name) {
    asked.add(name);
    return object.has(name);
  }

  /** The field is there as null. */
  public boolean isNull(String name) {
    asked.add(name);
    return object.has(name) && object.get(name).isNull();
  }

  public String text(String name, int least, int most) {
    return optionalText(name, least, most).orElseThrow(() -> missing(name));
  }

  /** Absent and null are empty. Control characters and halves of surrogate pairs are refused. */
  public Optional<String> optionalText(String name, int least, int most) {
    JsonNode value = value(name);
    if (value == null) {
      return Optional.empty();
    }
    if (!value.isTextual()) {
      throw invalid(name, "must be a text");
    }
    return Optional.of(checked(name, value.textValue(), least, most));
  }

  public Optional<Boolean> optionalBoolean(String name) {
    JsonNode value = value(name);
    if (value == null) {
      return Optional.empty();
    }
    if (!value.isBoolean()) {
      throw invalid(name, "must be true or false");
    }
    return Optional.of(value.booleanValue());
  }

  public Optional<Integer> optionalInteger(String name, int least, int most) {
    JsonNode value = value(name);
    if (value == null) {
      return Optional.empty();
    }
    if (!value.isIntegralNumber()
        || !value.canConvertToInt()
        || value.intValue() < least
        || value.intValue() > most) {
      throw invalid(name, "must be a whole number from " + least + " to " + most);
    }
    return Optional.of(value.intValue());
  }

  public Optional<List<String>> optionalTexts(String name, int most, int longest) {
    JsonNode value = value(name);
    if (value == null) {
      return Optional.empty();
    }
    if (!value.isArray() || value.size() > most) {
      throw invalid(name, "must be a list of at most " + most + " texts");
    }
    List<String> texts = new ArrayList<>(value.size());
    for (int i = 0; i < value.size(); i++) {
      String at = name + "/" + i;
      if (!value.get(i).isTextual()) {
        throw invalid(at, "must be a text");
      }
      texts.add(checked(at, value.get(i).textValue(), 0, longest));
    }
    return Optional.of(texts);
  }

  public Optional<JsonFields> optionalObject(String name) {
    JsonNode value = value(name);
    if (value == null) {
      return Optional.empty();
    }
    if (!value.isObject()) {
      throw invalid(name, "must be an object");
    }
    return Optional.of(new JsonFields(value, at(name)));
  }

  /**
   * @throws Problem {@code unknown_field} when the object holds a field that nobody asked for
   */
  public void refuseOthers() {
    for (Iterator<String> names = object.fieldNames(); names.hasNext(); ) {
      String name = names.next();
      if (!asked.contains(name)) {
        String where = at(Names.shown(name).replace("~", "~0").replace("/", "~1"));
        throw Problem.at(ProblemCode.UNKNOWN_FIELD, where, "The field " + where + " is not known.");
      }
    }
  }

  public Problem missing(String name) {
    return Problem.at(
        ProblemCode.MISSING_FIELD, at(name), "The field " + at(name) + " is missing.");
  }

  public Problem invalid(String name, String expected) {
    return Problem.at(
        ProblemCode.INVALID_VALUE, at(name), "The field " + at(name) + " " + expected + ".");
  }

  private @Nullable JsonNode value(String name) {
    asked.add(name);
    JsonNode value = object.get(name);
    return value == null || value.isNull() ? null : value;
  }

  private String checked(String name, String text, int least, int most) {
    int length = text.codePointCount(0, text.length());
    if (length < least || length > most) {
      throw invalid(name, "must hold " + least + " to " + most + " characters");
    }
    if (!isPrintable(text)) {
      throw invalid(name, "must not hold control characters");
    }
    return text;
  }

  /** PostgreSQL takes no NUL, and UTF-8 no half of a surrogate pair. */
  public static boolean isPrintable(String text) {
    return text.codePoints()
        .noneMatch(c ->
            Character.isISOControl(c)
                || (c >= Character.MIN_SURROGATE && c <= Character.MAX_SURROGATE));
  }

  private String at(String name) {
    return path + "/" + name;
  }
}
