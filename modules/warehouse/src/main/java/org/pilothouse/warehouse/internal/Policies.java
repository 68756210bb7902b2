package org.pilothouse.warehouse.internal;

import java.util.Map;
import java.util.Optional;
import org.jdbi.v3.core.Handle;
import org.jspecify.annotations.Nullable;
import org.pilothouse.kernel.PilotId;
import org.pilothouse.kernel.Problem;
import org.pilothouse.kernel.ProblemCode;
import org.pilothouse.pilots.AuditEvent;
import org.pilothouse.pilots.AuditTrail;
import org.pilothouse.platform.postgres.Database;
import org.pilothouse.platform.web.Caller;
import org.pilothouse.platform.web.Revision;

/** The policies of pilots about corrections. */
public final class Policies {
  private final Database database;
  private final AuditTrail trail;

  Policies(Database database, AuditTrail trail) {
    this.database = database;
    this.trail = trail;
  }

  public Policy of(PilotId pilot) {
    return database.inPilot(
        pilot, transaction -> find(transaction, pilot, "").orElse(Policy.UNSET));
  }

  private static Optional<Policy> find(Handle transaction, PilotId pilot, String lock) {
    return transaction
        .createQuery(
            "SELECT corrections, threshold, revision FROM warehouse.policy WHERE pilot_id = :pilot"
                + lock)
        .bind("pilot", pilot.value())
        .map((row, context) -> {
          long threshold = row.getLong("threshold");
          boolean none = row.wasNull();
          return new Policy(
              Policy.Corrections.of(row.getString("corrections")),
              none ? null : threshold,
              row.getLong("revision"));
        })
        .findOne();
  }

  /**
   * @throws Problem {@code precondition_required}, {@code precondition_failed}
   */
  public Policy put(
      Caller caller,
      PilotId pilot,
      @Nullable String ifMatch,
      Policy.Corrections corrections,
      @Nullable Long threshold) {
    return database.inPilot(
        pilot,
        transaction -> {
          Policy before = find(transaction, pilot, " FOR UPDATE").orElse(Policy.UNSET);
          new Revision(before.revision()).check(ifMatch);
          int changed =
              transaction
                  .createUpdate(
                      "INSERT INTO warehouse.policy AS p (pilot_id, corrections, threshold,"
                          + " revision, updated_at) VALUES (:pilot, :corrections, :threshold, 1,"
                          + " now()) ON CONFLICT (pilot_id) DO UPDATE SET corrections ="
                          + " excluded.corrections, threshold = excluded.threshold, revision ="
                          + " p.revision + 1, updated_at = now() WHERE p.revision = :before")
                  .bind("pilot", pilot.value())
                  .bind("corrections", corrections.word())
                  .bind("threshold", threshold)
                  .bind("before", before.revision())
                  .execute();
          if (changed == 0) {
            // Two that saw none, and the other was first.
            throw Problem.of(
                ProblemCode.PRECONDITION_FAILED, "It was changed meanwhile; read it again.");
          }
          trail.record(
              transaction,
              AuditEvent.allowed(caller, pilot, "dump.policy", "dumps:" + pilot)
                  .with(Map.of("corrections", corrections.word())));
          return find(transaction, pilot, "").orElseThrow();
        });
  }
}
