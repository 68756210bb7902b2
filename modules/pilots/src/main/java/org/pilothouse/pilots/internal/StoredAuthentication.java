package org.pilothouse.pilots.internal;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import java.time.Duration;
import java.util.HexFormat;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import org.pilothouse.kernel.Problem;
import org.pilothouse.kernel.ProblemCode;
import org.pilothouse.kernel.Secrets;
import org.pilothouse.pilots.AuditEvent;
import org.pilothouse.pilots.AuditTrail;
import org.pilothouse.pilots.DeviceCredentials;
import org.pilothouse.platform.web.Authentication;
import org.pilothouse.platform.web.Caller;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Finds people and devices by what they carry, and writes refusals into the trail. */
final class StoredAuthentication implements Authentication {
  private static final Logger LOG = LoggerFactory.getLogger(StoredAuthentication.class);
  private static final int REFUSALS_A_MINUTE = 20;

  private final Credentials credentials;
  private final DeviceCredentials devices;
  private final AuditTrail trail;
  // A caller that is refused a thousand times a second must not make a thousand entries: the first
  // ones of a minute are written, the rest counted into the log.
  private final Cache<String, AtomicInteger> refusals =
      Caffeine.newBuilder().maximumSize(10_000).expireAfterWrite(Duration.ofMinutes(1)).build();

  StoredAuthentication(Credentials credentials, DeviceCredentials devices, AuditTrail trail) {
    this.credentials = credentials;
    this.devices = devices;
    this.trail = trail;
  }

  @Override
  public Caller byBearer(String token) {
    if (token.startsWith(Credentials.TOKEN_PREFIX)) {
      return credentials
          .find(Credentials.Kind.TOKEN, token)
          .map(Credentials.Known::caller)
          .orElseThrow(StoredAuthentication::unknown);
    }
    return devices.authenticate(token).orElseThrow(StoredAuthentication::unknown);
  }

  @Override
  public Caller bySession(String session, @Nullable String csrfToken, boolean changing) {
    Caller.Person caller =
        credentials
            .find(Credentials.Kind.SESSION, session)
            .map(Credentials.Known::caller)
            .orElseThrow(StoredAuthentication::unknown);
    if (changing) {
      String wanted = credentials.csrfToken(HexFormat.of().parseHex(caller.credential()));
      if (csrfToken == null || !Secrets.same(wanted, csrfToken)) {
        Problem rejected =
            Problem.of(ProblemCode.CSRF_REJECTED, "Send the session's token as X-CSRF-Token.");
        refused(caller, "session", "csrf", rejected);
        throw rejected;
      }
    }
    return caller;
  }

  @Override
  public void refused(Caller caller, String operation, String path, Problem why) {
    AtomicInteger count = refusals.get(caller.actor(), actor -> new AtomicInteger());
    int before = count == null ? 0 : count.getAndIncrement();
    if (before >= REFUSALS_A_MINUTE) {
      if (before == REFUSALS_A_MINUTE) {
        LOG.warn("more refusals of one caller are not written into the trail this minute");
      }
      return;
    }
    try {
      trail.record(
          new AuditEvent(
              caller.actor(),
              caller.pilot(),
              "access",
              path,
              AuditEvent.Outcome.DENIED,
              Map.of("operation", operation, "code", why.code().code())));
    } catch (RuntimeException e) {
      // The caller is refused all the same.
      LOG.warn("a refusal could not be written into the trail error={}", e.toString());
    }
  }

  private static Problem unknown() {
    return Problem.of(
        ProblemCode.UNAUTHENTICATED, "The credential is unknown, expired or revoked.");
  }
}
