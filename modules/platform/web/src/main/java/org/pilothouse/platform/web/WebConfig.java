package org.pilothouse.platform.web;

import java.net.URI;
import org.pilothouse.kernel.Settings;

/**
 * How the installation is reached.
 *
 * @param baseUrl scheme, host and port as browsers see them, without a path
 */
public record WebConfig(URI baseUrl) {
  private static final String KEY = "pilothouse.http.base-url";

  public WebConfig {
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
      return new WebConfig(new URI(text));
    } catch (java.net.URISyntaxException e) {
      throw new Settings.InvalidSetting(KEY + " is not a URL: '" + text + "'", e);
    }
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
