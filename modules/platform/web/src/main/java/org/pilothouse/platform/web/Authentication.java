package org.pilothouse.platform.web;

import org.jspecify.annotations.Nullable;
import org.pilothouse.kernel.Problem;

/** Finds the caller that a credential stands for. */
public interface Authentication {
  /**
   * @throws Problem {@code unauthenticated} when the token is unknown, expired or revoked
   */
  Caller byBearer(String token);

  /**
   * @param csrfToken what the request carried as {@code X-CSRF-Token}
   * @param changing the method is not safe (RFC 9110, section 9.2.1)
   * @throws Problem {@code unauthenticated}, or {@code csrf_rejected} when a changing request does
   *     not carry the session's token
   */
  Caller bySession(String session, @Nullable String csrfToken, boolean changing);

  /**
   * Told of each refusal to a caller that had signed in; must not throw and must not block long.
   */
  void refused(Caller caller, String operation, String path, Problem why);
}
