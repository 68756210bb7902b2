package org.pilothouse.local.home;

import java.util.Base64;
import java.util.random.RandomGenerator;

/**
 * The passwords and keys between the servers of one home; made once, they live as long as its data.
 */
public record Secrets(
    String postgresSuperuser,
    String postgresOwner,
    String postgresApp,
    String rabbit,
    String erlangCookie,
    String s3AccessKey,
    String s3SecretKey,
    String mqttBridge,
    String mqttAuthKey,
    String kafkaClusterId,
    String secretsKey) {

  public static Secrets random(RandomGenerator random) {
    return new Secrets(
        token(random, 24),
        token(random, 24),
        token(random, 24),
        token(random, 24),
        token(random, 24),
        token(random, 15),
        token(random, 30),
        token(random, 24),
        token(random, 32),
        token(random, 16),
        Base64.getEncoder().encodeToString(bytes(random, 32)));
  }

  public static Secrets of(Home home, RandomGenerator random) {
    return Json.read(home.secrets(), Secrets.class)
        .orElseGet(() -> {
          Secrets made = random(random);
          Json.writePrivately(home.secrets(), made);
          return made;
        });
  }

  /**
   * Letters, digits, '-' and '_' only, so that it needs no quoting in URLs, SQL or property files.
   */
  static String token(RandomGenerator random, int bytes) {
    return Base64.getUrlEncoder().withoutPadding().encodeToString(bytes(random, bytes));
  }

  private static byte[] bytes(RandomGenerator random, int count) {
    byte[] bytes = new byte[count];
    random.nextBytes(bytes);
    return bytes;
  }
}
