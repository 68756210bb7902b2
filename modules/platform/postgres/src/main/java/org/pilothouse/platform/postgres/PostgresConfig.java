package org.pilothouse.platform.postgres;

import java.time.Duration;
import org.pilothouse.kernel.Settings;

/**
 * How to reach PostgreSQL. Two roles: the owner makes tables and nothing else uses it; the
 * application's owns nothing and row-level security binds it.
 *
 * @param poolSize connections of the application's role, 2 to 200
 * @param acquireTimeout how long a request waits for one of them
 * @param statementTimeout how long one statement may run
 */
public record PostgresConfig(
    String url,
    Account owner,
    Account application,
    int poolSize,
    Duration acquireTimeout,
    Duration statementTimeout) {

  private static final String PREFIX = "pilothouse.postgres.";

  public PostgresConfig {
    if (!url.startsWith("jdbc:postgresql://")) {
      throw new Settings.InvalidSetting(PREFIX + "url must begin with jdbc:postgresql://");
    }
    if (owner.user().equals(application.user())) {
      throw new Settings.InvalidSetting(
          PREFIX + "owner-user and app-user must differ: row-level security is off for owners");
    }
    if (acquireTimeout.compareTo(Duration.ofMillis(250)) < 0
        || statementTimeout.compareTo(Duration.ofMillis(100)) < 0) {
      throw new Settings.InvalidSetting(
          PREFIX
              + "acquire-timeout (from PT0.25S) or statement-timeout (from PT0.1S) is too short");
    }
  }

  public static PostgresConfig from(Settings settings) {
    return new PostgresConfig(
        settings.required(PREFIX + "url"),
        new Account(
            settings.required(PREFIX + "owner-user"), settings.required(PREFIX + "owner-password")),
        new Account(
            settings.required(PREFIX + "app-user"), settings.required(PREFIX + "app-password")),
        settings.number(PREFIX + "pool-size", 16, 2, 200),
        settings.duration(PREFIX + "acquire-timeout", Duration.ofSeconds(3)),
        settings.duration(PREFIX + "statement-timeout", Duration.ofSeconds(10)));
  }

  /** A role and its password; the password is never printed. */
  public record Account(String user, String password) {
    @Override
    public String toString() {
      return user;
    }
  }
}
