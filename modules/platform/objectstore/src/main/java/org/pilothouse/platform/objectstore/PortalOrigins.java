package org.pilothouse.platform.objectstore;

import java.net.URI;
import java.util.Arrays;
import java.util.List;
import org.pilothouse.kernel.Settings;
import org.pilothouse.kernel.Settings.InvalidSetting;

/**
 * From where browsers come that put and get objects by signed URLs.
 *
 * @param origins as RFC 6454, section 6.2, writes them; none: the bucket is left as it is
 */
public record PortalOrigins(List<String> origins) {
  private static final String KEY = "pilothouse.s3.portal-origins";
  private static final int MOST = 20;

  public PortalOrigins {
    origins = List.copyOf(origins);
    if (origins.size() > MOST) {
      throw new InvalidSetting(KEY + " names more than " + MOST + " origins");
    }
    for (String origin : origins) {
      if (!isOrigin(origin)) {
        throw new InvalidSetting(
            KEY + " must be origins such as https://portal.example:8443, not '" + origin + "'");
      }
    }
  }

  public static PortalOrigins from(Settings settings) {
    return new PortalOrigins(
        settings.optional(KEY).stream()
            .flatMap(text -> Arrays.stream(text.split(",")))
            .map(String::strip)
            .toList());
  }

  /** Browsers compare it letter by letter. */
  private static boolean isOrigin(String text) {
    try {
      URI uri = URI.create(text);
      String port = uri.getPort() < 0 ? "" : ":" + uri.getPort();
      boolean web = "http".equals(uri.getScheme()) || "https".equals(uri.getScheme());
      return web
          && uri.getHost() != null
          && text.equals(uri.getScheme() + "://" + uri.getHost() + port)
          && text.equals(text.toLowerCase(java.util.Locale.ROOT));
    } catch (IllegalArgumentException e) {
      return false;
    }
  }
}
