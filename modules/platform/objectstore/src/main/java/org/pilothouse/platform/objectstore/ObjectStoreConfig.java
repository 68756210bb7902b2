package org.pilothouse.platform.objectstore;

import java.net.URI;
import java.time.Duration;
import java.util.Set;
import org.pilothouse.kernel.Settings;
import org.pilothouse.kernel.Settings.InvalidSetting;

/**
 * How an object store is reached.
 *
 * @param endpoint where this node reaches it
 * @param publicEndpoint where browsers and clients outside reach it; signed URLs begin with it
 * @param region what signatures name
 * @param bucket where the objects are
 * @param connectTimeout to connect, 100 ms to 1 min
 * @param callTimeout for one call, without what is read from its answer; 1 s to 5 min
 * @param readTimeout how long the answer may be silent, 1 s to 5 min
 * @param urlLifetime how long a signed URL is accepted, at most 5 min
 */
public record ObjectStoreConfig(
    URI endpoint,
    URI publicEndpoint,
    String region,
    String accessKey,
    String secretKey,
    String bucket,
    Duration connectTimeout,
    Duration callTimeout,
    Duration readTimeout,
    Duration urlLifetime) {

  private static final String PREFIX = "pilothouse.s3.";

  public ObjectStoreConfig {
    absolute("endpoint", endpoint);
    absolute("public-endpoint", publicEndpoint);
    within("connect-timeout", connectTimeout, Duration.ofMillis(100), Duration.ofMinutes(1));
    within("call-timeout", callTimeout, Duration.ofSeconds(1), Duration.ofMinutes(5));
    within("read-timeout", readTimeout, Duration.ofSeconds(1), Duration.ofMinutes(5));
    within("url-lifetime", urlLifetime, Duration.ofSeconds(1), Duration.ofMinutes(5));
  }

  private static void absolute(String key, URI uri) {
    if (!Set.of("http", "https").contains(String.valueOf(uri.getScheme()))
        || uri.getHost() == null) {
      throw new InvalidSetting(PREFIX + key + " must be an http or https URL");
    }
  }

  private static void within(String key, Duration value, Duration least, Duration most) {
    if (value.compareTo(least) < 0 || value.compareTo(most) > 0) {
      throw new InvalidSetting(
          PREFIX + key + " must be from " + least + " to " + most + ", not " + value);
    }
  }

  public static ObjectStoreConfig from(Settings settings) {
    URI endpoint = uri("endpoint", settings.required(PREFIX + "endpoint"));
    return new ObjectStoreConfig(
        endpoint,
        settings
            .optional(PREFIX + "public-endpoint")
            .map(text -> uri("public-endpoint", text))
            .orElse(endpoint),
        settings.text(PREFIX + "region", "us-east-1"),
        settings.required(PREFIX + "access-key"),
        settings.required(PREFIX + "secret-key"),
        settings.required(PREFIX + "bucket"),
        settings.duration(PREFIX + "connect-timeout", Duration.ofSeconds(3)),
        settings.duration(PREFIX + "call-timeout", Duration.ofSeconds(30)),
        settings.duration(PREFIX + "read-timeout", Duration.ofSeconds(30)),
        settings.duration(PREFIX + "url-lifetime", Duration.ofMinutes(5)));
  }

  /** A pilot's own store. It is waited for less long than the consortium's. */
  public static ObjectStoreConfig ofSite(
      URI endpoint, String region, String accessKey, String secretKey, String bucket) {
    return new ObjectStoreConfig(
        endpoint,
        endpoint,
        region,
        accessKey,
        secretKey,
        bucket,
        Duration.ofSeconds(3),
        Duration.ofSeconds(10),
        Duration.ofSeconds(15),
        Duration.ofMinutes(5));
  }

  private static URI uri(String key, String text) {
    try {
      return URI.create(text);
    } catch (IllegalArgumentException e) {
      throw new InvalidSetting(PREFIX + key + " is not a URL", e);
    }
  }

  /** What a browser calls the place that signed URLs lead to (RFC 6454, section 6). */
  public String publicOrigin() {
    int port = publicEndpoint.getPort();
    return publicEndpoint.getScheme()
        + "://"
        + publicEndpoint.getHost()
        + (port < 0 ? "" : ":" + port);
  }

  @Override
  public String toString() {
    return "ObjectStoreConfig[endpoint=" + endpoint + ", bucket=" + bucket + "]";
  }
}
