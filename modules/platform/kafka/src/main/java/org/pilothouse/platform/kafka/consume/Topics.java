package org.pilothouse.platform.kafka.consume;

import java.util.Set;
import java.util.regex.Pattern;

/** Which topics a reader reads. */
public sealed interface Topics {
  record Named(Set<String> names) implements Topics {
    public Named {
      names = Set.copyOf(names);
    }

    @Override
    public String toString() {
      return String.join(", ", names.stream().sorted().toList());
    }
  }

  /** All topics whose whole name matches, those that are made later too. */
  record Matching(Pattern pattern) implements Topics {
    @Override
    public String toString() {
      return pattern.pattern();
    }
  }

  static Topics named(String... names) {
    return new Named(Set.of(names));
  }

  static Topics matching(String pattern) {
    return new Matching(Pattern.compile(pattern));
  }
}
