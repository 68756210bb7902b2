package org.pilothouse.platform.postgres;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.type.TypeReference;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.nio.charset.StandardCharsets;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.zip.CRC32C;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.statement.PreparedBatch;
import org.pilothouse.kernel.outbox.OutboxMessage;

/**
 * Writes a message down in the transaction of the change that it tells of. The relay sends it after
 * the commit, and never if there is none.
 */
public final class Outbox {
  static final int BUCKETS = 16;
  static final int LARGEST = 64 * 1024;

  /** The upper half of the advisory lock's key; relays lock buckets under the next number. */
  private static final int AGGREGATE_LOCK = 0x0b0c0001;

  private static final ObjectMapper MAPPER = new ObjectMapper();
  private static final TypeReference<Map<String, String>> HEADERS = new TypeReference<>() {};

  private final List<Runnable> listeners = new CopyOnWriteArrayList<>();

  /**
   * From here to the commit, other transactions that add for the same aggregate wait: so within an
   * aggregate the order of sequence numbers is the order of commits, which it is not in general.
   * Whoever adds for several aggregates does so in one fixed order, or may meet a deadlock.
   */
  public void add(Handle transaction, OutboxMessage message) {
    addAll(transaction, List.of(message));
  }

  /**
   * Many of one aggregate, in their order, at the price of about one.
   *
   * @throws IllegalArgumentException when they are of several aggregates
   */
  public void addAll(Handle transaction, List<OutboxMessage> messages) {
    if (messages.isEmpty()) {
      return;
    }
    String aggregate = messages.getFirst().aggregate();
    if (!messages.stream().allMatch(message -> message.aggregate().equals(aggregate))) {
      throw new IllegalArgumentException("messages of several aggregates");
    }
    transaction
        .createQuery("SELECT pg_advisory_xact_lock(:space, :aggregate) IS NULL")
        .bind("space", AGGREGATE_LOCK)
        .bind("aggregate", sum(aggregate))
        .mapTo(Boolean.class)
        .one();
    insert(transaction, messages);
  }

  /**
   * Messages each of an aggregate of its own that nobody else adds for at the same time, or whose
   * order does not matter: no transaction waits for another.
   */
  public void addUnordered(Handle transaction, List<OutboxMessage> messages) {
    if (!messages.isEmpty()) {
      insert(transaction, messages);
    }
  }

  private void insert(Handle transaction, List<OutboxMessage> messages) {
    PreparedBatch batch =
        transaction.prepareBatch(
            "INSERT INTO outbox.message (id, aggregate, bucket, destination, topic, key, headers,"
                + " payload, created_at, next_attempt_at) VALUES (:id, :aggregate, :bucket,"
                + " :destination, :topic, :key, :headers::jsonb, :payload, :created, :created)");
    for (OutboxMessage message : messages) {
      byte[] payload = message.payload();
      if (payload.length > LARGEST) {
        throw new IllegalArgumentException("an event holds at most " + LARGEST + " bytes");
      }
      batch
          .bind("id", message.id())
          .bind("aggregate", message.aggregate())
          .bind("bucket", bucket(message.aggregate()))
          .bind("destination", message.destination().name())
          .bind("topic", message.topic())
          .bind("key", message.key())
          .bind("headers", json(message.headers()))
          .bind("payload", payload)
          .bind("created", message.createdAt().atOffset(ZoneOffset.UTC))
          .add();
    }
    batch.execute();
    if (!listeners.isEmpty()) {
      transaction.afterCommit(() -> listeners.forEach(Runnable::run));
    }
  }

  /** Called after every commit with a message in it; must return at once. */
  void onCommit(Runnable listener) {
    listeners.add(listener);
  }

  void forget(Runnable listener) {
    listeners.remove(listener);
  }

  static int bucket(String aggregate) {
    return Math.floorMod(sum(aggregate), BUCKETS);
  }

  private static int sum(String aggregate) {
    CRC32C crc = new CRC32C();
    crc.update(aggregate.getBytes(StandardCharsets.UTF_8));
    return (int) crc.getValue();
  }

  private static String json(Map<String, String> headers) {
    try {
      return MAPPER.writeValueAsString(headers);
    } catch (JsonProcessingException e) {
      throw new IllegalArgumentException("headers cannot be written", e);
    }
  }

  static Map<String, String> headers(String json) {
    try {
      return MAPPER.readValue(json, HEADERS);
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("headers in the outbox cannot be read", e);
    }
  }
}
