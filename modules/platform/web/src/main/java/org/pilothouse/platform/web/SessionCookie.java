package org.pilothouse.platform.web;

import jakarta.ws.rs.core.NewCookie;
import java.time.Duration;

/** The cookie of a portal session (RFC 6265bis): no script reads it, no other site sends it. */
public final class SessionCookie {
  public static final String NAME = "pilothouse_session";

  private SessionCookie() {}

  public static NewCookie of(String value, Duration lifetime, boolean secure) {
    return new NewCookie.Builder(NAME)
        .value(value)
        .path("/")
        .httpOnly(true)
        .secure(secure)
        .sameSite(NewCookie.SameSite.STRICT)
        .maxAge(Math.toIntExact(lifetime.toSeconds()))
        .build();
  }

  /** Makes the browser forget it. */
  public static NewCookie gone(boolean secure) {
    return of("", Duration.ZERO, secure);
  }
}
