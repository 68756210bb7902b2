package org.pilothouse.kernel;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.charset.StandardCharsets;
import java.security.SecureRandom;
import org.junit.jupiter.api.Test;

class SecretsTest {
  private final Secrets secrets = new Secrets(new byte[32], new SecureRandom());
  private final byte[] plain = "a secret".getBytes(StandardCharsets.UTF_8);

  @Test
  void shouldOpenWhatItSealedInTheSameContextOnly() {
    byte[] sealed = secrets.seal(plain, "totp:ada");
    assertThat(secrets.open(sealed, "totp:ada")).isEqualTo(plain);
    assertThatThrownBy(() -> secrets.open(sealed, "totp:bob"))
        .isInstanceOf(IllegalArgumentException.class);
    byte[] other = new byte[32];
    other[0] = 1;
    assertThatThrownBy(() -> new Secrets(other, new SecureRandom()).open(sealed, "totp:ada"))
        .isInstanceOf(IllegalArgumentException.class);
    sealed[sealed.length - 1] ^= 1;
    assertThatThrownBy(() -> secrets.open(sealed, "totp:ada"))
        .isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void shouldMakeTokensOf256Bits() {
    assertThat(secrets.token()).hasSize(43).matches("[A-Za-z0-9_-]+").isNotEqualTo(secrets.token());
  }
}
