package org.pilothouse.datasets.internal;

import java.net.URI;
import java.net.URISyntaxException;
import java.nio.charset.StandardCharsets;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import org.pilothouse.datasets.DatasetId;
import org.pilothouse.kernel.PilotId;

/** The names of a pilot's datasets in the web of data: where the API answers about them. */
public final class Iris {
  private static final String UNRESERVED = "-._~";
  private static final Set<String> SCHEMES = Set.of("http", "https", "urn");

  private final String pilot;

  /**
   * @param base scheme, host and port of the installation
   */
  public Iris(URI base, PilotId pilot) {
    this.pilot = base.resolve("/api/v1/pilots/" + pilot).toString();
  }

  public String pilot() {
    return pilot;
  }

  public String catalogue() {
    return pilot + "/catalogue";
  }

  String dataset(DatasetId id) {
    return pilot + "/datasets/" + id;
  }

  String content(DatasetId id) {
    return dataset(id) + "/content";
  }

  String distribution(DatasetId id) {
    return dataset(id) + "#distribution";
  }

  /** The versions of a name. */
  String series(String name) {
    return pilot + "/datasets?name=" + encoded(name);
  }

  /** RFC 3986, section 2.1: everything but unreserved characters. */
  static String encoded(String text) {
    StringBuilder encoded = new StringBuilder();
    for (byte each : text.getBytes(StandardCharsets.UTF_8)) {
      char c = (char) (each & 0xff);
      if ((c >= 'a' && c <= 'z')
          || (c >= 'A' && c <= 'Z')
          || (c >= '0' && c <= '9')
          || UNRESERVED.indexOf(c) >= 0) {
        encoded.append(c);
      } else {
        encoded.append(String.format(Locale.ROOT, "%%%02X", (int) c));
      }
    }
    return encoded.toString();
  }

  /** A text that is an absolute IRI of a scheme that names things; others stay texts. */
  static Optional<String> absolute(String text) {
    try {
      URI uri = new URI(text);
      boolean named =
          uri.isAbsolute() && SCHEMES.contains(uri.getScheme().toLowerCase(Locale.ROOT));
      boolean ascii = text.chars().allMatch(c -> c > 0x20 && c < 0x7f);
      return named && ascii ? Optional.of(text) : Optional.empty();
    } catch (URISyntaxException e) {
      return Optional.empty();
    }
  }
}
