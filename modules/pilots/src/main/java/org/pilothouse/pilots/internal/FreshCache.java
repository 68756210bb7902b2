package org.pilothouse.pilots.internal;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import java.time.Clock;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.pilothouse.kernel.Problem;
import org.pilothouse.kernel.ProblemCode;

/**
 * What the store said a moment ago. An answer is used for as long as it is fresh; after that the
 * store is asked again. Only when the store does not answer, an answer lives on for a grace time: a
 * revocation cannot have been committed meanwhile, and ingest goes on. Unknown keys are remembered
 * apart, so that guessing does not push out what is known.
 */
final class FreshCache<V> {
  private final Cache<String, Entry<V>> known;
  private final Cache<String, Boolean> unknown;
  private final Duration fresh;
  private final Duration grace;
  private final Clock clock;
  private final Function<String, Optional<V>> store;
  private final AtomicBoolean away = new AtomicBoolean();
  private final AtomicBoolean probing = new AtomicBoolean();

  FreshCache(
      int size, Duration fresh, Duration grace, Clock clock, Function<String, Optional<V>> store) {
    this.known =
        Caffeine.newBuilder().maximumSize(size).expireAfterAccess(grace.plus(fresh)).build();
    this.unknown = Caffeine.newBuilder().maximumSize(10_000).expireAfterWrite(fresh).build();
    this.fresh = fresh;
    this.grace = grace;
    this.clock = clock;
    this.store = store;
  }

  /**
   * @throws Problem {@code unavailable} when the store does not answer and nothing is kept
   */
  Optional<V> get(String key) {
    Entry<V> entry = known.getIfPresent(key);
    if (entry != null && age(entry) <= fresh.toMillis()) {
      return Optional.of(entry.value);
    }
    if (entry == null && unknown.getIfPresent(key) != null) {
      return Optional.empty();
    }
    if (entry != null && away.get() && age(entry) <= grace.toMillis()) {
      // One asks whether the store is back; the others do not wait for it.
      if (!probing.compareAndSet(false, true)) {
        return Optional.of(entry.value);
      }
      try {
        return ask(key);
      } finally {
        probing.set(false);
      }
    }
    return ask(key);
  }

  private Optional<V> ask(String key) {
    // The map's lock on the key orders this with forget(): what was read before a revocation is
    // removed by it, and what is read after sees it.
    @Nullable Entry<V> now =
        known
            .asMap()
            .compute(
                key,
                (k, old) -> {
                  if (old != null && age(old) <= fresh.toMillis()) {
                    return old;
                  }
                  try {
                    Optional<V> read = store.apply(k);
                    away.set(false);
                    return read.map(value -> new Entry<>(value, clock.millis())).orElse(null);
                  } catch (Problem e) {
                    if (e.code() != ProblemCode.UNAVAILABLE) {
                      throw e;
                    }
                    away.set(true);
                    if (old == null || age(old) > grace.toMillis()) {
                      throw e;
                    }
                    return old;
                  }
                });
    if (now == null) {
      unknown.put(key, true);
      return Optional.empty();
    }
    return Optional.of(now.value);
  }

  /** From now on the store is asked; call it after the commit. */
  void forget(String key) {
    known.asMap().remove(key);
  }

  /** Known and fresh, without asking the store. */
  boolean isFresh(String key) {
    Entry<V> entry = known.getIfPresent(key);
    return entry != null && age(entry) <= fresh.toMillis();
  }

  private long age(Entry<V> entry) {
    return clock.millis() - entry.readAt;
  }

  private record Entry<V>(V value, long readAt) {}
}
