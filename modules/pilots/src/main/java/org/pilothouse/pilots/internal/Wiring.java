package org.pilothouse.pilots.internal;

import io.micrometer.core.instrument.MeterRegistry;
import java.security.SecureRandom;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicReference;
import org.pilothouse.kernel.EventIds;
import org.pilothouse.kernel.Secrets;
import org.pilothouse.pilots.PilotProvisioning;
import org.pilothouse.pilots.PilotsConfig;
import org.pilothouse.platform.postgres.Database;
import org.pilothouse.platform.postgres.Outbox;
import org.pilothouse.platform.web.Authentication;
import org.pilothouse.platform.web.WebConfig;

/** The room's parts, each made once. */
public final class Wiring implements AutoCloseable {
  private static final int HASHES_AT_A_TIME =
      Math.max(1, Math.min(8, Runtime.getRuntime().availableProcessors() / 2));
  private static final Duration PRUNING = Duration.ofMinutes(1);

  private final PilotsConfig config;
  private final WebConfig web;
  private final PostgresAuditTrail trail;
  private final Pilots pilots;
  private final CachedPilotDirectory directory;
  private final Devices devices;
  private final People people;
  private final SignIn signIn;
  private final Authentication authentication;
  private final BrokerDoor brokerDoor;
  private final Optional<Oidc> oidc;
  private final Provisioner provisioner;

  private Wiring(
      PilotsConfig config,
      WebConfig web,
      PostgresAuditTrail trail,
      Pilots pilots,
      CachedPilotDirectory directory,
      Devices devices,
      People people,
      SignIn signIn,
      Authentication authentication,
      BrokerDoor brokerDoor,
      Optional<Oidc> oidc,
      Provisioner provisioner) {
    this.config = config;
    this.web = web;
    this.trail = trail;
    this.pilots = pilots;
    this.directory = directory;
    this.devices = devices;
    this.people = people;
    this.signIn = signIn;
    this.authentication = authentication;
    this.brokerDoor = brokerDoor;
    this.oidc = oidc;
    this.provisioner = provisioner;
  }

  public static Wiring start(
      PilotsConfig config,
      WebConfig web,
      Database database,
      Outbox outbox,
      PilotProvisioning provisioning,
      EventIds ids,
      SecureRandom random,
      Clock clock,
      MeterRegistry registry) {
    Secrets secrets = new Secrets(config.secretsKey(), random);
    PostgresAuditTrail trail = new PostgresAuditTrail(database, clock);
    Facts facts = new Facts(outbox, ids, clock);
    Passwords passwords = new Passwords(secrets, Passwords.Figures.CURRENT, HASHES_AT_A_TIME);
    Credentials credentials = new Credentials(database, secrets, config, clock);
    Lockout lockout = new Lockout(database, clock, config.userFailures(), config.addressFailures());
    AtomicReference<Runnable> changed = new AtomicReference<>(() -> {});
    Pilots pilots = new Pilots(database, trail, facts, clock, () -> changed.get().run());
    CachedPilotDirectory directory = new CachedPilotDirectory(pilots, database, clock);
    Devices devices = new Devices(database, trail, facts, secrets, clock);
    People people = new People(database, trail, passwords, credentials, clock);
    SignIn signIn = new SignIn(database, trail, passwords, credentials, lockout, secrets, clock);
    Provisioner provisioner =
        new Provisioner(
            pilots, directory, provisioning, pruning(database, credentials, lockout, clock));
    changed.set(() -> {
      directory.forget();
      provisioner.wake();
    });
    config
        .firstStartFile()
        .ifPresent(new FirstStart(database, trail, pilots, people, passwords)::run);
    provisioner.start();
    return new Wiring(
        config,
        web,
        trail,
        pilots,
        directory,
        devices,
        people,
        signIn,
        new StoredAuthentication(credentials, devices, trail),
        new BrokerDoor(devices, config.brokerKey(), clock, registry),
        config
            .provider()
            .map(provider ->
                new Oidc(
                    provider, web, database, people, credentials, signIn, trail, secrets, clock)),
        provisioner);
  }

  private static Runnable pruning(
      Database database, Credentials credentials, Lockout lockout, Clock clock) {
    AtomicReference<Instant> last = new AtomicReference<>(Instant.EPOCH);
    return () -> {
      Instant now = clock.instant();
      if (last.get().plus(PRUNING).isAfter(now)) {
        return;
      }
      last.set(now);
      database.runAsPlatform(transaction -> {
        credentials.prune(transaction);
        lockout.prune(transaction);
      });
    };
  }

  public PilotsConfig config() {
    return config;
  }

  public WebConfig web() {
    return web;
  }

  public PostgresAuditTrail trail() {
    return trail;
  }

  public Pilots pilots() {
    return pilots;
  }

  public CachedPilotDirectory directory() {
    return directory;
  }

  public Devices devices() {
    return devices;
  }

  public People people() {
    return people;
  }

  public SignIn signIn() {
    return signIn;
  }

  public Authentication authentication() {
    return authentication;
  }

  public BrokerDoor brokerDoor() {
    return brokerDoor;
  }

  public Optional<Oidc> oidc() {
    return oidc;
  }

  @Override
  public void close() {
    provisioner.close();
  }
}
