package org.pilothouse.kernel;

import java.io.IOException;
import java.io.Reader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Comparator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Properties;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * The installation's settings, read once. Each room takes its own into a validated record; {@link
 * #refuseUnknown} then stops the start when a key was given that no room asked for.
 *
 * <p>The environment overrides the file: {@code pilothouse.kafka.bootstrap-servers} is {@code
 * PILOTHOUSE_KAFKA_BOOTSTRAP_SERVERS}.
 */
public final class Settings {
  private final Map<String, String> given;
  private final Map<String, String> environment;
  private final Set<String> asked = new LinkedHashSet<>();

  public Settings(Map<String, String> given, Map<String, String> environment) {
    this.given = new TreeMap<>(given);
    this.environment = Map.copyOf(environment);
  }

  /**
   * @throws InvalidSetting when the file cannot be read
   */
  public static Settings read(Path file, Map<String, String> environment) {
    Properties properties = new Properties();
    try (Reader reader = Files.newBufferedReader(file, StandardCharsets.UTF_8)) {
      properties.load(reader);
    } catch (IOException e) {
      throw new InvalidSetting(
          "the settings file " + file + " cannot be read", new UncheckedIOException(e));
    }
    Map<String, String> given = new TreeMap<>();
    properties.stringPropertyNames().forEach(name -> given.put(name, properties.getProperty(name)));
    return new Settings(given, environment);
  }

  public Optional<String> optional(String key) {
    asked.add(key);
    String fromEnvironment =
        environment.get(key.replace('.', '_').replace('-', '_').toUpperCase(Locale.ROOT));
    @Nullable String value = fromEnvironment != null ? fromEnvironment : given.get(key);
    return Optional.ofNullable(value).map(String::strip).filter(text -> !text.isEmpty());
  }

  public String required(String key) {
    return optional(key).orElseThrow(() -> new InvalidSetting(key + " is not set"));
  }

  public String text(String key, String fallback) {
    return optional(key).orElse(fallback);
  }

  /** A whole number between {@code least} and {@code most}, both included. */
  public int number(String key, int fallback, int least, int most) {
    Optional<String> text = optional(key);
    if (text.isEmpty()) {
      return fallback;
    }
    try {
      int value = Integer.parseInt(text.get());
      if (value >= least && value <= most) {
        return value;
      }
    } catch (NumberFormatException e) {
      // Said below, with the range.
    }
    throw new InvalidSetting(
        key
            + " must be a whole number from "
            + least
            + " to "
            + most
            + ", not '"
            + text.get()
            + "'");
  }

  /** A duration as ISO 8601 ({@code PT30S}). */
  public Duration duration(String key, Duration fallback) {
    Optional<String> text = optional(key);
    if (text.isEmpty()) {
      return fallback;
    }
    try {
      return Duration.parse(text.get());
    } catch (java.time.format.DateTimeParseException e) {
      throw new InvalidSetting(
          key + " must be an ISO 8601 duration such as PT30S, not '" + text.get() + "'", e);
    }
  }

  /** One of the words given, or the fallback. */
  public String oneOf(String key, String fallback, List<String> words) {
    String value = text(key, fallback);
    if (!words.contains(value)) {
      throw new InvalidSetting(key + " must be one of " + words + ", not '" + value + "'");
    }
    return value;
  }

  /**
   * Stops the start when the file holds a {@code pilothouse.*} key that no room has asked for by
   * now.
   */
  public void refuseUnknown() {
    for (String key : given.keySet()) {
      if (key.startsWith("pilothouse.") && !asked.contains(key)) {
        String nearest =
            asked.stream()
                .min(Comparator.comparingInt(known -> distance(known, key)))
                .map(known -> "; did you mean " + known + "?")
                .orElse("");
        throw new InvalidSetting("unknown setting " + key + nearest);
      }
    }
  }

  /** Levenshtein's distance. */
  private static int distance(String a, String b) {
    int[] previous = new int[b.length() + 1];
    for (int j = 0; j <= b.length(); j++) {
      previous[j] = j;
    }
    for (int i = 1; i <= a.length(); i++) {
      int[] row = new int[b.length() + 1];
      row[0] = i;
      for (int j = 1; j <= b.length(); j++) {
        int substituted = previous[j - 1] + (a.charAt(i - 1) == b.charAt(j - 1) ? 0 : 1);
        row[j] = Math.min(substituted, Math.min(previous[j], row[j - 1]) + 1);
      }
      previous = row;
    }
    return previous[b.length()];
  }

  /** The installation's settings are wrong; what it says is for the person who installs. */
  public static final class InvalidSetting extends RuntimeException {
    private static final long serialVersionUID = 1L;

    public InvalidSetting(String message) {
      super(message);
    }

    public InvalidSetting(String message, Throwable cause) {
      super(message, cause);
    }
  }
}
