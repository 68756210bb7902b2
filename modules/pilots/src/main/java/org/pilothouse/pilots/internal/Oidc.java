package org.pilothouse.pilots.internal;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.nimbusds.jose.JOSEException;
import com.nimbusds.jose.JWSAlgorithm;
import com.nimbusds.jose.proc.BadJOSEException;
import com.nimbusds.jose.util.DefaultResourceRetriever;
import com.nimbusds.oauth2.sdk.AuthorizationCode;
import com.nimbusds.oauth2.sdk.AuthorizationCodeGrant;
import com.nimbusds.oauth2.sdk.GeneralException;
import com.nimbusds.oauth2.sdk.ParseException;
import com.nimbusds.oauth2.sdk.ResponseType;
import com.nimbusds.oauth2.sdk.Scope;
import com.nimbusds.oauth2.sdk.TokenRequest;
import com.nimbusds.oauth2.sdk.TokenResponse;
import com.nimbusds.oauth2.sdk.auth.ClientSecretBasic;
import com.nimbusds.oauth2.sdk.auth.Secret;
import com.nimbusds.oauth2.sdk.http.HTTPRequest;
import com.nimbusds.oauth2.sdk.id.ClientID;
import com.nimbusds.oauth2.sdk.id.Issuer;
import com.nimbusds.oauth2.sdk.id.State;
import com.nimbusds.oauth2.sdk.pkce.CodeChallengeMethod;
import com.nimbusds.oauth2.sdk.pkce.CodeVerifier;
import com.nimbusds.openid.connect.sdk.AuthenticationRequest;
import com.nimbusds.openid.connect.sdk.Nonce;
import com.nimbusds.openid.connect.sdk.OIDCTokenResponse;
import com.nimbusds.openid.connect.sdk.OIDCTokenResponseParser;
import com.nimbusds.openid.connect.sdk.claims.IDTokenClaimsSet;
import com.nimbusds.openid.connect.sdk.op.OIDCProviderMetadata;
import com.nimbusds.openid.connect.sdk.validators.IDTokenValidator;
import java.io.IOException;
import java.net.MalformedURLException;
import java.net.URI;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Base64;
import java.util.Collection;
import java.util.EnumSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jdbi.v3.core.Handle;
import org.jspecify.annotations.Nullable;
import org.pilothouse.kernel.Names;
import org.pilothouse.kernel.PilotId;
import org.pilothouse.kernel.Problem;
import org.pilothouse.kernel.ProblemCode;
import org.pilothouse.kernel.Secrets;
import org.pilothouse.pilots.AuditEvent;
import org.pilothouse.pilots.AuditTrail;
import org.pilothouse.pilots.PilotsConfig;
import org.pilothouse.pilots.Role;
import org.pilothouse.platform.postgres.Database;
import org.pilothouse.platform.web.Json;
import org.pilothouse.platform.web.WebConfig;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Sign-in through the consortium's identity provider: OpenID Connect's authorization code flow with
 * PKCE (RFC 7636). What must come back with the browser (state, nonce, verifier) travels in a
 * sealed cookie, so that any node can finish what another began.
 */
public final class Oidc {
  public static final String COOKIE = "pilothouse_oidc";
  public static final String CALLBACK = "/api/v1/auth/oidc/callback";

  /** How long somebody may take at the provider. */
  public static final Duration PATIENCE = Duration.ofMinutes(10);

  private static final Logger LOG = LoggerFactory.getLogger(Oidc.class);
  private static final int CONNECT_MILLIS = 3000;
  private static final int READ_MILLIS = 5000;
  private static final int LARGEST_ANSWER = 256 * 1024;
  private static final Duration METADATA_FRESH = Duration.ofMinutes(10);
  private static final String CONTEXT = "oidc";

  private final PilotsConfig.Provider provider;
  private final URI callback;
  private final Database database;
  private final People people;
  private final Credentials credentials;
  private final SignIn signIn;
  private final AuditTrail trail;
  private final Secrets secrets;
  private final Clock clock;
  private @Nullable Known known;

  Oidc(
      PilotsConfig.Provider provider,
      WebConfig web,
      Database database,
      People people,
      Credentials credentials,
      SignIn signIn,
      AuditTrail trail,
      Secrets secrets,
      Clock clock) {
    this.provider = provider;
    this.callback = web.url(CALLBACK);
    this.database = database;
    this.people = people;
    this.credentials = credentials;
    this.signIn = signIn;
    this.trail = trail;
    this.secrets = secrets;
    this.clock = clock;
  }

  /** Where the browser goes, and the cookie that it takes along. */
  public record Departure(URI to, String cookie) {}

  /** Who came back, and where they wanted to go. */
  public record Arrival(SignIn.SignedIn in, String returnTo) {}

  private record Known(OIDCProviderMetadata metadata, IDTokenValidator validator, Instant readAt) {}

  private record Journey(
      String state, String nonce, String verifier, String returnTo, long until) {}

  private record Identity(
      String subject,
      String username,
      String displayName,
      Set<Role> roles,
      Optional<PilotId> pilot) {}

  public Departure depart(String returnTo) {
    Journey journey =
        new Journey(
            secrets.token(),
            secrets.token(),
            secrets.token(),
            isOurs(returnTo) ? returnTo : "/",
            clock.instant().plus(PATIENCE).getEpochSecond());
    URI to =
        new AuthenticationRequest.Builder(
                ResponseType.CODE,
                new Scope("openid", "profile"),
                new ClientID(provider.clientId()),
                callback)
            .endpointURI(known().metadata().getAuthorizationEndpointURI())
            .state(new State(journey.state()))
            .nonce(new Nonce(journey.nonce()))
            .codeChallenge(new CodeVerifier(journey.verifier()), CodeChallengeMethod.S256)
            .build()
            .toURI();
    return new Departure(to, seal(journey));
  }

  public Arrival arrive(
      @Nullable String cookie, @Nullable String state, @Nullable String code, String address) {
    Journey journey = open(cookie);
    if (state == null || !Secrets.same(state, journey.state())) {
      throw refused("the state is another");
    }
    if (code == null || code.isEmpty()) {
      throw refused("the provider gave no code");
    }
    IDTokenClaimsSet claims = redeem(code, journey);
    Identity identity = identity(claims);
    SignIn.SignedIn in =
        database.asPlatform(transaction -> {
          enter(transaction, identity);
          return signIn.admit(
              transaction, Credentials.Kind.SESSION, identity.username(), address, "oidc");
        });
    return new Arrival(in, journey.returnTo());
  }

  private IDTokenClaimsSet redeem(String code, Journey journey) {
    Known door = known();
    try {
      HTTPRequest request =
          new TokenRequest.Builder(
                  door.metadata().getTokenEndpointURI(),
                  new ClientSecretBasic(
                      new ClientID(provider.clientId()), new Secret(provider.clientSecret())),
                  new AuthorizationCodeGrant(
                      new AuthorizationCode(code), callback, new CodeVerifier(journey.verifier())))
              .build()
              .toHTTPRequest();
      request.setConnectTimeout(CONNECT_MILLIS);
      request.setReadTimeout(READ_MILLIS);
      request.setFollowRedirects(false);
      TokenResponse answer = OIDCTokenResponseParser.parse(request.send());
      if (!(answer instanceof OIDCTokenResponse tokens)) {
        throw refused("the provider refused the code");
      }
      return door.validator()
          .validate(tokens.getOIDCTokens().getIDToken(), new Nonce(journey.nonce()));
    } catch (IOException e) {
      throw away(e);
    } catch (ParseException | BadJOSEException | JOSEException e) {
      throw refused("the identity token is not valid: " + e.getClass().getSimpleName());
    }
  }

  private Identity identity(IDTokenClaimsSet claims) {
    Map<String, Object> all = claims.toJSONObject();
    String username =
        text(all, provider.usernameClaim())
            .map(name -> name.toLowerCase(Locale.ROOT))
            .filter(People::isUsername)
            .orElseThrow(() -> refused("no usable name in " + provider.usernameClaim()));
    Set<Role> roles = EnumSet.noneOf(Role.class);
    for (String word : texts(all, provider.rolesClaim())) {
      Role.of(provider.roleMap().getOrDefault(word, word)).ifPresent(roles::add);
    }
    boolean staff = roles.stream().anyMatch(Role::staff);
    if (roles.isEmpty() || (staff && !roles.stream().allMatch(Role::staff))) {
      throw refused("no role, or roles of a pilot and of staff together");
    }
    Optional<PilotId> pilot =
        staff
            ? Optional.empty()
            : text(all, provider.pilotClaim()).filter(Names::isId).map(PilotId::new);
    if (!staff && pilot.isEmpty()) {
      throw refused("no usable pilot in " + provider.pilotClaim());
    }
    return new Identity(
        claims.getIssuer() + "#" + claims.getSubject(),
        username,
        text(all, "name")
            .map(name -> name.substring(0, Math.min(128, name.length())))
            .orElse(username),
        roles,
        pilot);
  }

  /**
   * The provider's people are known by its subject, not by a name: a name that a local account
   * holds stays with that account.
   */
  private void enter(Handle transaction, Identity identity) {
    if (identity.pilot().isPresent() && !People.exists(transaction, identity.pilot().get())) {
      throw refused("the pilot does not exist");
    }
    Optional<String> username =
        transaction
            .createQuery(
                "SELECT username FROM pilots.person WHERE provider_subject = :subject FOR UPDATE")
            .bind("subject", identity.subject())
            .mapTo(String.class)
            .findOne();
    if (username.isPresent() && !username.get().equals(identity.username())) {
      throw refused("the name was changed at the provider");
    }
    if (username.isEmpty()) {
      try {
        people.insert(
            transaction,
            identity.username(),
            identity.displayName(),
            identity.roles(),
            identity.pilot(),
            null);
      } catch (Problem e) {
        throw refused("the name belongs to another account");
      }
      transaction
          .createUpdate(
              "UPDATE pilots.person SET provider_subject = :subject WHERE username = :username")
          .bind("subject", identity.subject())
          .bind("username", identity.username())
          .execute();
      return;
    }
    int changed =
        transaction
            .createUpdate(
                "UPDATE pilots.person SET roles = :roles, pilot = :pilot, revision = revision + 1"
                    + " WHERE username = :username AND (roles <> :roles::text[] OR pilot IS DISTINCT FROM"
                    + " :pilot)")
            .bindArray("roles", String.class, People.wordList(identity.roles()))
            .bind("pilot", identity.pilot().map(PilotId::value).orElse(null))
            .bind("username", identity.username())
            .execute();
    if (changed > 0) {
      credentials.endAll(transaction, identity.username(), Optional.empty());
    }
  }

  private synchronized Known known() {
    Known now = known;
    if (now != null && now.readAt().plus(METADATA_FRESH).isAfter(clock.instant())) {
      return now;
    }
    try {
      OIDCProviderMetadata metadata =
          OIDCProviderMetadata.resolve(new Issuer(provider.issuer()), CONNECT_MILLIS, READ_MILLIS);
      // Keys are fetched by the validator, kept, and fetched again when an unknown one is named.
      IDTokenValidator validator =
          now != null && now.metadata().getJWKSetURI().equals(metadata.getJWKSetURI())
              ? now.validator()
              : new IDTokenValidator(
                  metadata.getIssuer(),
                  new ClientID(provider.clientId()),
                  JWSAlgorithm.RS256,
                  metadata.getJWKSetURI().toURL(),
                  new DefaultResourceRetriever(CONNECT_MILLIS, READ_MILLIS, LARGEST_ANSWER));
      Known read = new Known(metadata, validator, clock.instant());
      known = read;
      return read;
    } catch (GeneralException | MalformedURLException e) {
      throw away(e);
    } catch (IOException e) {
      if (now != null) {
        return now;
      }
      throw away(e);
    }
  }

  private String seal(Journey journey) {
    try {
      return Base64.getUrlEncoder()
          .withoutPadding()
          .encodeToString(secrets.seal(Json.mapper().writeValueAsBytes(journey), CONTEXT));
    } catch (JsonProcessingException e) {
      throw new IllegalStateException(e);
    }
  }

  private Journey open(@Nullable String cookie) {
    if (cookie == null || cookie.length() > 4096) {
      throw refused("the cookie of the beginning is not there");
    }
    try {
      Journey journey =
          Json.mapper()
              .readValue(
                  secrets.open(Base64.getUrlDecoder().decode(cookie), CONTEXT), Journey.class);
      if (journey.until() >= clock.instant().getEpochSecond()) {
        return journey;
      }
    } catch (IllegalArgumentException | IOException e) {
      throw refused("the cookie of the beginning does not open");
    }
    throw refused("it took too long");
  }

  /** Only a path of this installation, so that nobody is sent elsewhere after signing in. */
  static boolean isOurs(String path) {
    return path.length() <= 512
        && path.startsWith("/")
        && !path.startsWith("//")
        && path.chars().allMatch(c -> c > 0x20 && c < 0x7f && c != '\\' && c != '"' && c != '<');
  }

  private static Optional<String> text(Map<String, Object> claims, String path) {
    return value(claims, path) instanceof String text && !text.isBlank()
        ? Optional.of(text)
        : Optional.empty();
  }

  private static List<String> texts(Map<String, Object> claims, String path) {
    return switch (value(claims, path)) {
      case String text -> List.of(text);
      case Collection<?> many ->
          many.stream()
              .filter(String.class::isInstance)
              .map(String.class::cast)
              .limit(200)
              .toList();
      case null, default -> List.of();
    };
  }

  /** A claim; a dot steps into an object ({@code realm_access.roles}). */
  private static @Nullable Object value(Map<String, Object> claims, String path) {
    Object at = claims;
    for (String step : path.split("\\.", -1)) {
      at = at instanceof Map<?, ?> object ? object.get(step) : null;
    }
    return at;
  }

  private Problem refused(String why) {
    LOG.warn("sign-in through the identity provider refused reason={}", why);
    trail.record(
        new AuditEvent(
            "provider", null, "sign-in", null, AuditEvent.Outcome.FAILED, Map.of("wrong", why)));
    return Problem.of(
        ProblemCode.WRONG_CREDENTIALS,
        "The identity provider's answer was not accepted; begin again or ask your admin.");
  }

  private static Problem away(Exception e) {
    LOG.warn("the identity provider does not answer error={}", e.toString());
    return Problem.retry(
        ProblemCode.UNAVAILABLE, "The identity provider does not answer.", Duration.ofSeconds(10));
  }
}
