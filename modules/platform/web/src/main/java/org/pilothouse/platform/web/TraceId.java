package org.pilothouse.platform.web;

import jakarta.enterprise.context.RequestScoped;
import java.util.HexFormat;
import java.util.concurrent.ThreadLocalRandom;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * The id under which a request is found in the logs: the caller's, where it sent a {@code
 * traceparent} (W3C Trace Context), else one of our own.
 */
@RequestScoped
public class TraceId {
  private static final Pattern TRACEPARENT =
      Pattern.compile("[0-9a-f]{2}-([0-9a-f]{32})-[0-9a-f]{16}-[0-9a-f]{2}.{0,64}");
  private static final String NONE = "0".repeat(32);

  private String value = random();

  public String get() {
    return value;
  }

  void take(@Nullable String traceparent) {
    if (traceparent == null || traceparent.length() > 128) {
      return;
    }
    Matcher matcher = TRACEPARENT.matcher(traceparent);
    if (matcher.matches() && !NONE.equals(matcher.group(1))) {
      value = matcher.group(1);
    }
  }

  private static String random() {
    byte[] id = new byte[16];
    // Not a secret: it only has to differ from request to request.
    ThreadLocalRandom.current().nextBytes(id);
    return HexFormat.of().formatHex(id);
  }
}
