package org.pilothouse.datasets.internal;

import java.util.Map;
import org.jdbi.v3.core.Handle;
import org.pilothouse.datasets.Quota;
import org.pilothouse.kernel.PilotId;
import org.pilothouse.kernel.Problem;
import org.pilothouse.kernel.ProblemCode;
import org.pilothouse.pilots.AuditEvent;
import org.pilothouse.pilots.AuditTrail;
import org.pilothouse.platform.postgres.Database;
import org.pilothouse.platform.web.Caller;

/** What pilots have in the hold, and how much they may have. */
public final class Quotas {
  private final Database database;
  private final AuditTrail trail;
  private final Quota ordinary;

  /**
   * @param ordinary of a pilot that was given none of its own
   */
  Quotas(Database database, AuditTrail trail, Quota ordinary) {
    this.database = database;
    this.trail = trail;
    this.ordinary = ordinary;
  }

  /** What there is, in the units of {@link Quota}. */
  public record Used(long bytes, long objects, int uploads) {
    static final Used NOTHING = new Used(0, 0, 0);
  }

  /** A pilot's part of the hold. */
  public record Usage(Quota quota, Used used) {}

  public Usage of(PilotId pilot) {
    return database.inPilot(pilot, transaction -> of(transaction, pilot));
  }

  public Usage set(Caller caller, PilotId pilot, Quota quota) {
    return database.inPilot(
        pilot,
        transaction -> {
          transaction
              .createUpdate(
                  "INSERT INTO datasets.quota (pilot_id, bytes, objects, uploads) VALUES (:pilot,"
                      + " :bytes, :objects, :uploads) ON CONFLICT (pilot_id) DO UPDATE SET bytes ="
                      + " excluded.bytes, objects = excluded.objects, uploads = excluded.uploads")
              .bind("pilot", pilot.value())
              .bind("bytes", quota.bytes())
              .bind("objects", quota.objects())
              .bind("uploads", quota.uploads())
              .execute();
          Usage usage = of(transaction, pilot);
          trail.record(
              transaction,
              AuditEvent.allowed(caller, pilot, "storage.quota", "pilot:" + pilot)
                  .with(
                      Map.of(
                          "bytes",
                          Long.toString(quota.bytes()),
                          "objects",
                          Long.toString(quota.objects()),
                          "uploads",
                          Integer.toString(quota.uploads()))));
          return usage;
        });
  }

  Usage of(Handle transaction, PilotId pilot) {
    Quota quota =
        transaction
            .createQuery(
                "SELECT bytes, objects, uploads FROM datasets.quota WHERE pilot_id = :pilot")
            .bind("pilot", pilot.value())
            .map((row, context) -> new Quota(row.getLong(1), row.getLong(2), row.getInt(3)))
            .findOne()
            .orElse(ordinary);
    Used used =
        transaction
            .createQuery(
                "SELECT bytes, objects, uploads FROM datasets.usage WHERE pilot_id = :pilot")
            .bind("pilot", pilot.value())
            .map((row, context) -> new Used(row.getLong(1), row.getLong(2), row.getInt(3)))
            .findOne()
            .orElse(Used.NOTHING);
    return new Usage(quota, used);
  }

  /**
   * Adds a dataset that is about to be. Until the transaction ends, no other of the pilot is added:
   * so the versions of a name are counted without gaps.
   *
   * @throws Problem {@code limit_reached}
   */
  void add(Handle transaction, PilotId pilot, long bytes, boolean upload) {
    change(transaction, pilot, bytes, 1, upload ? 1 : 0);
    Usage usage = of(transaction, pilot);
    if (usage.used().bytes() > usage.quota().bytes()) {
      throw reached(
          "bytes", usage.quota().bytes(), usage.used().bytes() - bytes + " are used already");
    }
    if (usage.used().objects() > usage.quota().objects()) {
      throw reached("datasets", usage.quota().objects(), "delete some, or ask for more");
    }
    if (upload && usage.used().uploads() > usage.quota().uploads()) {
      throw reached("uploads at once", usage.quota().uploads(), "complete one or give it up");
    }
  }

  /** Until the transaction ends, no dataset is added to the pilot. */
  void hold(Handle transaction, PilotId pilot) {
    change(transaction, pilot, 0, 0, 0);
  }

  /**
   * Counts bytes that are about to be written for a dataset which was counted without them.
   *
   * @throws Problem {@code limit_reached}
   */
  void reserve(Handle transaction, PilotId pilot, long bytes) {
    change(transaction, pilot, bytes, 0, 0);
    Usage usage = of(transaction, pilot);
    if (usage.used().bytes() > usage.quota().bytes()) {
      throw reached(
          "bytes", usage.quota().bytes(), usage.used().bytes() - bytes + " are used already");
    }
  }

  /** They were not needed. */
  void giveBack(Handle transaction, PilotId pilot, long bytes) {
    change(transaction, pilot, -bytes, 0, 0);
  }

  /** An upload ended, however it did. */
  void uploadEnded(Handle transaction, PilotId pilot) {
    change(transaction, pilot, 0, 0, -1);
  }

  /** An upload ended whose size was not known before. */
  void written(Handle transaction, PilotId pilot, long bytes) {
    change(transaction, pilot, bytes, 0, -1);
  }

  /** Bytes are gone. */
  void remove(Handle transaction, PilotId pilot, long bytes) {
    change(transaction, pilot, -bytes, -1, 0);
  }

  private static void change(
      Handle transaction, PilotId pilot, long bytes, int objects, int uploads) {
    transaction
        .createUpdate(
            "INSERT INTO datasets.usage AS u (pilot_id, bytes, objects, uploads) VALUES (:pilot,"
                + " :bytes, :objects, :uploads) ON CONFLICT (pilot_id) DO UPDATE SET bytes ="
                + " u.bytes + :bytes, objects = u.objects + :objects, uploads = u.uploads +"
                + " :uploads")
        .bind("pilot", pilot.value())
        .bind("bytes", bytes)
        .bind("objects", objects)
        .bind("uploads", uploads)
        .execute();
  }

  private static Problem reached(String what, long most, String hint) {
    return Problem.of(
        ProblemCode.LIMIT_REACHED,
        "The pilot may have " + most + " " + what + " in the hold; " + hint + ".");
  }
}
