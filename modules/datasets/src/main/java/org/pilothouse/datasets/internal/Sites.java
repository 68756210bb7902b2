package org.pilothouse.datasets.internal;

import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jdbi.v3.core.Handle;
import org.jspecify.annotations.Nullable;
import org.pilothouse.datasets.Replayability;
import org.pilothouse.datasets.Site;
import org.pilothouse.kernel.PilotId;
import org.pilothouse.kernel.Problem;
import org.pilothouse.kernel.ProblemCode;
import org.pilothouse.kernel.Secrets;
import org.pilothouse.pilots.AuditEvent;
import org.pilothouse.pilots.AuditTrail;
import org.pilothouse.platform.objectstore.EndpointRules;
import org.pilothouse.platform.postgres.Database;
import org.pilothouse.platform.web.Caller;
import org.pilothouse.platform.web.Revision;

/** Pilots' own endpoints, one each, with their credentials. */
public final class Sites {
  static final String COLUMNS =
      "s.pilot_id, s.endpoint, s.bucket, s.region, s.access_key, s.trusts_stored_checksums,"
          + " s.takes_uploads, s.writable, s.write_detail, s.credentials_expire_at, s.agreement_until, s.state, s.detail, s.probed_at,"
          + " s.revision, s.created_at, s.updated_at, coalesce(s.credentials_expire_at <= now(),"
          + " false) AS credentials_over, coalesce(s.agreement_until <= now(), false) AS"
          + " agreement_over";

  private final Database database;
  private final EndpointRules rules;
  private final Secrets secrets;
  private final AuditTrail trail;

  Sites(Database database, EndpointRules rules, Secrets secrets, AuditTrail trail) {
    this.database = database;
    this.rules = rules;
    this.secrets = secrets;
    this.trail = trail;
  }

  /**
   * What a pilot says of its endpoint.
   *
   * @param endpoint as it was given
   * @param secret null: the one that is there
   */
  public record NewSite(
      String endpoint,
      String bucket,
      String region,
      String accessKey,
      @Nullable String secret,
      boolean trustsStoredChecksums,
      boolean takesUploads,
      @Nullable Instant credentialsExpireAt,
      @Nullable Instant agreementUntil) {
    @Override
    public String toString() {
      return "NewSite[endpoint=" + endpoint + ", bucket=" + bucket + "]";
    }
  }

  public Optional<Site> find(PilotId pilot) {
    return database.inPilot(pilot, transaction -> find(transaction, pilot, false));
  }

  /**
   * @throws Problem {@code not_found}
   */
  public Site require(PilotId pilot) {
    return find(pilot).orElseThrow(Sites::notFound);
  }

  static Problem notFound() {
    return Problem.of(ProblemCode.NOT_FOUND, "The pilot has no endpoint of its own.");
  }

  static Optional<Site> find(Handle transaction, PilotId pilot, boolean hold) {
    return transaction
        .createQuery(
            "SELECT "
                + COLUMNS
                + " FROM datasets.site s WHERE s.pilot_id = :pilot"
                + (hold ? " FOR UPDATE" : ""))
        .bind("pilot", pilot.value())
        .map((row, context) -> read(row))
        .findOne();
  }

  static Site read(ResultSet row) throws SQLException {
    return new Site(
        new PilotId(row.getString("pilot_id")),
        URI.create(row.getString("endpoint")),
        row.getString("bucket"),
        row.getString("region"),
        row.getString("access_key"),
        row.getBoolean("trusts_stored_checksums"),
        row.getBoolean("takes_uploads"),
        (Boolean) row.getObject("writable"),
        row.getString("write_detail"),
        DatasetRows.optionalInstant(row, "credentials_expire_at"),
        DatasetRows.optionalInstant(row, "agreement_until"),
        seen(row),
        row.getLong("revision"),
        DatasetRows.instant(row, "created_at"),
        DatasetRows.instant(row, "updated_at"));
  }

  /** What a date says comes before what a look has shown. */
  private static Replayability seen(ResultSet row) throws SQLException {
    if (row.getBoolean("agreement_over")) {
      return new Replayability(
          Replayability.State.AGREEMENT_ENDED, "The agreement about the endpoint has ended.", null);
    }
    if (row.getBoolean("credentials_over")) {
      return new Replayability(
          Replayability.State.CREDENTIALS_EXPIRED, "The time of the credentials is over.", null);
    }
    return Replayability.of(
        row.getString("state"),
        row.getString("detail"),
        DatasetRows.optionalInstant(row, "probed_at"));
  }

  /** The secret, for the one who connects; read at the revision that the site has. */
  String secretOf(Site site) {
    byte[] sealed =
        database.inPilot(
            site.pilot(),
            transaction ->
                transaction
                    .createQuery(
                        "SELECT secret FROM datasets.site WHERE pilot_id = :pilot AND revision ="
                            + " :revision")
                    .bind("pilot", site.pilot().value())
                    .bind("revision", site.revision())
                    .mapTo(byte[].class)
                    .findOne()
                    .orElseThrow(() ->
                        Problem.of(ProblemCode.CONFLICT, "The endpoint was changed meanwhile.")));
    return new String(secrets.open(sealed, context(site.pilot())), StandardCharsets.UTF_8);
  }

  private static String context(PilotId pilot) {
    return "site:" + pilot;
  }

  /** The site, and whether there was none before. */
  public record Put(Site site, boolean created) {}

  /**
   * Sets a pilot's endpoint, or changes it.
   *
   * @param ifMatch the header; needed where there is one already
   * @throws Problem {@code endpoint_not_allowed}, {@code invalid_value}, {@code missing_field},
   *     {@code precondition_failed}, {@code precondition_required}, {@code conflict} for another
   *     bucket while datasets rest in the one before
   */
  public Put put(Caller caller, PilotId pilot, @Nullable String ifMatch, NewSite wanted) {
    URI endpoint = rules.check(wanted.endpoint());
    rules.checkAddresses(endpoint);
    return database.inPilot(
        pilot,
        transaction -> {
          Optional<Site> before = find(transaction, pilot, true);
          check(transaction, before, ifMatch, endpoint, wanted);
          if (before.isPresent()) {
            update(transaction, pilot, endpoint, wanted);
          } else {
            insert(transaction, pilot, endpoint, wanted);
          }
          Site site = find(transaction, pilot, false).orElseThrow();
          trail.record(
              transaction,
              AuditEvent.allowed(
                      caller,
                      pilot,
                      before.isPresent() ? "site.update" : "site.create",
                      resource(pilot))
                  .with(
                      Map.of(
                          "endpoint", site.endpoint().toString(),
                          "bucket", site.bucket(),
                          "secret", wanted.secret() == null ? "kept" : "set",
                          "revision", Long.toString(site.revision()))));
          return new Put(site, before.isEmpty());
        });
  }

  private static void check(
      Handle transaction,
      Optional<Site> before,
      @Nullable String ifMatch,
      URI endpoint,
      NewSite wanted) {
    if (before.isEmpty()) {
      if (ifMatch != null && !ifMatch.isBlank()) {
        throw Problem.of(ProblemCode.PRECONDITION_FAILED, "There is no endpoint yet.");
      }
      if (wanted.secret() == null) {
        throw Problem.at(
            ProblemCode.MISSING_FIELD, "/secret_key", "The field /secret_key is missing.");
      }
      return;
    }
    Site site = before.get();
    new Revision(site.revision()).check(ifMatch);
    // Who knows the secret says where it goes: nobody else sends it somewhere new.
    if (wanted.secret() == null
        && !(site.endpoint().equals(endpoint) && site.accessKey().equals(wanted.accessKey()))) {
      throw Problem.at(
          ProblemCode.MISSING_FIELD,
          "/secret_key",
          "The secret is needed again where endpoint or access key are new.");
    }
    if (!site.bucket().equals(wanted.bucket()) && isNeeded(transaction, site.pilot())) {
      throw Problem.of(
          ProblemCode.CONFLICT,
          "Datasets rest in " + site.bucket() + ", so the bucket stays what it is.");
    }
    if (site.takesUploads()
        && !wanted.takesUploads()
        && Moves.needingSite(transaction, site.pilot()) > 0) {
      throw Problem.of(
          ProblemCode.CONFLICT,
          "Datasets are being moved, or old bytes are to be removed there: it stays writable.");
    }
  }

  private void insert(Handle transaction, PilotId pilot, URI endpoint, NewSite wanted) {
    int inserted =
        transaction
            .createUpdate(
                "INSERT INTO datasets.site (pilot_id, endpoint, bucket, region, access_key, secret,"
                    + " trusts_stored_checksums, takes_uploads, credentials_expire_at,"
                    + " agreement_until, created_at, updated_at) VALUES (:pilot, :endpoint,"
                    + " :bucket, :region, :access, :secret, :trusts, :takes, :expire, :until, now(), now()) ON CONFLICT DO"
                    + " NOTHING")
            .bind("pilot", pilot.value())
            .bind("endpoint", endpoint.toString())
            .bind("bucket", wanted.bucket())
            .bind("region", wanted.region())
            .bind("access", wanted.accessKey())
            .bind("secret", sealed(pilot, wanted))
            .bind("trusts", wanted.trustsStoredChecksums())
            .bind("takes", wanted.takesUploads())
            .bind("expire", time(wanted.credentialsExpireAt()))
            .bind("until", time(wanted.agreementUntil()))
            .execute();
    if (inserted == 0) {
      throw Problem.of(ProblemCode.PRECONDITION_REQUIRED, "Somebody has just set an endpoint.");
    }
  }

  private void update(Handle transaction, PilotId pilot, URI endpoint, NewSite wanted) {
    transaction
        .createUpdate(
            "UPDATE datasets.site SET endpoint = :endpoint, bucket = :bucket, region = :region,"
                + " access_key = :access, secret = coalesce(:secret, secret),"
                + " trusts_stored_checksums = :trusts, takes_uploads = :takes, writable ="
                + " NULL, write_detail = NULL, credentials_expire_at = :expire,"
                + " agreement_until = :until, state = 'unknown', detail = NULL, probed_at = NULL,"
                + " probe_lease_until = NULL, revision = revision + 1, updated_at = now() WHERE"
                + " pilot_id = :pilot")
        .bind("pilot", pilot.value())
        .bind("endpoint", endpoint.toString())
        .bind("bucket", wanted.bucket())
        .bind("region", wanted.region())
        .bind("access", wanted.accessKey())
        .bind("secret", sealed(pilot, wanted))
        .bind("trusts", wanted.trustsStoredChecksums())
        .bind("takes", wanted.takesUploads())
        .bind("expire", time(wanted.credentialsExpireAt()))
        .bind("until", time(wanted.agreementUntil()))
        .execute();
  }

  private byte @Nullable [] sealed(PilotId pilot, NewSite wanted) {
    return wanted.secret() == null
        ? null
        : secrets.seal(wanted.secret().getBytes(StandardCharsets.UTF_8), context(pilot));
  }

  private static java.time.@Nullable OffsetDateTime time(@Nullable Instant instant) {
    return instant == null ? null : instant.atOffset(ZoneOffset.UTC);
  }

  /**
   * @throws Problem {@code not_found}, {@code conflict} while datasets rest there
   */
  public void remove(Caller caller, PilotId pilot) {
    database.runInPilot(
        pilot,
        transaction -> {
          Site site = find(transaction, pilot, true).orElseThrow(Sites::notFound);
          long resting = resting(transaction, pilot);
          if (resting > 0) {
            throw Problem.of(
                ProblemCode.CONFLICT,
                resting + " datasets rest there; withdraw them first, or move them.");
          }
          if (Moves.needingSite(transaction, pilot) > 0) {
            throw Problem.of(
                ProblemCode.CONFLICT,
                "Datasets are being moved, or old bytes are to be removed there.");
          }
          transaction
              .createUpdate("DELETE FROM datasets.site WHERE pilot_id = :pilot")
              .bind("pilot", pilot.value())
              .execute();
          trail.record(
              transaction,
              AuditEvent.allowed(caller, pilot, "site.delete", resource(pilot))
                  .with(Map.of("endpoint", site.endpoint().toString())));
        });
  }

  /** How many datasets have their bytes there. */
  public long resting(PilotId pilot) {
    return database.inPilot(pilot, transaction -> resting(transaction, pilot));
  }

  static long resting(Handle transaction, PilotId pilot) {
    return transaction
        .createQuery(
            "SELECT count(*) FROM datasets.dataset WHERE pilot_id = :pilot AND site_bucket IS NOT"
                + " NULL AND state NOT IN ('quarantined', 'deleted')")
        .bind("pilot", pilot.value())
        .mapTo(Long.class)
        .one();
  }

  /** Whether there is anything that the platform put there. */
  boolean hasWritten(PilotId pilot) {
    return database.inPilot(
        pilot,
        transaction ->
            transaction
                .createQuery(
                    "SELECT EXISTS (SELECT 1 FROM datasets.dataset WHERE pilot_id = :pilot AND"
                        + " site_written)")
                .bind("pilot", pilot.value())
                .mapTo(Boolean.class)
                .one());
  }

  private static boolean isNeeded(Handle transaction, PilotId pilot) {
    return resting(transaction, pilot) > 0 || Moves.needingSite(transaction, pilot) > 0;
  }

  static String resource(PilotId pilot) {
    return "site:" + pilot;
  }

  /** States that a look may note; others follow from dates. */
  static final Set<Replayability.State> NOTED =
      Set.of(
          Replayability.State.REACHABLE,
          Replayability.State.UNREACHABLE,
          Replayability.State.CREDENTIALS_EXPIRED);
}
