package org.pilothouse.datasets.internal;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.net.URI;
import java.time.Clock;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.pilothouse.datasets.Checksum;
import org.pilothouse.datasets.Dataset;
import org.pilothouse.datasets.NewDataset;
import org.pilothouse.pilots.Pilot;
import org.pilothouse.platform.objectstore.ObjectStore;
import org.pilothouse.platform.objectstore.ObjectStoreConfig;

/** A federated pilot's own bucket, and what a test says of it. */
final class PilotSite implements AutoCloseable {
  private final Hold hold;
  final ObjectStore bucket;
  boolean takesUploads;

  PilotSite(Hold hold) {
    this.hold = hold;
    ObjectStoreConfig config = hold.config;
    this.bucket =
        new ObjectStore(
            ObjectStoreConfig.ofSite(
                config.endpoint(),
                config.region(),
                config.accessKey(),
                config.secretKey(),
                Hold.PILOT_BUCKET),
            Clock.systemUTC(),
            new SimpleMeterRegistry());
    hold.storage =
        new Pilot.Storage.Federated(config.endpoint().toString(), Optional.of(Hold.PILOT_BUCKET));
  }

  Sites.NewSite said() {
    return said(hold.config.endpoint(), hold.config.secretKey(), null, null);
  }

  Sites.NewSite said(
      URI endpoint,
      @Nullable String secret,
      @Nullable Instant credentialsExpireAt,
      @Nullable Instant agreementUntil) {
    return new Sites.NewSite(
        endpoint.toString(),
        Hold.PILOT_BUCKET,
        hold.config.region(),
        hold.config.accessKey(),
        secret,
        false,
        takesUploads,
        credentialsExpireAt,
        agreementUntil);
  }

  /** Sets the endpoint, whatever it was. */
  void set(Wiring node, Sites.NewSite said) {
    var unused =
        node.sites()
            .put(
                Hold.ADA,
                hold.pilot1(),
                node.sites().find(hold.pilot1()).isPresent() ? "*" : null,
                said);
  }

  /** Before all that the platform writes there. */
  String own() {
    return Stores.OWN_PREFIX + hold.pilot1() + "/";
  }

  String key(String name) {
    return hold.pilot1() + "/" + name;
  }

  void put(String name, byte[] bytes) {
    bucket.put(key(name), "text/csv", bytes);
  }

  URI uri(String name) {
    return ObjectStore.uriOf(Hold.PILOT_BUCKET, key(name));
  }

  NewDataset wanted(String name, long size, Optional<Checksum> checksum) {
    return new NewDataset(
        name,
        "text/csv",
        size,
        checksum,
        null,
        Map.of(),
        new Dataset.Lineage(java.util.List.of(), Dataset.Maker.REGISTRATION, null),
        null,
        uri(name));
  }

  Dataset register(Wiring node, String name, long size, Optional<Checksum> checksum) {
    return node.registrations()
        .register(Hold.ADA, hold.pilot1(), wanted(name, size, checksum), uri(name))
        .dataset();
  }

  /** An object that is registered and verified. */
  Dataset registered(Wiring node, String name, byte[] bytes) {
    put(name, bytes);
    Dataset dataset = register(node, name, bytes.length, Optional.empty());
    hold.verify(node);
    return hold.find(dataset.id());
  }

  @Override
  public void close() {
    bucket
        .list(hold.pilot1() + "/", "", 1_000)
        .items()
        .forEach(object -> bucket.remove(object.key()));
    bucket.list(own(), "", 1_000).items().forEach(object -> bucket.remove(object.key()));
    bucket.uploads(own()).items().forEach(open -> bucket.abort(open.key(), open.uploadId()));
    bucket.close();
  }
}
