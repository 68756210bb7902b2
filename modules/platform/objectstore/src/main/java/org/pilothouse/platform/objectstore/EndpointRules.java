package org.pilothouse.platform.objectstore;

import java.net.Inet4Address;
import java.net.InetAddress;
import java.net.URI;
import java.net.URISyntaxException;
import java.net.UnknownHostException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.regex.Pattern;
import org.pilothouse.kernel.Problem;
import org.pilothouse.kernel.ProblemCode;
import org.pilothouse.kernel.Settings;
import org.pilothouse.kernel.Settings.InvalidSetting;

/**
 * Which endpoints of pilots this installation connects to. Names are held against a list when an
 * endpoint is given, and the addresses that they resolve to at every connect: a name may lead
 * somewhere else the next time.
 */
public final class EndpointRules {
  static final String KEY = "pilothouse.s3.federated-endpoints";

  private static final int HTTPS = 443;
  private static final int MOST_ENTRIES = 256;
  private static final int MOST_ADDRESSES = 16;
  private static final int LONGEST = 512;
  private static final String BYTE = "(25[0-5]|2[0-4][0-9]|1[0-9]{2}|[1-9]?[0-9])";
  private static final Pattern LABELS =
      Pattern.compile("[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?(\\.[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?)*");
  private static final Pattern LITERAL_4 = Pattern.compile(BYTE + "(\\." + BYTE + "){3}");

  /**
   * A last label of a name is no number: there are ways to write addresses that look like names.
   */
  private static final Pattern NUMBER = Pattern.compile("(.*\\.)?(0x[0-9a-f]*|[0-9]+)");

  private static final Pattern LITERAL_6 = Pattern.compile("\\[[0-9a-f:.]{2,45}]");
  private static final Pattern PORT = Pattern.compile("[1-9][0-9]{0,4}");

  private final Set<String> hosts = new LinkedHashSet<>();
  private final Set<String> places = new LinkedHashSet<>();
  private final Set<String> domains = new LinkedHashSet<>();
  private final Lookup lookup;

  /** How names become addresses. */
  @FunctionalInterface
  interface Lookup {
    InetAddress[] of(String host) throws UnknownHostException;
  }

  EndpointRules(String list, Lookup lookup) {
    this.lookup = lookup;
    String[] entries = list.isBlank() ? new String[0] : list.split(",", -1);
    if (entries.length > MOST_ENTRIES) {
      throw new InvalidSetting(KEY + " holds more than " + MOST_ENTRIES + " entries");
    }
    for (String entry : entries) {
      add(entry.strip().toLowerCase(Locale.ROOT));
    }
  }

  /**
   * Comma-separated {@code host}, {@code host:port} and {@code *.domain}; none where it is empty.
   */
  public static EndpointRules from(Settings settings) {
    return new EndpointRules(settings.text(KEY, ""), InetAddress::getAllByName);
  }

  private void add(String entry) {
    if (entry.startsWith("*.")) {
      require(LABELS.matcher(entry.substring(2)).matches(), entry);
      domains.add(entry.substring(1));
      return;
    }
    int colon = entry.lastIndexOf(':');
    boolean withPort = colon > entry.indexOf(']') && colon >= 0;
    String host = withPort ? entry.substring(0, colon) : entry;
    require(isHost(host), entry);
    if (withPort) {
      require(isPort(entry.substring(colon + 1)), entry);
      places.add(place(host, Integer.parseInt(entry.substring(colon + 1))));
    } else {
      hosts.add(host);
    }
  }

  /**
   * What a browser calls the places that are listed (CSP 3, section 2.3.1): signed URLs may lead
   * there. Policies know no literal IPv6 addresses.
   */
  public List<String> origins() {
    List<String> origins = new ArrayList<>();
    hosts.stream()
        .filter(host -> !host.contains(":"))
        .forEach(host -> origins.add("https://" + host));
    domains.forEach(domain -> origins.add("https://*" + domain));
    places.stream()
        .filter(place -> place.indexOf(':') == place.lastIndexOf(':'))
        .forEach(place -> {
          origins.add("https://" + place);
          origins.add("http://" + place);
        });
    origins.sort(null);
    return List.copyOf(origins);
  }

  private static void require(boolean fits, String entry) {
    if (!fits) {
      throw new InvalidSetting(
          KEY + " holds '" + entry + "', which is no host, host:port or *.domain");
    }
  }

  private static boolean isHost(String host) {
    return host.length() <= 253
        && (LITERAL_4.matcher(host).matches()
            || LITERAL_6.matcher(host).matches()
            || (LABELS.matcher(host).matches() && !NUMBER.matcher(host).matches()));
  }

  private static boolean isPort(String text) {
    return PORT.matcher(text).matches() && Integer.parseInt(text) <= 65_535;
  }

  /** One way to write each place: addresses as the JDK writes them. */
  private static String place(String host, int port) {
    return canonical(host) + ":" + port;
  }

  private static String canonical(String host) {
    if (LITERAL_4.matcher(host).matches() || LITERAL_6.matcher(host).matches()) {
      try {
        InetAddress address = InetAddress.getByName(host);
        // An IPv4 address in the clothes of an IPv6 one is not the one that is listed.
        boolean mapped = host.startsWith("[") && address instanceof Inet4Address;
        return mapped ? host : address.getHostAddress();
      } catch (UnknownHostException e) {
        return host;
      }
    }
    return host;
  }

  /**
   * An endpoint in the one form in which it is kept.
   *
   * @throws Problem {@code invalid_value} for what is no endpoint, {@code endpoint_not_allowed} for
   *     one that the installation does not list
   */
  public URI check(String text) {
    URI uri = parsed(text);
    String host = uri.getHost();
    int port = portOf(uri);
    boolean listedExactly = places.contains(place(host, port));
    if (uri.getScheme().equals("http") && !listedExactly) {
      throw notAllowed("An endpoint is reached by https, unless its host and port are listed.");
    }
    boolean listed =
        listedExactly
            || (port == HTTPS
                && (hosts.contains(host) || domains.stream().anyMatch(host::endsWith)));
    if (!listed) {
      throw notAllowed(
          "This installation does not connect to "
              + host
              + ":"
              + port
              + "; whoever runs it lists endpoints in "
              + KEY
              + ".");
    }
    return uri;
  }

  private static URI parsed(String text) {
    try {
      URI uri = new URI(text.toLowerCase(Locale.ROOT));
      boolean whole =
          text.length() <= LONGEST
              && ("https".equals(uri.getScheme()) || "http".equals(uri.getScheme()))
              && uri.getHost() != null
              && isHost(uri.getHost())
              && uri.getPort() <= 65_535
              && uri.getPort() != 0
              && uri.getRawUserInfo() == null
              && (uri.getRawPath().isEmpty() || uri.getRawPath().equals("/"))
              && uri.getRawQuery() == null
              && uri.getRawFragment() == null;
      if (whole) {
        return new URI(uri.getScheme(), null, uri.getHost(), uri.getPort(), null, null, null);
      }
    } catch (URISyntaxException e) {
      // Said below, with what is expected.
    }
    throw Problem.at(
        ProblemCode.INVALID_VALUE,
        "/endpoint",
        "An endpoint is https://host or https://host:port, without user, path, query and"
            + " fragment.");
  }

  static int portOf(URI endpoint) {
    if (endpoint.getPort() >= 0) {
      return endpoint.getPort();
    }
    return endpoint.getScheme().equals("https") ? HTTPS : 80;
  }

  /**
   * The addresses of an endpoint, each of which may be connected to.
   *
   * @throws RefusedAddress when one of them may not: a name that leads to both is none to trust
   */
  InetAddress[] resolve(URI endpoint) throws UnknownHostException {
    String host = endpoint.getHost();
    int port = portOf(endpoint);
    InetAddress[] addresses;
    try {
      addresses = lookup.of(host);
    } catch (IllegalArgumentException e) {
      // The JDK's word for addresses that can be read in two ways.
      throw new RefusedAddress();
    }
    boolean localhostIsListed = host.equals("localhost") && places.contains(place(host, port));
    for (InetAddress address : addresses) {
      boolean listed =
          places.contains(address.getHostAddress() + ":" + port)
              || (localhostIsListed && address.isLoopbackAddress());
      if (!listed && !PublicAddresses.holds(address)) {
        throw new RefusedAddress();
      }
    }
    return Arrays.copyOf(addresses, Math.min(addresses.length, MOST_ADDRESSES));
  }

  /**
   * The same for those who only want to know it early. A name that nobody knows now passes.
   *
   * @throws Problem {@code endpoint_not_allowed}
   */
  public void checkAddresses(URI endpoint) {
    try {
      var unused = resolve(endpoint);
    } catch (RefusedAddress e) {
      throw notAllowed(RefusedAddress.DETAIL);
    } catch (UnknownHostException e) {
      // It may be known later; what it is then is looked at then.
    }
  }

  static Problem notAllowed(String detail) {
    return Problem.at(ProblemCode.ENDPOINT_NOT_ALLOWED, "/endpoint", detail);
  }

  /** A name leads to where nobody outside is. */
  static final class RefusedAddress extends UnknownHostException {
    static final String DETAIL =
        "The endpoint leads to an address that is not public, and that is not listed.";

    private static final long serialVersionUID = 1L;

    RefusedAddress() {
      super(DETAIL);
    }
  }
}
