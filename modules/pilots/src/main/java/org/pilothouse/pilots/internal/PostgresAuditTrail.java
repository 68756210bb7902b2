package org.pilothouse.pilots.internal;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.type.TypeReference;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Clock;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.result.ResultIterator;
import org.jdbi.v3.core.statement.PreparedBatch;
import org.jdbi.v3.core.statement.Query;
import org.pilothouse.kernel.PilotId;
import org.pilothouse.pilots.AuditEvent;
import org.pilothouse.pilots.AuditReader;
import org.pilothouse.pilots.AuditTrail;
import org.pilothouse.platform.postgres.Database;
import org.pilothouse.platform.postgres.Work;

/** The trail in PostgreSQL. Appends queue on the row that holds the chain's head. */
public final class PostgresAuditTrail implements AuditTrail, AuditReader {
  private static final ObjectMapper MAPPER = new ObjectMapper();
  private static final TypeReference<Map<String, String>> DETAIL = new TypeReference<>() {};
  private static final int LONGEST = 512;
  private static final int FETCH = 500;
  private static final String COLUMNS =
      "sequence, time, actor, pilot, action, resource, outcome, detail, previous_hash, hash";

  private final Database database;
  private final Clock clock;

  public PostgresAuditTrail(Database database, Clock clock) {
    this.database = database;
    this.clock = clock;
  }

  @Override
  public void record(AuditEvent event) {
    database.runAsPlatform(transaction -> record(transaction, event));
  }

  @Override
  public void record(Handle transaction, AuditEvent event) {
    recordAll(transaction, List.of(event));
  }

  @Override
  public void recordAll(Handle transaction, List<AuditEvent> events) {
    if (events.isEmpty()) {
      return;
    }
    Head head =
        transaction
            .createQuery("SELECT sequence, hash FROM pilots.audit_head FOR UPDATE")
            .map((row, context) -> new Head(row.getLong("sequence"), row.getBytes("hash")))
            .one();
    PreparedBatch entries =
        transaction.prepareBatch(
            "INSERT INTO pilots.audit ("
                + COLUMNS
                + ") VALUES (:sequence, :time, :actor, :pilot,"
                + " :action, :resource, :outcome, :detail, :previous, :hash)");
    for (AuditEvent event : events) {
      AuditChain.Entry entry = entry(head, event);
      entries
          .bind("sequence", entry.sequence())
          .bind("time", entry.time().atOffset(ZoneOffset.UTC))
          .bind("actor", entry.actor())
          .bind("pilot", entry.pilot())
          .bind("action", entry.action())
          .bind("resource", entry.resource())
          .bind("outcome", entry.outcome())
          .bind("detail", entry.detail())
          .bind("previous", entry.previousHash())
          .bind("hash", entry.hash())
          .add();
      head = new Head(entry.sequence(), entry.hash());
    }
    int[] unused = entries.execute();
    transaction
        .createUpdate("UPDATE pilots.audit_head SET sequence = :sequence, hash = :hash")
        .bind("sequence", head.sequence)
        .bind("hash", head.hash)
        .execute();
  }

  private AuditChain.Entry entry(Head head, AuditEvent event) {
    Map<String, String> detail = new TreeMap<>();
    event.detail().forEach((name, value) -> detail.put(clean(name), clean(value)));
    PilotId pilot = event.pilot();
    String resource = event.resource();
    return AuditChain.append(
        head.hash,
        head.sequence + 1,
        clock.instant(),
        clean(event.actor()),
        pilot == null ? null : pilot.value(),
        event.action(),
        resource == null ? null : clean(resource),
        event.outcome().name().toLowerCase(Locale.ROOT),
        detail);
  }

  @Override
  public List<Entry> list(
      Optional<PilotId> scope, Filter filter, Optional<Long> before, int limit) {
    Work<List<Entry>> work =
        transaction -> {
          StringBuilder sql =
              new StringBuilder("SELECT " + COLUMNS + " FROM pilots.audit WHERE true");
          before.ifPresent(sequence -> sql.append(" AND sequence < :before"));
          filter.pilot().ifPresent(pilot -> sql.append(" AND pilot = :pilot"));
          filter.actor().ifPresent(actor -> sql.append(" AND actor = :actor"));
          filter.action().ifPresent(action -> sql.append(" AND action = :action"));
          filter.from().ifPresent(from -> sql.append(" AND time >= :from"));
          filter.to().ifPresent(to -> sql.append(" AND time < :to"));
          Query query =
              transaction.createQuery(
                  sql.append(" ORDER BY sequence DESC LIMIT :limit").toString());
          before.ifPresent(sequence -> query.bind("before", sequence.longValue()));
          filter.pilot().ifPresent(pilot -> query.bind("pilot", pilot.value()));
          filter.actor().ifPresent(actor -> query.bind("actor", actor));
          filter.action().ifPresent(action -> query.bind("action", action));
          filter.from().ifPresent(from -> query.bind("from", from.atOffset(ZoneOffset.UTC)));
          filter.to().ifPresent(to -> query.bind("to", to.atOffset(ZoneOffset.UTC)));
          return query.bind("limit", limit).map((row, context) -> shown(entry(row))).list();
        };
    return scope.isPresent() ? database.inPilot(scope.get(), work) : database.asPlatform(work);
  }

  @Override
  public Verdict verify() {
    return database.asPlatform(transaction -> {
      Head head =
          transaction
              .createQuery("SELECT sequence, hash FROM pilots.audit_head")
              .map((row, context) -> new Head(row.getLong("sequence"), row.getBytes("hash")))
              .one();
      AuditChain.Verifier verifier = new AuditChain.Verifier();
      // A plain cursor: the driver fetches a few hundred rows at a time and drops them.
      try (Query query =
              transaction.createQuery(
                  "SELECT "
                      + COLUMNS
                      + " FROM pilots.audit WHERE sequence <= :head"
                      + " ORDER BY sequence");
          ResultIterator<AuditChain.Entry> entries =
              query
                  .bind("head", head.sequence)
                  .setFetchSize(FETCH)
                  .map((row, context) -> entry(row))
                  .iterator()) {
        boolean going = true;
        while (going && entries.hasNext()) {
          going = verifier.take(entries.next());
        }
      }
      verifier.end(head.sequence, head.hash);
      return new Verdict(
          verifier.brokenAt() == null,
          verifier.entries(),
          head.sequence == 0 ? null : HexFormat.of().formatHex(head.hash),
          verifier.brokenAt());
    });
  }

  private static AuditChain.Entry entry(ResultSet row) throws SQLException {
    return new AuditChain.Entry(
        row.getLong("sequence"),
        row.getObject("time", OffsetDateTime.class).toInstant(),
        row.getString("actor"),
        row.getString("pilot"),
        row.getString("action"),
        row.getString("resource"),
        row.getString("outcome"),
        row.getString("detail"),
        row.getBytes("previous_hash"),
        row.getBytes("hash"));
  }

  private static Entry shown(AuditChain.Entry entry) {
    return new Entry(
        entry.sequence(),
        entry.time(),
        entry.actor(),
        entry.pilot(),
        entry.action(),
        entry.resource(),
        entry.outcome(),
        detail(entry.detail()),
        HexFormat.of().formatHex(entry.hash()));
  }

  private static Map<String, String> detail(String json) {
    try {
      return MAPPER.readValue(json, DETAIL);
    } catch (JsonProcessingException e) {
      // Somebody has changed it; the list still shows the rest, and verification says where.
      return Map.of("unreadable", "true");
    }
  }

  /** What a caller sent may stand in an entry: cut, and without what the store cannot hold. */
  private static String clean(String text) {
    StringBuilder clean = new StringBuilder();
    text.codePoints()
        .limit(LONGEST)
        .forEach(c ->
            clean.appendCodePoint(
                Character.isISOControl(c) || (c >= 0xd800 && c <= 0xdfff) ? 0xfffd : c));
    return clean.toString();
  }

  private record Head(long sequence, byte[] hash) {}
}
