package org.pilothouse.platform.kafka.consume;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayDeque;
import java.util.HashSet;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;

class IdentityWindowTest {
  @Test
  void shouldHoldTheNewestAndForgetTheOldestWhenItIsFull() {
    IdentityWindow window = new IdentityWindow(3, Long.MAX_VALUE);
    for (int i = 0; i < 5; i++) {
      assertThat(window.add(i, i, 0)).isTrue();
    }

    assertThat(window.size()).isEqualTo(3);
    assertThat(window.contains(1, 1, 0)).isFalse();
    assertThat(window.contains(2, 2, 0)).isTrue();
    assertThat(window.add(4, 4, 0)).isFalse();
  }

  @Test
  void shouldForgetWhenTheTimeIsOver() {
    IdentityWindow window = new IdentityWindow(10, 1000);
    boolean first = window.add(1, 1, 5000);

    assertThat(first).isTrue();
    assertThat(window.contains(1, 1, 6000)).isTrue();
    assertThat(window.contains(1, 1, 6001)).isFalse();
    assertThat(window.add(1, 1, 7000)).isTrue();
    assertThat(window.size()).isEqualTo(1);
  }

  @Test
  void shouldAgreeWithAPlainSetWhenIdentitiesCollideInTheTable() {
    Random random = new Random(7);
    IdentityWindow window = new IdentityWindow(100, Long.MAX_VALUE);
    ArrayDeque<Long> order = new ArrayDeque<>();
    Set<Long> plain = new HashSet<>();
    for (int i = 0; i < 200_000; i++) {
      // Few distinct low bits, so that probes are long and wrap around.
      long identity = (random.nextInt(400) & 0x1f) | ((long) random.nextInt(20) << 40);
      boolean isNew = plain.add(identity);
      assertThat(window.add(identity, ~identity, 0)).isEqualTo(isNew);
      if (isNew) {
        order.add(identity);
        if (order.size() > 100) {
          plain.remove(order.removeFirst());
        }
      }
    }
    for (long identity : plain) {
      assertThat(window.contains(identity, ~identity, 0)).isTrue();
    }
  }
}
