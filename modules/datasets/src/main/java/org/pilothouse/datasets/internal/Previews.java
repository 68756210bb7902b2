package org.pilothouse.datasets.internal;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import org.pilothouse.datasets.Checksum;
import org.pilothouse.datasets.Dataset;
import org.pilothouse.datasets.DatasetState;
import org.pilothouse.datasets.internal.preview.NotPreviewable;
import org.pilothouse.datasets.internal.preview.Preview;
import org.pilothouse.datasets.internal.preview.Previewer;
import org.pilothouse.kernel.PilotId;
import org.pilothouse.kernel.Problem;
import org.pilothouse.kernel.ProblemCode;
import org.pilothouse.pilots.AuditEvent;
import org.pilothouse.pilots.AuditTrail;
import org.pilothouse.platform.web.Caller;

/**
 * Shows the beginning of available datasets. What is read once is kept for a while: the bytes of a
 * dataset never change. Every look is in the audit trail before anything is shown.
 */
public final class Previews implements ContentFacts {
  /** A preview may hold some 40 MiB while it is made; so few are made at once on a node. */
  private static final int AT_ONCE = 3;

  private static final int WAITING = 8;
  private static final Duration PATIENCE = Duration.ofSeconds(2);
  private static final Duration SOON = Duration.ofSeconds(3);
  private static final int KEPT = 16 << 20;
  private static final Duration KEPT_FOR = Duration.ofHours(1);
  private static final int REFUSAL_WEIGHT = 1_024;

  private final Stores stores;
  private final AuditTrail trail;
  private final MeterRegistry metrics;
  private final Previewer previewer = new Previewer(System::nanoTime);
  private final Semaphore turns = new Semaphore(AT_ONCE, true);
  private final Cache<Key, Outcome> outcomes =
      Caffeine.newBuilder()
          .maximumWeight(KEPT)
          .<Key, Outcome>weigher((key, outcome) -> outcome.weight())
          .expireAfterWrite(KEPT_FOR)
          .executor(Runnable::run)
          .build();

  Previews(Stores stores, AuditTrail trail, MeterRegistry metrics) {
    this.stores = stores;
    this.trail = trail;
    this.metrics = metrics;
  }

  private record Key(PilotId pilot, String dataset, Checksum checksum) {
    static Key of(Dataset dataset, Checksum checksum) {
      return new Key(dataset.pilot(), dataset.id().value(), checksum);
    }
  }

  private sealed interface Outcome {
    int weight();

    record Shown(Preview preview, int weight) implements Outcome {}

    record Refused(NotPreviewable.Reason reason, String detail) implements Outcome {
      @Override
      public int weight() {
        return REFUSAL_WEIGHT;
      }
    }
  }

  /**
   * The first rows of an available dataset.
   *
   * @throws Problem {@code conflict}, {@code not_previewable} or {@code too_many_requests}
   */
  public Preview of(Caller caller, Dataset dataset, int rows) {
    if (dataset.state() != DatasetState.AVAILABLE) {
      throw Problem.of(
          ProblemCode.CONFLICT, "Its bytes are not shown: it is " + dataset.state().word() + ".");
    }
    Key key = Key.of(dataset, dataset.checksum().orElseThrow());
    Outcome outcome = outcomes.getIfPresent(key);
    if (outcome == null) {
      outcome = inTurn(caller, key, dataset);
    } else {
      record(caller, dataset);
    }
    return switch (outcome) {
      case Outcome.Shown shown -> shown.preview().first(rows);
      case Outcome.Refused refused ->
          throw Problem.of(
              ProblemCode.NOT_PREVIEWABLE, refused.reason().word() + ": " + refused.detail());
    };
  }

  /** Of what was previewed on this node lately. */
  @Override
  public Optional<Facts> of(Dataset dataset) {
    return dataset
        .checksum()
        .map(checksum -> outcomes.getIfPresent(Key.of(dataset, checksum)))
        .flatMap(outcome ->
            outcome instanceof Outcome.Shown shown
                ? Optional.of(facts(shown.preview()))
                : Optional.empty());
  }

  /** Only where the consortium keeps them, and where nobody would have to wait for a turn. */
  @Override
  public Optional<Facts> look(Dataset dataset) {
    boolean may =
        dataset.place() instanceof Dataset.Place.Centre
            && dataset.state() == DatasetState.AVAILABLE
            && of(dataset).isEmpty()
            && turns.tryAcquire();
    if (may) {
      try {
        var unused = kept(Key.of(dataset, dataset.checksum().orElseThrow()), dataset);
      } catch (Problem e) {
        // Object storage does not answer: nothing is known then.
        return Optional.empty();
      } finally {
        turns.release();
      }
    }
    return of(dataset);
  }

  private static Facts facts(Preview preview) {
    Long rows = preview.rowsTotal();
    boolean all = preview.columnsTotal() == preview.columns().size();
    return new Facts(
        rows == null ? OptionalLong.empty() : OptionalLong.of(rows),
        all
            ? Optional.of(
                preview.columns().stream().map(Preview.Column::name).collect(Collectors.toSet()))
            : Optional.empty());
  }

  private void record(Caller caller, Dataset dataset) {
    trail.record(
        AuditEvent.allowed(caller, dataset.pilot(), "dataset.preview", Uploads.resource(dataset))
            .with(Map.of("checksum", dataset.checksum().map(Checksum::toString).orElse(""))));
  }

  private Outcome inTurn(Caller caller, Key key, Dataset dataset) {
    if (!turn()) {
      throw Problem.retry(
          ProblemCode.TOO_MANY_REQUESTS,
          "As many previews as may be are being made on this node.",
          SOON);
    }
    try {
      record(caller, dataset);
      return kept(key, dataset);
    } finally {
      turns.release();
    }
  }

  private Outcome kept(Key key, Dataset dataset) {
    // Whoever had the turn before may have made this very one.
    Outcome made = outcomes.getIfPresent(key);
    if (made == null) {
      made = make(dataset);
      // How long it took says something of the moment, the rest of the bytes.
      if (!(made instanceof Outcome.Refused refused)
          || refused.reason() != NotPreviewable.Reason.TOOK_TOO_LONG) {
        outcomes.put(key, made);
      }
    }
    return made;
  }

  private boolean turn() {
    try {
      return turns.getQueueLength() < WAITING
          && turns.tryAcquire(PATIENCE.toMillis(), TimeUnit.MILLISECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return false;
    }
  }

  private Outcome make(Dataset dataset) {
    Timer.Sample sample = Timer.start(metrics);
    String outcome = "failed";
    try {
      Preview preview =
          previewer.preview(
              new StoredBytes(stores.of(dataset), dataset), dataset.name(), dataset.mediaType());
      outcome = preview.format();
      return new Outcome.Shown(preview, preview.weight());
    } catch (NotPreviewable e) {
      outcome = e.reason().word();
      return new Outcome.Refused(e.reason(), e.detail());
    } finally {
      sample.stop(
          Timer.builder("pilothouse.datasets.previews")
              .description("Previews made, by format or by why not")
              .tag("outcome", outcome)
              .register(metrics));
    }
  }
}
