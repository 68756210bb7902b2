package org.pilothouse.twins.internal;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;
import org.pilothouse.contracts.EventType;
import org.pilothouse.kernel.EventIds;
import org.pilothouse.kernel.PilotId;
import org.pilothouse.platform.kafka.consume.LogRecord;
import org.pilothouse.platform.kafka.consume.PoisonRecord;
import org.pilothouse.platform.kafka.consume.Rejections;
import org.pilothouse.platform.kafka.consume.TransientFailures;
import org.pilothouse.platform.kafka.fold.Folding;
import org.pilothouse.platform.kafka.fold.Told;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The fold of twins' states, where the backbone alone keeps them; the rules are {@link Folds}'. */
final class StateFolding implements Folding {
  private static final Logger LOG = LoggerFactory.getLogger(StateFolding.class);

  private final Predicate<Throwable> passing = new TransientFailures();
  private final ModelRules rules;
  private final Rejections rejections;
  private final EventIds ids;
  private final Counter tooLarge;

  StateFolding(ModelRules rules, Rejections rejections, EventIds ids, MeterRegistry metrics) {
    this.rules = rules;
    this.rejections = rejections;
    this.ids = ids;
    this.tooLarge = StateReader.tooLarge(metrics);
  }

  @Override
  public byte @Nullable [] fold(LogRecord record, byte @Nullable [] before) throws Exception {
    Optional<Routed> known = Routed.of(record);
    if (known.isEmpty()) {
      LOG.atWarn()
          .addKeyValue("partition", record.partition())
          .addKeyValue("offset", record.offset())
          .log("a record that was not routed is passed over");
      return before;
    }
    Routed routed = known.get();
    StateEntry entry = before == null ? null : StateEntry.of(before);
    Instant retiredAt = routed.retiredAt();
    if (entry != null && isLater(retiredAt, entry.retiredAt())) {
      // Another life of the twin begins; what was reported in the last one is gone.
      entry = null;
    }
    if (entry != null && (isLater(entry.retiredAt(), retiredAt) || entry.holds(routed.origin()))) {
      return before;
    }
    StateStore.Stored stored =
        new StateStore.Stored(
            true, routed.model(), entry == null ? null : entry.properties(), retiredAt);
    Folds folds = new Folds(routed.pilot(), rules, Map.of(routed.twin(), stored));
    byte[] kept = entry == null ? null : before;
    List<Refusal> refused;
    try {
      refused = folds.take(Reading.of(routed.origin()));
    } catch (PoisonRecord e) {
      rejections.keep(routed.plain(), StateReader.NAME, e.reason(), e.detail());
      return kept;
    } catch (RuntimeException e) {
      // As a reader of the backbone does: one record does not stop the fold of all twins.
      if (passing.test(e)) {
        throw e;
      }
      LOG.atError()
          .addKeyValue("partition", routed.origin().partition())
          .addKeyValue("offset", routed.origin().offset())
          .setCause(e)
          .log("a record broke its fold");
      rejections.keep(
          routed.plain(), StateReader.NAME, "effect_failed", e.getClass().getSimpleName());
      return kept;
    }
    if (!refused.isEmpty()) {
      rejections.keep(
          routed.plain(),
          StateReader.NAME,
          refused.getFirst().code(),
          StateReader.sentence(refused));
    }
    List<StateStore.Folded> changed = folds.changed();
    if (changed.isEmpty()) {
      return kept;
    }
    return entry(routed, changed.getFirst(), entry).bytes();
  }

  private static boolean isLater(@Nullable Instant one, @Nullable Instant other) {
    return one != null && (other == null || one.isAfter(other));
  }

  private static StateEntry entry(
      Routed routed, StateStore.Folded folded, @Nullable StateEntry before) {
    LogRecord origin = routed.origin();
    String device = folded.device();
    Instant reportedAt = folded.state().reportedAt();
    if (reportedAt == null) {
      throw new IllegalStateException("a change without a value");
    }
    return new StateEntry(
        routed.retiredAt(),
        origin.partition().number(),
        origin.offset(),
        origin.timestampMillis(),
        device != null ? device : before == null ? null : before.device(),
        reportedAt,
        folded.state().json());
  }

  @Override
  public Optional<Told> tell(String key, byte[] value) {
    int slash = key.indexOf('/');
    PilotId pilot = new PilotId(key.substring(0, slash));
    String twin = key.substring(slash + 1);
    StateEntry entry = StateEntry.of(value);
    byte[] data = StateReader.data(pilot, twin, entry.properties(), entry.reportedAt());
    if (data.length > StateReader.LARGEST) {
      tooLarge.increment();
      return Optional.empty();
    }
    byte[] to = twin.getBytes(StandardCharsets.UTF_8);
    return Optional.of(
        new Told(
            EventType.TWIN_STATE.topicOf(pilot),
            to,
            data,
            StateReader.headers(ids, pilot, to, entry.reportedAt())));
  }
}
