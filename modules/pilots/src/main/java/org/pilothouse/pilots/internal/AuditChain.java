package org.pilothouse.pilots.internal;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Arrays;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import org.pilothouse.kernel.Secrets;

/**
 * The chain's arithmetic: an entry's hash is SHA-256 over the hash before it and the entry as
 * canonical JSON (members in the order of their names, no white space). Change, drop, add or move
 * one, and from there on nothing fits.
 */
final class AuditChain {
  static final byte[] GENESIS = new byte[32];

  private static final ObjectMapper MAPPER = new ObjectMapper();

  private AuditChain() {}

  /** An entry as it is kept. */
  record Entry(
      long sequence,
      Instant time,
      String actor,
      @Nullable String pilot,
      String action,
      @Nullable String resource,
      String outcome,
      String detail,
      byte[] previousHash,
      byte[] hash) {}

  static Entry append(
      byte[] previousHash,
      long sequence,
      Instant time,
      String actor,
      @Nullable String pilot,
      String action,
      @Nullable String resource,
      String outcome,
      Map<String, String> detail) {
    // The store keeps microseconds; what is hashed must be what comes back.
    Entry bare =
        new Entry(
            sequence,
            time.truncatedTo(ChronoUnit.MICROS),
            actor,
            pilot,
            action,
            resource,
            outcome,
            json(new TreeMap<>(detail)),
            previousHash,
            GENESIS);
    return new Entry(
        sequence,
        bare.time(),
        actor,
        pilot,
        action,
        resource,
        outcome,
        bare.detail(),
        previousHash,
        hash(bare));
  }

  static byte[] hash(Entry entry) {
    TreeMap<String, @Nullable Object> members = new TreeMap<>();
    members.put("action", entry.action());
    members.put("actor", entry.actor());
    members.put("detail", entry.detail());
    members.put("outcome", entry.outcome());
    members.put("pilot", entry.pilot());
    members.put("resource", entry.resource());
    members.put("sequence", entry.sequence());
    members.put("time", entry.time().toString());
    ByteArrayOutputStream hashed = new ByteArrayOutputStream();
    hashed.writeBytes(entry.previousHash());
    hashed.writeBytes(json(members).getBytes(StandardCharsets.UTF_8));
    return Secrets.sha256(hashed.toByteArray());
  }

  private static String json(Object value) {
    try {
      return MAPPER.writeValueAsString(value);
    } catch (JsonProcessingException e) {
      throw new IllegalStateException(e);
    }
  }

  /** Reads entries in order and keeps no more than the newest hash. */
  static final class Verifier {
    private long sequence;
    private byte[] hash = GENESIS;
    private @Nullable Long brokenAt;

    /** Whether to go on: after the first break nothing more can be said. */
    boolean take(Entry entry) {
      boolean follows =
          entry.sequence() == sequence + 1
              && Arrays.equals(entry.previousHash(), hash)
              && Arrays.equals(entry.hash(), AuditChain.hash(entry));
      if (!follows) {
        brokenAt = sequence + 1;
        return false;
      }
      sequence = entry.sequence();
      hash = entry.hash();
      return true;
    }

    /**
     * @param headSequence the number that the newest entry must have
     */
    void end(long headSequence, byte[] headHash) {
      if (brokenAt == null && (sequence != headSequence || !Arrays.equals(hash, headHash))) {
        brokenAt = sequence + 1;
      }
    }

    long entries() {
      return sequence;
    }

    @Nullable Long brokenAt() {
      return brokenAt;
    }
  }
}
