package org.pilothouse.models.internal;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import java.time.Clock;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;
import org.pilothouse.kernel.Names;
import org.pilothouse.kernel.PilotId;
import org.pilothouse.kernel.Problem;
import org.pilothouse.kernel.ProblemCode;
import org.pilothouse.models.ModelCatalogue;
import org.pilothouse.models.ThingModel;

/**
 * Models in memory. One that is older than a few seconds is looked after by one caller while the
 * others go on with it; only a new revision is read and made ready again. Unknown names are
 * remembered apart, so that guessing does not push out what is known.
 */
final class CachedModelCatalogue implements ModelCatalogue {
  private static final Duration FRESH = Duration.ofSeconds(3);

  /** Of the documents' characters: what a model takes in memory is about ten times that. */
  private static final long MOST_CHARACTERS = 16L * 1024 * 1024;

  private final Source source;
  private final Clock clock;
  private final Cache<Key, Entry> known;
  private final Cache<Key, Boolean> unknown;

  CachedModelCatalogue(Source source, Clock clock) {
    this.source = source;
    this.clock = clock;
    this.known =
        Caffeine.newBuilder()
            .maximumWeight(MOST_CHARACTERS)
            .weigher((Key key, Entry entry) -> entry.weight)
            .build();
    this.unknown =
        Caffeine.newBuilder()
            .maximumSize(10_000)
            .expireAfterWrite(FRESH)
            .ticker(() -> Duration.ofMillis(clock.millis()).toNanos())
            .build();
  }

  /** Where models are kept. */
  interface Source {
    /** The current revision's number; 0 when there is no such model. */
    long revision(PilotId pilot, String modelId);

    Optional<ThingModel> read(PilotId pilot, String modelId);
  }

  @Override
  public Optional<ThingModel> find(PilotId pilot, String modelId) {
    if (!Names.isId(modelId)) {
      return Optional.empty();
    }
    Key key = new Key(pilot, modelId);
    Entry entry = known.getIfPresent(key);
    if (entry == null) {
      return unknown.getIfPresent(key) != null ? Optional.empty() : read(key);
    }
    if (clock.millis() - entry.readAt <= FRESH.toMillis()
        || !entry.refreshing.compareAndSet(false, true)) {
      return Optional.of(entry.model);
    }
    try {
      return refreshed(key, entry);
    } finally {
      entry.refreshing.set(false);
    }
  }

  private Optional<ThingModel> refreshed(Key key, Entry entry) {
    try {
      long now = clock.millis();
      if (source.revision(key.pilot, key.modelId) == entry.model.revision()) {
        entry.readAt = now;
        return Optional.of(entry.model);
      }
      return read(key);
    } catch (Problem e) {
      if (e.code() != ProblemCode.UNAVAILABLE) {
        throw e;
      }
      // A next revision only ever widens: what is known goes on to hold while the store is away.
      entry.readAt = clock.millis();
      return Optional.of(entry.model);
    }
  }

  private Optional<ThingModel> read(Key key) {
    // The map's lock on the key orders this with forget(): what was read before a change is removed
    // by it, and what is read after sees it.
    @Nullable Entry read =
        known
            .asMap()
            .compute(
                key,
                (k, old) -> {
                  long now = clock.millis();
                  if (old != null && now - old.readAt <= FRESH.toMillis()) {
                    return old;
                  }
                  return source
                      .read(k.pilot, k.modelId)
                      .map(model -> new Entry(model, now))
                      .orElse(null);
                });
    if (read == null) {
      unknown.put(key, true);
      return Optional.empty();
    }
    return Optional.of(read.model);
  }

  /** From now on the store is asked; call it after the commit. */
  void forget(PilotId pilot, String modelId) {
    Key key = new Key(pilot, modelId);
    known.asMap().remove(key);
    unknown.asMap().remove(key);
  }

  private record Key(PilotId pilot, String modelId) {}

  private static final class Entry {
    private final ThingModel model;
    private final int weight;
    private final AtomicBoolean refreshing = new AtomicBoolean();
    private volatile long readAt;

    Entry(ThingModel model, long readAt) {
      this.model = model;
      this.weight = 1_000 + model.document().toString().length();
      this.readAt = readAt;
    }
  }
}
