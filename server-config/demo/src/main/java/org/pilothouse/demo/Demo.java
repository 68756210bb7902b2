package org.pilothouse.demo;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.net.URI;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.LongAdder;
import java.util.logging.Level;
import java.util.logging.Logger;
import org.jspecify.annotations.Nullable;
import org.pilothouse.ctl.api.ApiProblem;
import org.pilothouse.ctl.api.Home;
import org.pilothouse.ctl.api.PilothouseApi;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code ./pilothouse demo}. */
@Command(
    name = "demo",
    description = {
      "Feeds a simulated consortium through the public API, like any device:",
      "first the past days, then live traffic until Ctrl-C."
    },
    mixinStandardHelpOptions = true,
    footer = {
      "",
      "The same seed gives the same machines with the same lives.",
      "Exit codes: 0 done, 1 the platform refused or is away, 2 usage."
    })
public final class Demo implements Callable<Integer> {
  private static final String GATEWAY = "demo-gateway";
  private static final int BATCH = 2_000;
  private static final Duration TICK = Duration.ofMillis(250);
  private static final int MQTT_DEVICES = 3;

  @Option(names = "--pilots", defaultValue = "3", description = "default: ${DEFAULT-VALUE}")
  int pilots;

  @Option(
      names = "--twins",
      defaultValue = "12",
      description = "machines a pilot; default: ${DEFAULT-VALUE}")
  int twins;

  @Option(
      names = "--rate",
      defaultValue = "60",
      description = "live events a second, all pilots together; default: ${DEFAULT-VALUE}")
  double rate;

  @Option(
      names = "--days",
      defaultValue = "2",
      description = "days of the past to report first, and to close; default: ${DEFAULT-VALUE}")
  int days;

  @Option(
      names = "--interval",
      defaultValue = "60",
      description =
          "seconds between two readings of a machine in the past; default: ${DEFAULT-VALUE}")
  int interval;

  @Option(names = "--seed", defaultValue = "42", description = "default: ${DEFAULT-VALUE}")
  long seed;

  @Option(
      names = "--late",
      defaultValue = "0",
      description = "share of lines that come late, 0 to 1")
  double late;

  @Option(
      names = "--duplicates",
      defaultValue = "0",
      description = "share of lines that come twice, 0 to 1")
  double duplicates;

  @Option(
      names = "--duration",
      paramLabel = "SECONDS",
      defaultValue = "0",
      description = "stop the live traffic after so long; 0 (default): at Ctrl-C")
  long duration;

  @Option(names = "--no-mqtt", description = "everything over HTTP")
  boolean noMqtt;

  /** By pilot, the reading of the past that a gateway could not bring. */
  private final Map<String, String> heldBack = new ConcurrentHashMap<>();

  private final LongAdder accepted = new LongAdder();
  private final LongAdder rejected = new LongAdder();
  private final LongAdder byMqtt = new LongAdder();
  private final LongAdder skipped = new LongAdder();
  private volatile boolean ended;

  public static void main(String[] args) {
    Logger.getLogger("").setLevel(Level.WARNING);
    System.exit(new CommandLine(new Demo()).execute(args));
  }

  @Override
  public Integer call() throws Exception {
    if (pilots < 1
        || pilots > 64
        || twins < 1
        || twins > 10_000
        || rate <= 0
        || days < 0
        || days > 366
        || interval < 1
        || late < 0
        || late > 1
        || duplicates < 0
        || duplicates > 1) {
      System.err.println("demo: an option is out of range; see --help");
      return 2;
    }
    Thread main = Thread.currentThread();
    Runtime.getRuntime()
        .addShutdownHook(
            Thread.ofPlatform()
                .unstarted(() -> {
                  ended = true;
                  try {
                    main.join(5_000);
                  } catch (InterruptedException e) {
                    Thread.currentThread().interrupt();
                  }
                }));
    try {
      feed(Home.of(System.getenv()));
      return 0;
    } catch (ApiProblem problem) {
      System.err.println("demo: " + problem.code() + ": " + problem.getMessage());
      return 1;
    }
  }

  private void feed(Home home) throws Exception {
    Instant now = Instant.now().truncatedTo(ChronoUnit.MINUTES);
    // Aligned to days, so that a second demo of the same seed tells the same past again.
    Instant today = now.truncatedTo(ChronoUnit.DAYS);
    List<Site> sites = Site.consortium(pilots, twins, seed, today.minus(Duration.ofDays(days + 1)));
    // A site's day may have begun on the day before, in UTC.
    Instant start = ClosedDays.begin(sites, days, now).truncatedTo(ChronoUnit.DAYS);
    try (PilothouseApi anyone = PilothouseApi.at(home.baseUrl())) {
      PilothouseApi platform = anyone.signedIn(home.user("platform"));
      Map<String, Gateway> gateways = new HashMap<>();
      Map<String, MqttDevice> mqtt = new HashMap<>();
      for (Site site : sites) {
        ensurePilot(platform, site);
        new Introduction(platform, site).make();
        Obedience obedience = new Obedience(site.twins());
        PilothouseApi gateway = anyone.withToken(token(platform, site.pilot(), GATEWAY, List.of()));
        gateways.put(
            site.pilot(), new Gateway(gateway, site.pilot(), accepted, rejected, Demo::say));
        Thread.ofPlatform()
            .daemon()
            .name("commands-" + site.pilot())
            .start(new FetchedCommands(gateway, site.pilot(), GATEWAY, obedience, () -> ended));
        if (!noMqtt) {
          connect(home, platform, site, mqtt, obedience);
        }
      }
      say(
          "%d pilots with %d machines each; %d machines publish by MQTT",
          sites.size(), twins, mqtt.size());
      if (days > 0) {
        past(sites, gateways, start, now);
        close(home, platform, sites, gateways, now);
      }
      say("");
      say("live: %.0f events/s. Look at %s/", rate, home.baseUrl());
      say("  sign in as 'operator' (pilot aurora) or 'platform' (all); the passwords are in");
      say("  %s", home.directory().resolve("credentials.json"));
      say("  ./pilothouse ctl tail aurora         the events as they pass");
      say("  ./pilothouse ctl overview aurora     the counts");
      say("The machines answer commands; half the load, and the chart shows it:");
      say("  ./pilothouse ctl twins command aurora pump-01 limit_load --input '{\"percent\":40}'");
      say(duration == 0 ? "Ctrl-C ends it." : "It ends after " + duration + " s.");
      try {
        live(sites, gateways, mqtt);
      } finally {
        mqtt.values().forEach(MqttDevice::close);
      }
      say(
          "%,d events over HTTP, %,d by MQTT, %,d refused, %,d skipped",
          accepted.sum(), byMqtt.sum(), rejected.sum(), skipped.sum());
    }
  }

  private void connect(
      Home home,
      PilothouseApi platform,
      Site site,
      Map<String, MqttDevice> mqtt,
      Obedience obedience) {
    URI broker = URI.create(home.endpoints().path("mqtt").asText());
    for (Twin twin : site.twins().subList(0, Math.min(MQTT_DEVICES, site.twins().size()))) {
      String token = token(platform, site.pilot(), twin.id(), List.of(twin.id()));
      MqttDevice device = new MqttDevice(broker, site.pilot(), twin.id(), token, byMqtt, obedience);
      try {
        device.connect();
        mqtt.put(site.pilot() + "/" + twin.id(), device);
      } catch (Exception e) {
        say("%s does not connect by MQTT (%s); it reports over HTTP", twin.id(), e.getMessage());
        device.close();
      }
    }
  }

  private void past(List<Site> sites, Map<String, Gateway> gateways, Instant start, Instant now)
      throws Exception {
    say("past: %d days, a reading every %d s", days, interval);
    long begin = System.nanoTime();
    try (ExecutorService feeders = Executors.newFixedThreadPool(Math.min(4, sites.size()))) {
      List<Future<?>> feeds = new ArrayList<>();
      for (Site site : sites) {
        feeds.add(
            feeders.submit(() -> {
              past(site, gatewayOf(gateways, site), start, now);
              return null;
            }));
      }
      for (Future<?> feed : feeds) {
        feed.get();
      }
    } catch (java.util.concurrent.ExecutionException e) {
      throw e.getCause() instanceof ApiProblem problem ? problem : e;
    }
    double seconds = (System.nanoTime() - begin) / 1e9;
    say("  %,d events in %.1f s (%,.0f/s)", accepted.sum(), seconds, accepted.sum() / seconds);
  }

  /** As every night, only now; then the reading comes that was missing. */
  private void close(
      Home home,
      PilothouseApi platform,
      List<Site> sites,
      Map<String, Gateway> gateways,
      Instant now)
      throws InterruptedException {
    say("closed days: each becomes Parquet files and a manifest in the hold");
    for (Site site : sites) {
      new ClosedDays(platform, site, Demo::say).begin(ClosedDays.over(site, days, now));
    }
    for (Site site : sites) {
      new ClosedDays(platform, site, Demo::say).await(ClosedDays.over(site, days, now));
    }
    say("a reading of each site comes late, and corrects its last day");
    for (Site site : sites) {
      String line = heldBack.get(site.pilot());
      if (line != null) {
        gatewayOf(gateways, site).report(List.of(line));
        new ClosedDays(platform, site, Demo::say)
            .correct(ClosedDays.over(site, days, now).getLast());
      }
    }
    Site first = sites.getFirst();
    say("DuckDB reads all days of a machine's kind, corrections too, in one line:");
    say(
        "  SELECT twin, count(*), min(time), max(time) FROM read_parquet('%s/%s/*/*/*/*/model=demo-pump/*.parquet')"
            + " GROUP BY twin ORDER BY twin;",
        home.directory().resolve("data/s3").resolve(home.endpoints().at("/s3/bucket").asText()),
        first.pilot());
  }

  private void past(Site site, Gateway gateway, Instant start, Instant now)
      throws InterruptedException {
    Untidiness untidy = new Untidiness(late, duplicates, seed + site.pilot().hashCode());
    List<String> batch = new ArrayList<>(BATCH + 2);
    Instant noon = ClosedDays.noon(site, now);
    for (Instant at = start.plusSeconds(interval);
        at.isBefore(now) && !ended;
        at = at.plusSeconds(interval)) {
      for (Twin twin : site.twins()) {
        String line = twin.line(at);
        if (at.isBefore(noon) || heldBack.putIfAbsent(site.pilot(), line) != null) {
          batch.addAll(untidy.pass(line, at.toEpochMilli()));
        }
        if (batch.size() >= BATCH) {
          gateway.report(batch);
          batch.clear();
        }
      }
    }
    batch.addAll(untidy.rest());
    gateway.report(batch);
  }

  private void live(List<Site> sites, Map<String, Gateway> gateways, Map<String, MqttDevice> mqtt)
      throws InterruptedException {
    List<Thread> feeds = new ArrayList<>();
    for (Site site : sites) {
      feeds.add(
          Thread.ofPlatform()
              .daemon()
              .name("live-" + site.pilot())
              .start(() -> live(site, gatewayOf(gateways, site), mqtt, rate / sites.size())));
    }
    long end = duration == 0 ? Long.MAX_VALUE : System.nanoTime() + duration * 1_000_000_000L;
    long saidAt = System.nanoTime();
    long before = accepted.sum() + byMqtt.sum();
    while (!ended && System.nanoTime() < end && feeds.stream().anyMatch(Thread::isAlive)) {
      Thread.sleep(TICK);
      if (System.nanoTime() - saidAt > 10_000_000_000L) {
        long count = accepted.sum() + byMqtt.sum();
        say("  %,d events, %.0f/s", count, (count - before) * 1e9 / (System.nanoTime() - saidAt));
        saidAt = System.nanoTime();
        before = count;
      }
    }
    ended = true;
    for (Thread feed : feeds) {
      feed.join(3_000);
    }
  }

  private void live(Site site, Gateway gateway, Map<String, MqttDevice> mqtt, double perSecond) {
    Untidiness untidy = new Untidiness(late, duplicates, seed - site.pilot().hashCode());
    long begin = System.nanoTime();
    double owed = 0;
    int next = 0;
    try {
      while (!ended) {
        Thread.sleep(TICK);
        double elapsed = (System.nanoTime() - begin) / 1e9;
        begin = System.nanoTime();
        // After an outage the missed readings are not made up for.
        owed = Math.min(owed + elapsed * perSecond, perSecond * 5);
        List<String> batch = new ArrayList<>();
        Instant now = Instant.now().truncatedTo(ChronoUnit.MILLIS);
        for (; owed >= 1; owed--) {
          Twin twin = site.twins().get(next);
          next = (next + 1) % site.twins().size();
          // Two readings of a machine in one tick lie a millisecond apart.
          now = now.plusMillis(1);
          String line = twin.line(now);
          MqttDevice device = mqtt.get(site.pilot() + "/" + twin.id());
          if (device == null) {
            batch.addAll(untidy.pass(line, now.toEpochMilli()));
          } else if (!device.publish(line)) {
            skipped.increment();
          }
        }
        gateway.report(batch);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } catch (ApiProblem problem) {
      say("%s stops: %s: %s", site.pilot(), problem.code(), problem.getMessage());
    }
  }

  private static Gateway gatewayOf(Map<String, Gateway> gateways, Site site) {
    Gateway gateway = gateways.get(site.pilot());
    if (gateway == null) {
      throw new IllegalStateException("no gateway for " + site.pilot());
    }
    return gateway;
  }

  private static void ensurePilot(PilothouseApi platform, Site site) {
    ObjectNode body = JsonNodeFactory.instance.objectNode();
    body.put("pilot_id", site.pilot());
    body.put("name", site.name());
    body.put("time_zone", site.zone().getId());
    try {
      platform.post("/api/v1/pilots", body);
    } catch (ApiProblem problem) {
      if (problem.status() != 409) {
        throw problem;
      }
    }
  }

  /** Registers the device; one that is there already gets a new token. */
  private static String token(
      PilothouseApi platform, String pilot, String device, List<String> twins) {
    String devices = "/api/v1/pilots/" + pilot + "/devices";
    ObjectNode body = JsonNodeFactory.instance.objectNode();
    body.put("device_id", device);
    twins.forEach(body.putArray("twins")::add);
    try {
      return platform.post(devices, body).path("token").asText();
    } catch (ApiProblem problem) {
      if (problem.status() != 409) {
        throw problem;
      }
      return platform.post(devices + "/" + device + "/rotate", null).path("token").asText();
    }
  }

  private static void say(String text) {
    System.out.println(text);
  }

  private static void say(String format, Object first, @Nullable Object... others) {
    @Nullable Object[] values = new @Nullable Object[others.length + 1];
    values[0] = first;
    System.arraycopy(others, 0, values, 1, others.length);
    System.out.println(String.format(Locale.ROOT, format, values));
  }
}
