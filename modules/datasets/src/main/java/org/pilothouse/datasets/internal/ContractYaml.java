package org.pilothouse.datasets.internal;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.StringReader;
import java.math.BigDecimal;
import java.util.Iterator;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.pilothouse.kernel.Names;
import org.pilothouse.kernel.Problem;
import org.pilothouse.kernel.ProblemCode;
import org.yaml.snakeyaml.LoaderOptions;
import org.yaml.snakeyaml.Yaml;
import org.yaml.snakeyaml.constructor.SafeConstructor;
import org.yaml.snakeyaml.error.Mark;
import org.yaml.snakeyaml.error.MarkedYAMLException;
import org.yaml.snakeyaml.error.YAMLException;
import org.yaml.snakeyaml.events.AliasEvent;
import org.yaml.snakeyaml.events.CollectionStartEvent;
import org.yaml.snakeyaml.events.DocumentStartEvent;
import org.yaml.snakeyaml.events.Event;
import org.yaml.snakeyaml.events.MappingEndEvent;
import org.yaml.snakeyaml.events.MappingStartEvent;
import org.yaml.snakeyaml.events.NodeEvent;
import org.yaml.snakeyaml.events.ScalarEvent;
import org.yaml.snakeyaml.events.SequenceEndEvent;
import org.yaml.snakeyaml.events.SequenceStartEvent;
import org.yaml.snakeyaml.events.StreamEndEvent;

/**
 * Contracts from and to YAML: the part of YAML 1.2 that JSON has, too. What makes YAML dangerous
 * (anchors, aliases, tags, merge keys) is refused while it is read, so that nothing is built of it.
 */
public final class ContractYaml {
  public static final String MEDIA_TYPE = "application/yaml";

  /** In bytes of UTF-8 and in characters. */
  public static final int MOST = 256 * 1024;

  private static final int DEEPEST = 32;
  private static final int MOST_NODES = 50_000;
  private static final JsonNodeFactory JSON = JsonNodeFactory.instance;

  /** YAML 1.2, section 10.3.2. */
  private static final Pattern WHOLE = Pattern.compile("[-+]?[0-9]{1,40}");

  private static final Pattern DECIMAL =
      Pattern.compile("[-+]?(\\.[0-9]{1,40}|[0-9]{1,40}(\\.[0-9]{0,40})?)([eE][-+]?[0-9]{1,3})?");

  private static final Pattern PLAIN =
      Pattern.compile("[A-Za-z][A-Za-z0-9_/@.-]*( [A-Za-z0-9_/@(.-][A-Za-z0-9_/@().-]*)*");

  /** Words that a reader of YAML 1.1 or 1.2 takes for something else than a text. */
  private static final Set<String> NO_TEXTS =
      Set.of("true", "false", "yes", "no", "on", "off", "null", "y", "n", ".nan", ".inf");

  private ContractYaml() {}

  /**
   * @throws Problem {@code malformed_request}, {@code duplicate_key}, {@code too_large}, with line
   *     and column
   */
  public static JsonNode read(String text) {
    if (text.length() > MOST) {
      throw Problem.of(
          ProblemCode.TOO_LARGE, "A contract may hold at most " + MOST + " characters.");
    }
    LoaderOptions options = new LoaderOptions();
    options.setCodePointLimit(MOST);
    options.setNestingDepthLimit(DEEPEST);
    options.setMaxAliasesForCollections(0);
    options.setTagInspector(tag -> false);
    try {
      return new Reader(
              new Yaml(new SafeConstructor(options)).parse(new StringReader(text)).iterator())
          .document();
    } catch (MarkedYAMLException e) {
      Mark mark = e.getProblemMark();
      throw malformed(mark, "That is no YAML: " + Names.shown(String.valueOf(e.getProblem())));
    } catch (YAMLException e) {
      throw malformed(null, "That is no YAML, or it is nested too deeply");
    }
  }

  private static Problem malformed(@Nullable Mark mark, String what) {
    return Problem.of(
        ProblemCode.MALFORMED_REQUEST,
        what
            + (mark == null
                ? "."
                : " (line " + (mark.getLine() + 1) + ", column " + (mark.getColumn() + 1) + ")."));
  }

  private static final class Reader {
    private final Iterator<Event> events;
    private int nodes;

    Reader(Iterator<Event> events) {
      this.events = events;
    }

    JsonNode document() {
      Event start = next();
      while (!(start instanceof DocumentStartEvent)) {
        if (start instanceof StreamEndEvent) {
          throw Problem.of(ProblemCode.MALFORMED_REQUEST, "The document is empty.");
        }
        start = next();
      }
      DocumentStartEvent document = (DocumentStartEvent) start;
      if (document.getTags() != null && !document.getTags().isEmpty()) {
        throw malformed(document.getStartMark(), "Tags are not taken");
      }
      JsonNode root = node(next(), "", 0);
      var documentEnd = next();
      Event after = next();
      if (!(after instanceof StreamEndEvent)) {
        throw malformed(documentEnd.getEndMark(), "There is a second document");
      }
      return root;
    }

    private Event next() {
      if (!events.hasNext()) {
        throw Problem.of(ProblemCode.MALFORMED_REQUEST, "The document ends too early.");
      }
      return events.next();
    }

    private JsonNode node(Event event, String path, int depth) {
      if (++nodes > MOST_NODES || depth > DEEPEST) {
        throw malformed(event.getStartMark(), "It holds too much");
      }
      if (event instanceof AliasEvent
          || (event instanceof NodeEvent node && node.getAnchor() != null)) {
        throw malformed(event.getStartMark(), "Anchors and aliases are not taken");
      }
      if (event instanceof ScalarEvent scalar) {
        if (scalar.getTag() != null) {
          throw malformed(event.getStartMark(), "Tags are not taken");
        }
        return scalar.isPlain() ? plain(scalar) : JSON.textNode(scalar.getValue());
      }
      if (event instanceof CollectionStartEvent start && start.getTag() != null) {
        throw malformed(event.getStartMark(), "Tags are not taken");
      }
      if (event instanceof MappingStartEvent) {
        return mapping(path, depth);
      }
      if (event instanceof SequenceStartEvent) {
        return sequence(path, depth);
      }
      throw malformed(event.getStartMark(), "Something is out of place");
    }

    private ObjectNode mapping(String path, int depth) {
      ObjectNode mapping = JSON.objectNode();
      for (Event key = next(); !(key instanceof MappingEndEvent); key = next()) {
        if (!(key instanceof ScalarEvent scalar)
            || scalar.getTag() != null
            || scalar.getAnchor() != null) {
          throw malformed(key.getStartMark(), "A key must be a text without tag and anchor");
        }
        String name = scalar.getValue();
        String at = path + "/" + ContractSchema.escaped(name);
        if (mapping.has(name)) {
          throw Problem.at(
              ProblemCode.DUPLICATE_KEY,
              at,
              "The key " + Names.shown(name) + " stands there twice.");
        }
        mapping.set(name, node(next(), at, depth + 1));
      }
      return mapping;
    }

    private ArrayNode sequence(String path, int depth) {
      ArrayNode sequence = JSON.arrayNode();
      for (Event item = next(); !(item instanceof SequenceEndEvent); item = next()) {
        sequence.add(node(item, path + "/" + sequence.size(), depth + 1));
      }
      return sequence;
    }

    /** Neither dates nor yes and no: those are texts in YAML 1.2. */
    private static JsonNode plain(ScalarEvent scalar) {
      String text = scalar.getValue();
      return switch (text) {
        case "", "~", "null", "Null", "NULL" -> JSON.nullNode();
        case "true", "True", "TRUE" -> JSON.booleanNode(true);
        case "false", "False", "FALSE" -> JSON.booleanNode(false);
        default -> number(text);
      };
    }

    private static JsonNode number(String text) {
      if (WHOLE.matcher(text).matches()) {
        BigDecimal number = new BigDecimal(text);
        return number.toBigInteger().bitLength() < 64
            ? JSON.numberNode(number.longValueExact())
            : JSON.numberNode(number.toBigInteger());
      }
      return DECIMAL.matcher(text).matches()
          ? JSON.numberNode(new BigDecimal(text))
          : JSON.textNode(text);
    }
  }

  /** In block style; what could be read as something else than the text that it is, is quoted. */
  public static String write(JsonNode document) {
    StringBuilder written = new StringBuilder();
    write(document, 0, written);
    return written.toString();
  }

  private static void write(JsonNode node, int indent, StringBuilder written) {
    if (node.isObject()) {
      for (Map.Entry<String, JsonNode> field : node.properties()) {
        written.append(" ".repeat(indent)).append(text(field.getKey())).append(':');
        value(field.getValue(), indent + 2, written);
      }
    } else {
      for (JsonNode item : node) {
        written.append(" ".repeat(indent)).append('-');
        if (item.isObject() && !item.isEmpty()) {
          StringBuilder within = new StringBuilder();
          write(item, indent + 2, within);
          written.append(' ').append(within.substring(indent + 2));
        } else {
          value(item, indent + 2, written);
        }
      }
    }
  }

  private static void value(JsonNode value, int indent, StringBuilder written) {
    if (value.isContainerNode() && !value.isEmpty()) {
      written.append('\n');
      write(value, indent, written);
    } else if (value.isTextual()) {
      written.append(' ').append(text(value.textValue())).append('\n');
    } else {
      // Numbers, true, false, null, {} and [] are written as in JSON.
      written.append(' ').append(value).append('\n');
    }
  }

  private static String text(String text) {
    if (PLAIN.matcher(text).matches() && !NO_TEXTS.contains(text.toLowerCase(Locale.ROOT))) {
      return text;
    }
    StringBuilder quoted = new StringBuilder("\"");
    text.codePoints()
        .forEach(c -> {
          switch (c) {
            case '"' -> quoted.append("\\\"");
            case '\\' -> quoted.append("\\\\");
            case '\n' -> quoted.append("\\n");
            case '\t' -> quoted.append("\\t");
            case '\r' -> quoted.append("\\r");
            default -> {
              boolean shown =
                  c >= 0x20
                      && c != 0x7f
                      && !(c >= 0x80 && c < 0xa0)
                      && Character.getType(c) != Character.FORMAT
                      && Character.getType(c) != Character.LINE_SEPARATOR
                      && Character.getType(c) != Character.PARAGRAPH_SEPARATOR
                      && c < 0x10000
                      && c != 0xfeff
                      && c < 0xfffe;
              if (shown) {
                quoted.appendCodePoint(c);
              } else {
                quoted.append(String.format(Locale.ROOT, c < 0x10000 ? "\\u%04X" : "\\U%08X", c));
              }
            }
          }
        });
    return quoted.append('"').toString();
  }
}
