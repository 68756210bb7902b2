package org.pilothouse.pilots.internal;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.time.Duration;
import java.util.Base64;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.bouncycastle.crypto.generators.Argon2BytesGenerator;
import org.bouncycastle.crypto.params.Argon2Parameters;
import org.jspecify.annotations.Nullable;
import org.pilothouse.kernel.Problem;
import org.pilothouse.kernel.ProblemCode;
import org.pilothouse.kernel.Secrets;

/**
 * Password hashes: Argon2id with OWASP's figures (19 MiB, two passes, one lane), written as PHC
 * strings so that older figures stay readable. Few run at a time: each takes its memory, and a
 * flood of sign-ins must not take the processors from everything else.
 */
final class Passwords {
  /** What a hash costs; a stored one with other figures is made anew at the next sign-in. */
  record Figures(int memoryKib, int passes, int lanes) {
    static final Figures CURRENT = new Figures(19_456, 2, 1);
  }

  private static final Pattern PHC =
      Pattern.compile(
          "\\$argon2id\\$v=19\\$m=(\\d{1,7}),t=(\\d{1,3}),p=(\\d{1,2})\\$([A-Za-z0-9+/]{8,64})\\$([A-Za-z0-9+/]{16,128})");
  private static final int SALT_LENGTH = 16;
  private static final int HASH_LENGTH = 32;
  private static final Duration PATIENCE = Duration.ofSeconds(5);

  private final Secrets secrets;
  private final Figures figures;
  private final Semaphore running;
  private final String dummy;

  Passwords(Secrets secrets, Figures figures, int atATime) {
    this.secrets = secrets;
    this.figures = figures;
    this.running = new Semaphore(atATime, true);
    this.dummy = hash(secrets.token());
  }

  String hash(String password) {
    byte[] salt = secrets.random(SALT_LENGTH);
    byte[] hash = argon2(password, salt, figures, HASH_LENGTH);
    Base64.Encoder base64 = Base64.getEncoder().withoutPadding();
    return "$argon2id$v=19$m="
        + figures.memoryKib()
        + ",t="
        + figures.passes()
        + ",p="
        + figures.lanes()
        + "$"
        + base64.encodeToString(salt)
        + "$"
        + base64.encodeToString(hash);
  }

  /**
   * Takes as long for a user who does not exist as for a wrong password.
   *
   * @param stored null when there is no such user, or one without a password
   * @throws Problem {@code too_many_requests} when too many sign-ins wait
   */
  boolean matches(String password, @Nullable String stored) {
    Matcher phc = PHC.matcher(stored == null ? dummy : stored);
    if (!phc.matches()) {
      throw new IllegalStateException("a stored password hash cannot be read");
    }
    byte[] wanted = Base64.getDecoder().decode(phc.group(5));
    byte[] got =
        argon2(password, Base64.getDecoder().decode(phc.group(4)), figures(phc), wanted.length);
    return MessageDigest.isEqual(wanted, got) && stored != null;
  }

  boolean isOutdated(String stored) {
    Matcher phc = PHC.matcher(stored);
    return !phc.matches() || !figures(phc).equals(figures);
  }

  private static Figures figures(Matcher phc) {
    return new Figures(
        Integer.parseInt(phc.group(1)),
        Integer.parseInt(phc.group(2)),
        Integer.parseInt(phc.group(3)));
  }

  private byte[] argon2(String password, byte[] salt, Figures cost, int length) {
    try {
      if (!running.tryAcquire(PATIENCE.toMillis(), TimeUnit.MILLISECONDS)) {
        throw Problem.retry(
            ProblemCode.TOO_MANY_REQUESTS, "Too many sign-ins at once.", Duration.ofSeconds(2));
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw Problem.of(ProblemCode.UNAVAILABLE, "The server is stopping.");
    }
    try {
      Argon2BytesGenerator generator = new Argon2BytesGenerator();
      generator.init(
          new Argon2Parameters.Builder(Argon2Parameters.ARGON2_id)
              .withVersion(Argon2Parameters.ARGON2_VERSION_13)
              .withMemoryAsKB(cost.memoryKib())
              .withIterations(cost.passes())
              .withParallelism(cost.lanes())
              .withSalt(salt)
              .build());
      byte[] hash = new byte[length];
      generator.generateBytes(password.getBytes(StandardCharsets.UTF_8), hash);
      return hash;
    } finally {
      running.release();
    }
  }
}
