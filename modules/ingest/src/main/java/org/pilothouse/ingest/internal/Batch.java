package org.pilothouse.ingest.internal;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import org.pilothouse.ingest.IngestResult;
import org.pilothouse.ingest.IngestResult.Rejection;
import org.pilothouse.kernel.Problem;
import org.pilothouse.kernel.ProblemCode;
import org.pilothouse.platform.kafka.EventHeaders;
import org.pilothouse.platform.kafka.EventPublisher;
import org.pilothouse.platform.kafka.PublishCallback;
import org.pilothouse.platform.kafka.PublishFailure;

/**
 * The lines of one request on their way to the backbone. The verdict comes when all that were
 * accepted are acknowledged; when one is not, none counts as acknowledged, and sending the body
 * again is safe because each event keeps its identity.
 */
final class Batch implements PublishCallback {
  private static final Duration RETRY_AFTER = Duration.ofSeconds(2);
  private static final Base64.Encoder BASE64 = Base64.getUrlEncoder().withoutPadding();

  private final EventPublisher publisher;
  private final String topic;
  private final EventHeaders common;
  private final Origin origin;
  private final LineReader reader;
  private final MessageDigest digest = sha256();
  private final List<Rejection> rejected = new ArrayList<>();
  private int rejectedTotal;
  private int accepted;

  /**
   * One more than what is in flight while lines still come, so that it cannot reach zero before the
   * last.
   */
  private final AtomicInteger unacknowledged = new AtomicInteger(1);

  private final CompletableFuture<IngestResult> verdict = new CompletableFuture<>();
  private volatile @Nullable PublishFailure failure;

  /**
   * @param common the headers that all events of the origin share
   */
  Batch(EventPublisher publisher, String topic, EventHeaders common, Origin origin, long now) {
    this.publisher = publisher;
    this.topic = topic;
    this.common = common;
    this.origin = origin;
    this.reader = new LineReader(now);
  }

  /**
   * Judges and publishes one telemetry line; false when the backbone has failed and more lines are
   * in vain.
   */
  boolean line(
      int number,
      byte[] bytes,
      int offset,
      int length,
      @Nullable EventHeaders extensions,
      @Nullable String eventId) {
    ProblemCode problem = reader.read(bytes, offset, length);
    if (problem != null) {
      reject(number, problem, reader.detail());
    } else if (!origin.mayReportFor(reader.twin())) {
      reject(number, ProblemCode.FORBIDDEN, "the device may not report for this twin");
    } else {
      String id = eventId != null ? eventId : reader.id();
      publish(
          id != null ? id : contentId(bytes, offset, length),
          Arrays.copyOfRange(bytes, offset, offset + length),
          extensions);
    }
    return failure == null;
  }

  void reject(int number, ProblemCode code, String detail) {
    rejectedTotal++;
    if (rejected.size() < IngestResult.MOST_LISTED) {
      rejected.add(new Rejection(number, code.code(), detail));
    }
  }

  private void publish(String id, byte[] value, @Nullable EventHeaders extensions) {
    byte[] twin = reader.twin().getBytes(StandardCharsets.ISO_8859_1);
    EventHeaders headers =
        common
            .copy()
            .add("ce_id", id.getBytes(StandardCharsets.ISO_8859_1))
            .add("ce_time", EventTime.inUtc(reader.time()).getBytes(StandardCharsets.ISO_8859_1))
            .add("ce_subject", twin)
            .add("ce_partitionkey", twin);
    if (extensions != null) {
      extensions.forEach(headers::add);
    }
    accepted++;
    unacknowledged.incrementAndGet();
    publisher.publish(topic, twin, value, headers, this);
  }

  /** A line without an id is known by what it says: the same line sent again is the same event. */
  private String contentId(byte[] bytes, int offset, int length) {
    digest.update(bytes, offset, length);
    return BASE64.encodeToString(Arrays.copyOf(digest.digest(), 16));
  }

  /** Called once after the last line. */
  CompletionStage<IngestResult> finish() {
    settle();
    return verdict;
  }

  @Override
  public void acknowledged(int partition, long offset) {
    settle();
  }

  @Override
  public void failed(PublishFailure why) {
    failure = why;
    settle();
  }

  private void settle() {
    if (unacknowledged.decrementAndGet() > 0) {
      return;
    }
    PublishFailure why = failure;
    if (why == null) {
      verdict.complete(new IngestResult(accepted, rejected, rejectedTotal));
      return;
    }
    verdict.completeExceptionally(
        switch (why.kind()) {
          case BUSY ->
              Problem.retry(
                  ProblemCode.BACKBONE_BUSY,
                  "the backbone takes no more at the moment; send the whole body again",
                  RETRY_AFTER);
          case UNCERTAIN ->
              Problem.retry(
                  ProblemCode.BACKBONE_BUSY,
                  "the backbone did not acknowledge in time; send the whole body again",
                  RETRY_AFTER);
          case REFUSED ->
              Problem.caused(
                  ProblemCode.UNAVAILABLE, "the backbone does not take these events", why);
        });
  }

  private static MessageDigest sha256() {
    try {
      return MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java platform has SHA-256", e);
    }
  }
}
