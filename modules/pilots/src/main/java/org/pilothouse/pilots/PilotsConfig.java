package org.pilothouse.pilots;

import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.pilothouse.kernel.Settings;

/**
 * How people sign in.
 *
 * @param secretsKey 32 bytes; other keys are derived from it
 * @param totpRequired staff must enrol a one-time-code generator before anything else
 * @param tokenLifetime how long a bearer token is accepted
 * @param sessionLifetime how long a portal session lasts at most
 * @param sessionIdle after which time without a request it ends before that
 * @param userFailures failed sign-ins of one user name after which it is locked for a while
 * @param addressFailures the same for one address
 * @param brokerKey what the MQTT broker shows when it asks about a device
 */
public record PilotsConfig(
    byte[] secretsKey,
    boolean totpRequired,
    Duration tokenLifetime,
    Duration sessionLifetime,
    Duration sessionIdle,
    int userFailures,
    int addressFailures,
    Optional<Path> firstStartFile,
    Optional<String> brokerKey,
    Optional<Provider> provider) {

  private static final String AUTH = "pilothouse.auth.";
  private static final String OIDC = "pilothouse.oidc.";

  public PilotsConfig {
    secretsKey = secretsKey.clone();
    if (secretsKey.length != 32) {
      throw new Settings.InvalidSetting(
          "pilothouse.secrets.key must be 32 bytes in base64 (openssl rand -base64 32)");
    }
    if (tokenLifetime.isNegative()
        || tokenLifetime.isZero()
        || sessionIdle.isNegative()
        || sessionIdle.isZero()
        || sessionLifetime.compareTo(sessionIdle) < 0) {
      throw new Settings.InvalidSetting(
          AUTH
              + "token-lifetime, session-lifetime and session-idle must be positive, and a session"
              + " may not be idle for longer than it lasts");
    }
  }

  @Override
  public byte[] secretsKey() {
    return secretsKey.clone();
  }

  public static PilotsConfig from(Settings settings) {
    return new PilotsConfig(
        key(settings.required("pilothouse.secrets.key")),
        "required"
            .equals(settings.oneOf(AUTH + "totp", "optional", List.of("optional", "required"))),
        settings.duration(AUTH + "token-lifetime", Duration.ofHours(12)),
        settings.duration(AUTH + "session-lifetime", Duration.ofHours(12)),
        settings.duration(AUTH + "session-idle", Duration.ofHours(2)),
        settings.number(AUTH + "user-failures", 5, 1, 100),
        settings.number(AUTH + "address-failures", 100, 1, 100_000),
        settings.optional("pilothouse.people.first-start-file").map(Path::of),
        settings.optional("pilothouse.mqtt.auth-key"),
        Provider.from(settings));
  }

  private static byte[] key(String base64) {
    try {
      return Base64.getDecoder().decode(base64);
    } catch (IllegalArgumentException e) {
      throw new Settings.InvalidSetting("pilothouse.secrets.key is not base64", e);
    }
  }

  @Override
  public String toString() {
    return "PilotsConfig[totpRequired=" + totpRequired + ", provider=" + provider.isPresent() + "]";
  }

  /**
   * The consortium's identity provider (OpenID Connect).
   *
   * @param name how the portal calls it
   * @param roleMap which of our roles a value of the roles claim stands for; itself, where not
   *     named
   */
  public record Provider(
      URI issuer,
      String clientId,
      String clientSecret,
      String name,
      String usernameClaim,
      String rolesClaim,
      String pilotClaim,
      Map<String, String> roleMap) {
    public Provider {
      roleMap = Map.copyOf(roleMap);
    }

    static Optional<Provider> from(Settings settings) {
      Optional<String> issuer = settings.optional(OIDC + "issuer");
      Optional<String> clientId = settings.optional(OIDC + "client-id");
      Optional<String> clientSecret = settings.optional(OIDC + "client-secret");
      String name = settings.text(OIDC + "name", "Single sign-on");
      String username = settings.text(OIDC + "username-claim", "preferred_username");
      String roles = settings.text(OIDC + "roles-claim", "roles");
      String pilot = settings.text(OIDC + "pilot-claim", "pilot");
      Map<String, String> map = roleMap(settings.text(OIDC + "role-map", ""));
      if (issuer.isEmpty()) {
        return Optional.empty();
      }
      URI uri = URI.create(issuer.get());
      if (!"https".equals(uri.getScheme()) && !isLoopback(uri)) {
        throw new Settings.InvalidSetting(OIDC + "issuer must be https (http only on loopback)");
      }
      return Optional.of(
          new Provider(
              uri,
              clientId.orElseThrow(() -> missing("client-id")),
              clientSecret.orElseThrow(() -> missing("client-secret")),
              name,
              username,
              roles,
              pilot,
              map));
    }

    private static Settings.InvalidSetting missing(String key) {
      return new Settings.InvalidSetting(OIDC + key + " is not set, but " + OIDC + "issuer is");
    }

    private static boolean isLoopback(URI uri) {
      return "http".equals(uri.getScheme())
          && ("127.0.0.1".equals(uri.getHost()) || "localhost".equals(uri.getHost()));
    }

    private static Map<String, String> roleMap(String text) {
      Map<String, String> map = new TreeMap<>();
      for (String pair : text.split(",", -1)) {
        if (pair.isBlank()) {
          continue;
        }
        int equals = pair.indexOf('=');
        if (equals < 1 || Role.of(pair.substring(equals + 1).strip()).isEmpty()) {
          throw new Settings.InvalidSetting(
              OIDC + "role-map must be claim-value=role, separated by commas");
        }
        map.put(pair.substring(0, equals).strip(), pair.substring(equals + 1).strip());
      }
      return map;
    }

    @Override
    public String toString() {
      return "Provider[issuer=" + issuer + "]";
    }
  }
}
