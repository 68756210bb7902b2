package org.pilothouse.datasets.internal;

import io.micrometer.core.instrument.MeterRegistry;
import java.net.URI;
import java.time.Clock;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.pilothouse.datasets.Dataset;
import org.pilothouse.datasets.Site;
import org.pilothouse.kernel.PilotId;
import org.pilothouse.kernel.Problem;
import org.pilothouse.kernel.ProblemCode;
import org.pilothouse.platform.objectstore.EndpointRules;
import org.pilothouse.platform.objectstore.ObjectStore;
import org.pilothouse.platform.objectstore.ObjectStoreConfig;

/**
 * Where bytes can be asked for: the consortium's store, and those of pilots, which are kept open
 * for a while. A pilot's store is made anew when its site has another revision.
 */
public final class Stores implements AutoCloseable {
  /** Of all that the platform writes at a pilot's endpoint; nothing else there begins so. */
  static final String OWN_PREFIX = "pilothouse/";

  private static final int MOST_OPEN = 64;

  private final ObjectStore centre;
  private final Sites sites;
  private final EndpointRules rules;
  private final Clock clock;
  private final MeterRegistry metrics;
  private final Map<PilotId, Opened> open = new LinkedHashMap<>(16, 0.75f, true);

  Stores(ObjectStore centre, Sites sites, EndpointRules rules, Clock clock, MeterRegistry metrics) {
    this.centre = centre;
    this.sites = sites;
    this.rules = rules;
    this.clock = clock;
    this.metrics = metrics;
  }

  private record Opened(long revision, ObjectStore store) {}

  /** The consortium's. */
  public ObjectStore centre() {
    return centre;
  }

  /** The form of a pointer to the bytes of a dataset, wherever they are. */
  public URI uriOf(Dataset dataset) {
    return switch (dataset.place()) {
      case Dataset.Place.Centre centreOnly -> centre.uriOf(dataset.key());
      case Dataset.Place.AtSite site -> ObjectStore.uriOf(site.bucket(), dataset.key());
    };
  }

  /**
   * The store that has the bytes of a dataset.
   *
   * @throws Problem as {@link #of(Site)}, {@code endpoint_unreachable} where there is no endpoint
   */
  public ObjectStore of(Dataset dataset) {
    return switch (dataset.place()) {
      case Dataset.Place.Centre centreOnly -> centre;
      case Dataset.Place.AtSite atSite -> of(siteOf(dataset, atSite));
    };
  }

  /**
   * The store that has a bucket of a pilot.
   *
   * @param siteBucket null: the consortium's
   * @throws Problem as {@link #of(Dataset)}
   */
  ObjectStore of(PilotId pilot, @Nullable String siteBucket) {
    return siteBucket == null ? centre : of(siteOf(pilot, siteBucket));
  }

  private Site siteOf(Dataset dataset, Dataset.Place.AtSite place) {
    return siteOf(dataset.pilot(), place.bucket());
  }

  private Site siteOf(PilotId pilot, String bucket) {
    return sites
        .find(pilot)
        .filter(site -> site.bucket().equals(bucket))
        .orElseThrow(() ->
            Problem.of(
                ProblemCode.ENDPOINT_UNREACHABLE,
                "The pilot has no endpoint with the bucket " + bucket + "."));
  }

  /** Whether the checksums that the store of a dataset keeps are believed. */
  boolean trustsStoredChecksums(Dataset dataset) {
    return switch (dataset.place()) {
      case Dataset.Place.Centre centreOnly -> false;
      case Dataset.Place.AtSite atSite -> siteOf(dataset, atSite).trustsStoredChecksums();
    };
  }

  /**
   * A pilot's own store.
   *
   * @throws Problem {@code agreement_ended}, {@code credentials_refused} when a date says so,
   *     {@code endpoint_not_allowed} when the installation no longer lists it
   */
  public ObjectStore of(Site site) {
    switch (site.seen().state()) {
      case AGREEMENT_ENDED ->
          throw Problem.of(
              ProblemCode.AGREEMENT_ENDED, "The agreement about the pilot's endpoint has ended.");
      case CREDENTIALS_EXPIRED -> {
        if (site.seen().probedAt() == null) {
          throw Problem.of(
              ProblemCode.CREDENTIALS_REFUSED,
              "The time of the credentials for the pilot's endpoint is over.");
        }
      }
      // What a look has shown may be otherwise by now.
      case UNKNOWN, REACHABLE, UNREACHABLE, OBJECT_MISSING, OBJECT_CHANGED -> {}
    }
    var unused = rules.check(site.endpoint().toString());
    ObjectStore found = opened(site);
    return found == null ? open(site, sites.secretOf(site)) : found;
  }

  private synchronized @Nullable ObjectStore opened(Site site) {
    Opened there = open.get(site.pilot());
    return there != null && there.revision() == site.revision() ? there.store() : null;
  }

  private synchronized ObjectStore open(Site site, String secret) {
    ObjectStore there = opened(site);
    if (there != null) {
      return there;
    }
    ObjectStore store =
        ObjectStore.ofSite(
            ObjectStoreConfig.ofSite(
                site.endpoint(), site.region(), site.accessKey(), secret, site.bucket()),
            rules,
            clock,
            metrics);
    Opened before = open.put(site.pilot(), new Opened(site.revision(), store));
    if (before != null) {
      before.store().close();
    }
    if (open.size() > MOST_OPEN) {
      PilotId longest = open.keySet().iterator().next();
      Opened gone = open.remove(longest);
      if (gone != null) {
        gone.store().close();
      }
    }
    return store;
  }

  @Override
  public void close() {
    List<Opened> left;
    synchronized (this) {
      left = new ArrayList<>(open.values());
      open.clear();
    }
    left.forEach(opened -> opened.store().close());
  }
}
