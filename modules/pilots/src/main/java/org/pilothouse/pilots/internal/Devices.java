package org.pilothouse.pilots.internal;

import java.sql.Array;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.jdbi.v3.core.Handle;
import org.pilothouse.contracts.DeviceFact;
import org.pilothouse.contracts.EventType;
import org.pilothouse.kernel.DeviceId;
import org.pilothouse.kernel.PilotId;
import org.pilothouse.kernel.Problem;
import org.pilothouse.kernel.ProblemCode;
import org.pilothouse.kernel.Secrets;
import org.pilothouse.kernel.TwinId;
import org.pilothouse.pilots.AuditEvent;
import org.pilothouse.pilots.AuditTrail;
import org.pilothouse.pilots.Device;
import org.pilothouse.pilots.DeviceCredentials;
import org.pilothouse.pilots.DeviceDirectory;
import org.pilothouse.platform.postgres.Database;
import org.pilothouse.platform.web.Caller;

/** Devices and their tokens. A token is shown once; only its hash is kept. */
public final class Devices implements DeviceCredentials, DeviceDirectory {
  private static final Duration FRESH = Duration.ofSeconds(5);
  private static final Duration GRACE = Duration.ofSeconds(60);
  private static final Duration SEEN = Duration.ofMinutes(1);
  private static final int KNOWN = 100_000;
  private static final int TOKEN_LENGTH = 43;
  private static final String COLUMNS =
      "pilot, device, twins, created_at, rotated_at, last_seen_at";

  private final Database database;
  private final AuditTrail trail;
  private final Facts facts;
  private final Secrets secrets;
  private final Clock clock;
  private final FreshCache<Caller.Device> known;
  private final FreshCache<Device> listed;

  public Devices(Database database, AuditTrail trail, Facts facts, Secrets secrets, Clock clock) {
    this.database = database;
    this.trail = trail;
    this.facts = facts;
    this.secrets = secrets;
    this.clock = clock;
    this.known = new FreshCache<>(KNOWN, FRESH, GRACE, clock, this::load);
    this.listed = new FreshCache<>(KNOWN, FRESH, GRACE, clock, this::list);
  }

  /** A token that is shown once. */
  public record NewToken(DeviceId device, String token) {}

  @Override
  public Optional<Caller.Device> authenticate(String token) {
    return token.length() == TOKEN_LENGTH ? known.get(key(token)) : Optional.empty();
  }

  /** Whether the answer is at hand; for limits on guessing that must not hit the known. */
  boolean isKnown(String token) {
    return known.isFresh(key(token));
  }

  private static String key(String token) {
    return HexFormat.of().formatHex(Secrets.hash(token));
  }

  private Optional<Caller.Device> load(String key) {
    byte[] hash = HexFormat.of().parseHex(key);
    return database.asPlatform(transaction -> {
      Optional<Device> device =
          transaction
              .createQuery("SELECT " + COLUMNS + " FROM pilots.device WHERE token_hash = :hash")
              .bind("hash", hash)
              .map((row, context) -> device(row))
              .findOne();
      Instant now = clock.instant();
      if (device.isPresent() && isOld(device.get().lastSeenAt(), now)) {
        transaction
            .createUpdate("UPDATE pilots.device SET last_seen_at = :now WHERE token_hash = :hash")
            .bind("now", now.atOffset(ZoneOffset.UTC))
            .bind("hash", hash)
            .execute();
      }
      return device.map(d -> new Caller.Device(d.id(), d.pilot(), d.twins()));
    });
  }

  private static boolean isOld(Optional<Instant> seen, Instant now) {
    return seen.isEmpty() || seen.get().plus(SEEN).isBefore(now);
  }

  public NewToken register(Caller caller, PilotId pilot, DeviceId device, Set<TwinId> twins) {
    String token = secrets.token();
    return database.inPilot(
        pilot,
        transaction -> {
          requirePilot(transaction, pilot);
          int inserted =
              transaction
                  .createUpdate(
                      "INSERT INTO pilots.device (pilot, device, twins, token_hash, created_at)"
                          + " VALUES (:pilot, :device, :twins, :hash, :now) ON CONFLICT DO NOTHING")
                  .bind("pilot", pilot.value())
                  .bind("device", device.value())
                  .bindArray("twins", String.class, words(twins))
                  .bind("hash", Secrets.hash(token))
                  .bind("now", clock.instant().atOffset(ZoneOffset.UTC))
                  .execute();
          if (inserted == 0) {
            throw Problem.at(
                ProblemCode.ALREADY_EXISTS, "/device_id", "There is a device of this id already.");
          }
          facts.tell(
              transaction,
              EventType.DEVICE_REGISTERED,
              pilot,
              device.value(),
              new DeviceFact(pilot, device, new TreeSet<>(words(twins))));
          trail.record(
              transaction,
              AuditEvent.allowed(caller, pilot, "device.register", resource(pilot, device))
                  .with(Map.of("twins", Integer.toString(twins.size()))));
          return new NewToken(device, token);
        });
  }

  public NewToken rotate(Caller caller, PilotId pilot, DeviceId device) {
    String token = secrets.token();
    return database.inPilot(
        pilot,
        transaction -> {
          byte[] old = hold(transaction, pilot, device);
          transaction
              .createUpdate(
                  "UPDATE pilots.device SET token_hash = :hash, rotated_at = :now"
                      + " WHERE pilot = :pilot AND device = :device")
              .bind("hash", Secrets.hash(token))
              .bind("now", clock.instant().atOffset(ZoneOffset.UTC))
              .bind("pilot", pilot.value())
              .bind("device", device.value())
              .execute();
          transaction.afterCommit(() -> known.forget(HexFormat.of().formatHex(old)));
          facts.tell(
              transaction,
              EventType.DEVICE_ROTATED,
              pilot,
              device.value(),
              new DeviceFact(pilot, device, null));
          trail.record(
              transaction,
              AuditEvent.allowed(caller, pilot, "device.rotate", resource(pilot, device)));
          return new NewToken(device, token);
        });
  }

  public void remove(Caller caller, PilotId pilot, DeviceId device) {
    database.runInPilot(
        pilot,
        transaction -> {
          byte[] old = hold(transaction, pilot, device);
          transaction
              .createUpdate("DELETE FROM pilots.device WHERE pilot = :pilot AND device = :device")
              .bind("pilot", pilot.value())
              .bind("device", device.value())
              .execute();
          transaction.afterCommit(() -> known.forget(HexFormat.of().formatHex(old)));
          facts.tell(
              transaction,
              EventType.DEVICE_REMOVED,
              pilot,
              device.value(),
              new DeviceFact(pilot, device, null));
          trail.record(
              transaction,
              AuditEvent.allowed(caller, pilot, "device.remove", resource(pilot, device)));
        });
  }

  @Override
  public Optional<Device> boundTo(PilotId pilot, TwinId twin) {
    return database.inPilot(
        pilot,
        transaction ->
            transaction
                .createQuery(
                    "SELECT "
                        + COLUMNS
                        + " FROM pilots.device WHERE pilot = :pilot AND :twin = ANY(twins)"
                        + " ORDER BY device LIMIT 1")
                .bind("pilot", pilot.value())
                .bind("twin", twin.value())
                .map((row, context) -> device(row))
                .findOne());
  }

  @Override
  public Optional<Device> find(PilotId pilot, DeviceId device) {
    return listed.get(pilot + "/" + device);
  }

  private Optional<Device> list(String key) {
    int slash = key.indexOf('/');
    return read(new PilotId(key.substring(0, slash)), new DeviceId(key.substring(slash + 1)));
  }

  /** As it stands in the store now. */
  public Optional<Device> read(PilotId pilot, DeviceId device) {
    return database.inPilot(
        pilot,
        transaction ->
            transaction
                .createQuery(
                    "SELECT "
                        + COLUMNS
                        + " FROM pilots.device WHERE pilot = :pilot AND device = :device")
                .bind("pilot", pilot.value())
                .bind("device", device.value())
                .map((row, context) -> device(row))
                .findOne());
  }

  public List<Device> page(PilotId pilot, String after, int limit) {
    return database.inPilot(
        pilot,
        transaction -> {
          requirePilot(transaction, pilot);
          return transaction
              .createQuery(
                  "SELECT "
                      + COLUMNS
                      + " FROM pilots.device WHERE pilot = :pilot"
                      + " AND device > :after ORDER BY device LIMIT :limit")
              .bind("pilot", pilot.value())
              .bind("after", after)
              .bind("limit", limit)
              .map((row, context) -> device(row))
              .list();
        });
  }

  private static byte[] hold(Handle transaction, PilotId pilot, DeviceId device) {
    return transaction
        .createQuery(
            "SELECT token_hash FROM pilots.device WHERE pilot = :pilot AND device = :device"
                + " FOR UPDATE")
        .bind("pilot", pilot.value())
        .bind("device", device.value())
        .mapTo(byte[].class)
        .findOne()
        .orElseThrow(Devices::notFound);
  }

  private static void requirePilot(Handle transaction, PilotId pilot) {
    boolean there =
        transaction
            .createQuery("SELECT EXISTS (SELECT 1 FROM pilots.pilot WHERE pilot = :pilot)")
            .bind("pilot", pilot.value())
            .mapTo(Boolean.class)
            .one();
    if (!there) {
      throw Pilots.notFound();
    }
  }

  private static Device device(ResultSet row) throws SQLException {
    Array twins = row.getArray("twins");
    return new Device(
        new DeviceId(row.getString("device")),
        new PilotId(row.getString("pilot")),
        Arrays.stream((String[]) twins.getArray()).map(TwinId::new).collect(Collectors.toSet()),
        row.getObject("created_at", OffsetDateTime.class).toInstant(),
        instant(row, "rotated_at"),
        instant(row, "last_seen_at"));
  }

  static Optional<Instant> instant(ResultSet row, String column) throws SQLException {
    return Optional.ofNullable(row.getObject(column, OffsetDateTime.class))
        .map(OffsetDateTime::toInstant);
  }

  private static List<String> words(Set<TwinId> twins) {
    return twins.stream().map(TwinId::value).sorted().toList();
  }

  private static String resource(PilotId pilot, DeviceId device) {
    return "device:" + pilot + "/" + device;
  }

  public static Problem notFound() {
    return Problem.of(ProblemCode.NOT_FOUND, "There is no such device.");
  }
}
