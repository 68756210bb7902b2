package org.pilothouse.pilots.internal;

import static org.assertj.core.api.Assertions.assertThat;

import java.security.SecureRandom;
import org.junit.jupiter.api.Test;
import org.pilothouse.kernel.Secrets;

class PasswordsTest {
  private final Secrets secrets = new Secrets(new byte[32], new SecureRandom());
  private final Passwords quick = new Passwords(secrets, new Passwords.Figures(64, 1, 1), 2);

  @Test
  void shouldKnowThePasswordAgainAndNoOther() {
    String hash = quick.hash("correct horse");
    assertThat(quick.matches("correct horse", hash)).isTrue();
    assertThat(quick.matches("correct horsf", hash)).isFalse();
    assertThat(quick.matches("correct horse", null)).isFalse();
  }

  @Test
  void shouldSaltEveryHash() {
    assertThat(quick.hash("same")).isNotEqualTo(quick.hash("same"));
  }

  @Test
  void shouldReadOlderFiguresAndCallThemOutdated() {
    String old = quick.hash("correct horse");
    Passwords dearer = new Passwords(secrets, new Passwords.Figures(128, 2, 1), 2);
    assertThat(dearer.matches("correct horse", old)).isTrue();
    assertThat(dearer.isOutdated(old)).isTrue();
    assertThat(dearer.isOutdated(dearer.hash("x"))).isFalse();
  }

  @Test
  void shouldUseTheFiguresThatOwaspAsksFor() {
    String hash = new Passwords(secrets, Passwords.Figures.CURRENT, 1).hash("x");
    assertThat(hash).startsWith("$argon2id$v=19$m=19456,t=2,p=1$");
  }
}
