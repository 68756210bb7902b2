package org.pilothouse.ingest.internal;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.time.Clock;
import java.util.List;
import java.util.concurrent.CompletionStage;
import java.util.function.Function;
import org.pilothouse.ingest.IngestResult;
import org.pilothouse.kernel.PilotId;
import org.pilothouse.kernel.Problem;
import org.pilothouse.kernel.ProblemCode;
import org.pilothouse.platform.kafka.EventHeaders;
import org.pilothouse.platform.kafka.EventPublisher;

/** The way of telemetry from a door to the backbone; the same for HTTP and MQTT. */
public final class TelemetryIngest {
  /** Lines in a body at most; the rest is {@code too_large}. */
  static final int MOST_LINES = 200_000;

  private static final String TYPE = "telemetry.reported";

  private final EventPublisher publisher;
  private final Function<PilotId, String> topics;
  private final Clock clock;

  /**
   * @param topics the telemetry topic of a pilot
   */
  public TelemetryIngest(EventPublisher publisher, Function<PilotId, String> topics, Clock clock) {
    this.publisher = publisher;
    this.topics = topics;
    this.clock = clock;
  }

  /**
   * @throws Problem {@code backbone_busy} when the backbone pushes back: better to say so before
   *     the body is read
   */
  public void refuseIfBusy() {
    if (publisher.pushingBack()) {
      throw Problem.retry(
          ProblemCode.BACKBONE_BUSY,
          "the backbone takes no more at the moment",
          java.time.Duration.ofSeconds(2));
    }
  }

  /** NDJSON: one telemetry line a line; empty lines are passed over. */
  public CompletionStage<IngestResult> lines(Origin origin, byte[] body, int length) {
    Batch batch = batch(origin);
    int number = 0;
    int start = 0;
    while (start < length) {
      int end = start;
      while (end < length && body[end] != '\n') {
        end++;
      }
      int stop = end > start && body[end - 1] == '\r' ? end - 1 : end;
      number++;
      if (number > MOST_LINES) {
        batch.reject(
            number,
            ProblemCode.TOO_LARGE,
            "a body has at most "
                + MOST_LINES
                + " lines; this one and all after it were not taken");
        break;
      }
      if (stop > start && !batch.line(number, body, start, stop - start, null, null)) {
        break;
      }
      start = end + 1;
    }
    return batch.finish();
  }

  /** One telemetry line, or a JSON array of them: what a device publishes by MQTT. */
  public CompletionStage<IngestResult> message(Origin origin, byte[] payload) {
    int first = 0;
    while (first < payload.length && payload[first] <= ' ') {
      first++;
    }
    if (first == payload.length || payload[first] != '[') {
      Batch batch = batch(origin);
      batch.line(1, payload, 0, payload.length, null, null);
      return batch.finish();
    }
    JsonNode array = CloudEvents.tree(payload, payload.length);
    Batch batch = batch(origin);
    int number = 0;
    for (JsonNode line : array) {
      byte[] bytes = CloudEvents.bytes(line);
      if (!batch.line(++number, bytes, 0, bytes.length, null, null)) {
        break;
      }
    }
    return batch.finish();
  }

  /** CloudEvents whose envelopes have been read; each is judged on its own. */
  public CompletionStage<IngestResult> events(Origin origin, List<CloudEvents.Envelope> events) {
    Batch batch = batch(origin);
    int number = 0;
    for (CloudEvents.Envelope event : events) {
      number++;
      switch (event) {
        case CloudEvents.Refused refused -> batch.reject(number, refused.code(), refused.detail());
        case CloudEvents.Accepted accepted -> {
          ObjectNode data = accepted.data();
          byte[] bytes = CloudEvents.bytes(data);
          if (!batch.line(number, bytes, 0, bytes.length, accepted.extensions(), accepted.id())) {
            return batch.finish();
          }
        }
      }
    }
    return batch.finish();
  }

  private Batch batch(Origin origin) {
    EventHeaders common =
        new EventHeaders()
            .add("ce_specversion", "1.0")
            .add("ce_type", TYPE)
            .add("ce_source", origin.source())
            .add("ce_pilot", origin.pilot().value())
            .add("content-type", "application/json");
    return new Batch(publisher, topics.apply(origin.pilot()), common, origin, clock.millis());
  }
}
