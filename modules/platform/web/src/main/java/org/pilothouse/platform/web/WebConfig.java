package org.pilothouse.platform.web;

import java.net.URI;
import java.util.List;
import org.pilothouse.kernel.Settings;

/**
 * How the installation is reached.
 *
 * @param baseUrl scheme, host and port as browsers see them, without a path
 * @param fileOrigins where the portal's pages may send files to and get them from, beside it (RFC
 *     6454, section 6)
 */
public record WebConfig(URI baseUrl, List<String> fileOrigins) {
  private static final String KEY = "pilothouse.http.base-url";

  public WebConfig {
    fileOrigins = List.copyOf(fileOrigins);
    String scheme = baseUrl.getScheme();
    if (baseUrl.getHost() == null
        || !("http".equals(scheme) || "https".equals(scheme))
        || (baseUrl.getPath() != null
            && !baseUrl.getPath().isEmpty()
            && !"/".equals(baseUrl.getPath()))) {
      throw new Settings.InvalidSetting(
          KEY + " must be http://host[:port] or https://host[:port], not '" + baseUrl + "'");
    }
  }

  public static WebConfig from(Settings settings) {
    String text = settings.text(KEY, "http://127.0.0.1:9080");
    try {
      return new WebConfig(new URI(text), List.of());
    } catch (java.net.URISyntaxException e) {
      throw new Settings.InvalidSetting(KEY + " is not a URL: '" + text + "'", e);
    }
  }

  public WebConfig withFilesAt(List<String> origins) {
    return new WebConfig(baseUrl, origins);
  }

  /** Browsers come by TLS: cookies are marked secure and plain HTTP is not gone back to. */
  public boolean secure() {
    return "https".equals(baseUrl.getScheme());
  }

  /** A path of this installation as an absolute URL. */
  public URI url(String path) {
    return baseUrl.resolve(path);
  }
}
