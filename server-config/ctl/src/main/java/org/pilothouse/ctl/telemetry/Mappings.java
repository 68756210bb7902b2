package org.pilothouse.ctl.telemetry;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** Where mappings come from: files of one's own, and those for known data sets that come along. */
public final class Mappings {
  /** Those that come along, each {@code mappings/NAME.json}. */
  public static final List<String> KNOWN = List.of("cmapss", "nab");

  private static final int LARGEST = 1024 * 1024;
  private static final ObjectMapper JSON =
      JsonMapper.builder().enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION).build();
  private static final ObjectMapper YAML =
      YAMLMapper.builder().enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION).build();

  private Mappings() {}

  /**
   * A mapping's document, to be changed by options before it is read.
   *
   * @param home where its other documents are; null beside the program itself
   */
  public record Source(String name, ObjectNode document, @Nullable Path home) {
    /**
     * The mapping as the document now says.
     *
     * @throws Unusable where it says nothing that can be done
     */
    public Mapping mapping() {
      return Mapping.of(document, name);
    }

    /** The Thing Model that the mapping names. */
    JsonNode beside(String file) {
      if (home == null) {
        return parsed(file, resource(file));
      }
      return parsed(file, read(home.resolve(file)));
    }
  }

  /** The mapping of a file that names its columns itself. */
  public static Source none() {
    return new Source("the options", JSON.createObjectNode(), null);
  }

  /**
   * @param name one of {@link #KNOWN}, or a JSON or YAML file
   * @throws Unusable when there is none, or it is no object
   */
  public static Source of(String name) {
    boolean known = KNOWN.contains(name);
    Path file = Path.of(name).toAbsolutePath();
    if (!known && !Files.exists(file)) {
      throw new Unusable(
          "there is no mapping " + name + ": neither a file, nor one of those known: " + KNOWN);
    }
    JsonNode document = known ? parsed(name, resource(name + ".json")) : parsed(name, read(file));
    if (document instanceof ObjectNode object) {
      return new Source(name, object, known ? null : file.getParent());
    }
    throw new Unusable(name + ": a mapping is an object");
  }

  private static JsonNode parsed(String name, String text) {
    String lower = name.toLowerCase(Locale.ROOT);
    boolean yaml = lower.endsWith(".yaml") || lower.endsWith(".yml");
    try {
      return (yaml ? YAML : JSON).readTree(text);
    } catch (JsonProcessingException e) {
      String place = e.getLocation() == null ? "" : " (line " + e.getLocation().getLineNr() + ")";
      throw new Unusable(name + ": " + e.getOriginalMessage() + place);
    }
  }

  private static String resource(String file) {
    try (InputStream in = Mappings.class.getResourceAsStream("mappings/" + file)) {
      if (in == null) {
        throw new Unusable("there is no " + file + " beside the known mappings");
      }
      return new String(in.readAllBytes(), StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new Unusable(file + " cannot be read: " + e.getMessage());
    }
  }

  private static String read(Path file) {
    try {
      if (Files.size(file) > LARGEST) {
        throw new Unusable(file + " is larger than a mapping or a model may be");
      }
      return Files.readString(file);
    } catch (IOException e) {
      throw new Unusable(file + " cannot be read: " + e);
    }
  }
}
