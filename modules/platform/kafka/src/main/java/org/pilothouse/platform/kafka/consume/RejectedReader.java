package org.pilothouse.platform.kafka.consume;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.pilothouse.kernel.Names;
import org.pilothouse.kernel.Problem;
import org.pilothouse.kernel.ProblemCode;
import org.pilothouse.platform.kafka.BackboneUnavailable;
import org.pilothouse.platform.kafka.EventHeaders;
import org.pilothouse.platform.kafka.EventPublisher;
import org.pilothouse.platform.kafka.PublishFailure;

/** Shows the rejected records of a topic to people, and sends one back to where it came from. */
public final class RejectedReader {
  /** On a record that was sent again: the reader that had rejected it. Others know it already. */
  public static final String REDRIVEN_FOR = "redriven-for";

  /** On a record that was sent again: which rejected record it is. */
  public static final String REDRIVEN_FROM = "redriven-from";

  private static final int MOST = 200;
  private static final Duration READ = Duration.ofSeconds(10);
  private static final Duration SEND = Duration.ofSeconds(40);
  private static final Pattern ID = Pattern.compile("([0-9]{1,5})-([0-9]{1,18})");
  private static final Pattern CURSOR =
      Pattern.compile("[0-9]{1,5}-[0-9]{1,18}(\\.[0-9]{1,5}-[0-9]{1,18}){0,99}");

  /**
   * @param nextCursor for the next, older page; null when there is none
   */
  public record Page(List<RejectedRecord> records, @Nullable String nextCursor) {}

  /** What became of a redrive. */
  public sealed interface Redrive {
    /** It is at its origin again, at this place. */
    record Sent(EventPublisher.Position position) implements Redrive {}

    /** There is no such rejected record, no longer, or only the place where it stood. */
    record NotThere() implements Redrive {}

    /** The backbone did not take it. */
    record NotTaken(PublishFailure failure) implements Redrive {}
  }

  private final LogReads reads;
  private final EventPublisher publisher;

  /**
   * @param publisher a live one
   */
  public RejectedReader(LogReads reads, EventPublisher publisher) {
    this.reads = reads;
    this.publisher = publisher;
  }

  /**
   * A page, newest first. Reads at most {@code limit} records of each partition.
   *
   * @param limit 1 to 200
   * @param cursor of an earlier page; null for the newest
   * @throws Problem {@code invalid_cursor}
   */
  public Page page(String topic, int limit, @Nullable String cursor) {
    int most = Math.max(1, Math.min(limit, MOST));
    Map<Partition, Long> beginnings = reads.beginnings(List.of(topic));
    Map<Partition, Long> before = new TreeMap<>(reads.ends(List.of(topic)));
    if (cursor != null) {
      before.replaceAll((partition, end) -> Math.min(end, 0));
      parse(topic, cursor).forEach((at, offset) -> before.computeIfPresent(at, (k, v) -> offset));
    }
    List<LogRecord> candidates = new ArrayList<>();
    before.forEach((partition, end) -> {
      long beginning = beginnings.getOrDefault(partition, 0L);
      long from = Math.max(beginning, end - most);
      reads.forEach(partition, from, end, READ, candidates::add);
    });
    candidates.sort(
        Comparator.comparingLong(LogRecord::timestampMillis)
            .thenComparing(LogRecord::partition)
            .thenComparingLong(LogRecord::offset)
            .reversed());
    // Within a partition a later record may carry an earlier time; the page must still be a suffix.
    List<LogRecord> page = new ArrayList<>();
    Map<Partition, Long> rest = new HashMap<>(before);
    for (LogRecord record : suffixes(candidates, before)) {
      if (page.size() == most) {
        break;
      }
      page.add(record);
      rest.put(record.partition(), record.offset());
    }
    boolean more =
        rest.entrySet().stream()
            .anyMatch(entry -> entry.getValue() > beginnings.getOrDefault(entry.getKey(), 0L));
    return new Page(
        page.stream().map(RejectedReader::shown).toList(),
        more && !page.isEmpty() ? format(rest) : null);
  }

  /** Orders newest first by time, but never a partition's older record before its newer one. */
  private static List<LogRecord> suffixes(
      List<LogRecord> newestFirst, Map<Partition, Long> before) {
    Map<Partition, List<LogRecord>> byPartition = new HashMap<>();
    newestFirst.forEach(record ->
        byPartition.computeIfAbsent(record.partition(), at -> new ArrayList<>()).add(record));
    byPartition
        .values()
        .forEach(list -> list.sort(Comparator.comparingLong(LogRecord::offset).reversed()));
    Map<Partition, Integer> taken = new HashMap<>();
    List<LogRecord> ordered = new ArrayList<>(newestFirst.size());
    for (LogRecord slot : newestFirst) {
      int index = taken.merge(slot.partition(), 1, Integer::sum) - 1;
      List<LogRecord> own = byPartition.getOrDefault(slot.partition(), List.of());
      ordered.add(own.get(index));
    }
    return ordered;
  }

  /** How many were rejected since then. */
  public long countSince(String topic, Instant time) {
    Map<Partition, Long> from = reads.at(List.of(topic), time);
    long sum = 0;
    for (Map.Entry<Partition, Long> end : reads.ends(List.of(topic)).entrySet()) {
      sum += Math.max(0, end.getValue() - from.getOrDefault(end.getKey(), end.getValue()));
    }
    return sum;
  }

  public Optional<RejectedRecord> find(String topic, String id) {
    return record(topic, id).map(RejectedReader::shown);
  }

  /** Sends a rejected record back to its origin's topic, with its key, bytes and headers. */
  public Redrive redrive(String topic, String id) {
    Optional<LogRecord> found = record(topic, id);
    if (found.isEmpty()) {
      return new Redrive.NotThere();
    }
    LogRecord record = found.get();
    String origin = record.headers().text(RejectedHeaders.ORIGIN_TOPIC);
    if (origin == null || record.headers().has(RejectedHeaders.WITHOUT_BYTES)) {
      return new Redrive.NotThere();
    }
    EventHeaders headers = RejectedHeaders.origin(record.headers());
    String reader = record.headers().text(RejectedHeaders.READER);
    if (reader != null) {
      headers.add(REDRIVEN_FOR, reader);
    }
    headers.add(REDRIVEN_FROM, topic + "/" + id);
    try {
      return new Redrive.Sent(
          publisher
              .publish(origin, record.key(), record.value(), headers)
              .toCompletableFuture()
              .get(SEND.toMillis(), TimeUnit.MILLISECONDS));
    } catch (ExecutionException e) {
      return e.getCause() instanceof PublishFailure failure
          ? new Redrive.NotTaken(failure)
          : new Redrive.NotTaken(
              new PublishFailure(PublishFailure.Kind.UNCERTAIN, "it could not be sent", e));
    } catch (TimeoutException e) {
      return new Redrive.NotTaken(
          new PublishFailure(PublishFailure.Kind.UNCERTAIN, "it was not sent in time", e));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new BackboneUnavailable("interrupted", e);
    }
  }

  private Optional<LogRecord> record(String topic, String id) {
    var parts = ID.matcher(id);
    if (!parts.matches()) {
      return Optional.empty();
    }
    Partition partition = new Partition(topic, Integer.parseInt(parts.group(1)));
    long offset = Long.parseLong(parts.group(2));
    Long end = reads.ends(List.of(topic)).get(partition);
    return end == null || offset >= end ? Optional.empty() : reads.one(partition, offset);
  }

  private static RejectedRecord shown(LogRecord record) {
    EventHeaders headers = record.headers();
    return new RejectedRecord(
        record.partition().number() + "-" + record.offset(),
        orElse(headers.text(RejectedHeaders.REASON), "unknown"),
        orElse(headers.text(RejectedHeaders.DETAIL), ""),
        headers.text(RejectedHeaders.READER),
        orElse(headers.text(RejectedHeaders.ORIGIN_TOPIC), ""),
        RejectedHeaders.number(headers.text(RejectedHeaders.ORIGIN_PARTITION)),
        RejectedHeaders.number(headers.text(RejectedHeaders.ORIGIN_OFFSET)),
        headers.text(RejectedHeaders.ORIGIN + "ce_id"),
        headers.text(RejectedHeaders.ORIGIN + "ce_type"),
        headers.text(RejectedHeaders.ORIGIN + "ce_subject"),
        Instant.ofEpochMilli(record.timestampMillis()));
  }

  private static String orElse(@Nullable String text, String fallback) {
    return text == null ? fallback : text;
  }

  private static String format(Map<Partition, Long> offsets) {
    return String.join(
        ".",
        new TreeMap<>(offsets)
            .entrySet().stream()
                .map(entry -> entry.getKey().number() + "-" + entry.getValue())
                .toList());
  }

  private static Map<Partition, Long> parse(String topic, String cursor) {
    if (!CURSOR.matcher(cursor).matches()) {
      throw Problem.of(
          ProblemCode.INVALID_CURSOR, "'" + Names.shown(cursor) + "' is not a cursor of this list");
    }
    Map<Partition, Long> offsets = new HashMap<>();
    for (String part : cursor.split("\\.", -1)) {
      int dash = part.indexOf('-');
      offsets.put(
          new Partition(topic, Integer.parseInt(part.substring(0, dash))),
          Long.parseLong(part.substring(dash + 1)));
    }
    return offsets;
  }
}
