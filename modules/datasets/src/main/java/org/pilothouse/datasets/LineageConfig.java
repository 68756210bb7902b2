package org.pilothouse.datasets;

import java.net.URI;
import java.time.Duration;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;
import org.pilothouse.kernel.Settings;
import org.pilothouse.kernel.Settings.InvalidSetting;

/**
 * Where run events of OpenLineage are sent.
 *
 * @param url of the gatherer, with its path
 * @param apiKey shown as a bearer token; never written anywhere else
 * @param timeout for one event, 100 ms to 15 s
 */
public record LineageConfig(URI url, Optional<String> apiKey, Duration timeout) {
  private static final String PREFIX = "pilothouse.openlineage.";

  /** RFC 6750, section 2.1. */
  private static final Pattern TOKEN = Pattern.compile("[A-Za-z0-9._~+/-]{1,4096}=*");

  public LineageConfig {
    if (!Set.of("http", "https").contains(String.valueOf(url.getScheme()))
        || url.getHost() == null
        || url.getUserInfo() != null
        || url.getFragment() != null) {
      throw new InvalidSetting(
          PREFIX + "url must be an http or https URL without user, password and fragment");
    }
    if (String.valueOf(url.getPath()).length() < 2) {
      throw new InvalidSetting(
          PREFIX + "url must name the path too, for example http://host:5000/api/v1/lineage");
    }
    if (apiKey.filter(key -> !TOKEN.matcher(key).matches()).isPresent()) {
      throw new InvalidSetting(
          PREFIX + "api-key must be letters, digits and . _ ~ + / -, as in RFC 6750");
    }
    if (timeout.compareTo(Duration.ofMillis(100)) < 0
        || timeout.compareTo(Duration.ofSeconds(15)) > 0) {
      throw new InvalidSetting(PREFIX + "timeout must be from PT0.1S to PT15S, not " + timeout);
    }
  }

  /**
   * Empty where nothing is to be sent.
   *
   * @throws InvalidSetting also for a key or a time-out without a URL
   */
  public static Optional<LineageConfig> ifGiven(Settings settings) {
    Optional<String> url = settings.optional(PREFIX + "url");
    Optional<String> apiKey = settings.optional(PREFIX + "api-key");
    Duration timeout = settings.duration(PREFIX + "timeout", Duration.ofSeconds(10));
    if (url.isEmpty() && apiKey.isPresent()) {
      throw new InvalidSetting(PREFIX + "api-key is set, and " + PREFIX + "url is not");
    }
    return url.map(text -> new LineageConfig(uri(text), apiKey, timeout));
  }

  private static URI uri(String text) {
    try {
      return URI.create(text);
    } catch (IllegalArgumentException e) {
      // The text may hold a password.
      throw new InvalidSetting(PREFIX + "url is not a URL");
    }
  }

  /** What people may see of it: a query may hold a key. */
  public String shown() {
    return url.getScheme() + "://" + url.getRawAuthority() + url.getRawPath();
  }

  @Override
  public String toString() {
    return "LineageConfig[" + shown() + "]";
  }
}
