package org.pilothouse.platform.kafka.consume;

import java.time.Instant;
import org.jspecify.annotations.Nullable;
import org.pilothouse.platform.kafka.EventHeaders;

/**
 * How a rejected record is kept: key and value as they were, an envelope of its own that says why
 * and where from, and the headers it had, each behind {@code origin_}.
 */
final class RejectedHeaders {
  static final String TYPE = "event.rejected";
  static final String REASON = "ce_rejectreason";
  static final String DETAIL = "ce_rejectdetail";
  static final String READER = "ce_rejectreader";
  static final String ORIGIN_TOPIC = "ce_origintopic";
  static final String ORIGIN_PARTITION = "ce_originpartition";
  static final String ORIGIN_OFFSET = "ce_originoffset";
  static final String WITHOUT_BYTES = "ce_rejectwithoutbytes";
  static final String ORIGIN = "origin_";

  private RejectedHeaders() {}

  static EventHeaders of(
      LogRecord record, String reader, String reason, String detail, Instant now) {
    EventHeaders headers = reasonAndPlace(record, reader, reason, detail, now);
    for (String kept : new String[] {"ce_subject", "ce_pilot"}) {
      byte[] value = record.headers().bytes(kept);
      if (value != null) {
        headers.add(kept, value);
      }
    }
    record.headers().forEach((name, value) -> headers.add(ORIGIN + name, value));
    return headers;
  }

  /** For a record that is too large to be kept: it cannot be sent to its origin again. */
  static EventHeaders withoutBytes(
      LogRecord record, String reader, String reason, String detail, Instant now) {
    return reasonAndPlace(record, reader, reason, detail, now).add(WITHOUT_BYTES, "true");
  }

  private static EventHeaders reasonAndPlace(
      LogRecord record, String reader, String reason, String detail, Instant now) {
    return new EventHeaders()
        .add("ce_specversion", "1.0")
        .add("ce_id", record.partition() + "/" + record.offset() + "/" + reader)
        .add("ce_source", "urn:pilothouse:reader:" + reader)
        .add("ce_type", TYPE)
        .add("ce_time", now.toString())
        .add(REASON, reason)
        .add(DETAIL, detail)
        .add(READER, reader)
        .add(ORIGIN_TOPIC, record.topic())
        .add(ORIGIN_PARTITION, Integer.toString(record.partition().number()))
        .add(ORIGIN_OFFSET, Long.toString(record.offset()))
        .add("content-type", "application/octet-stream");
  }

  /** The headers that the record had before it was rejected. */
  static EventHeaders origin(EventHeaders rejected) {
    EventHeaders headers = new EventHeaders();
    rejected.forEach((name, value) -> {
      if (name.startsWith(ORIGIN)) {
        headers.add(name.substring(ORIGIN.length()), value);
      }
    });
    return headers;
  }

  static @Nullable Long number(@Nullable String text) {
    try {
      return text == null ? null : Long.valueOf(text);
    } catch (NumberFormatException e) {
      return null;
    }
  }
}
