package org.pilothouse.twins.internal;

import java.time.Clock;
import java.time.Duration;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.pilothouse.contracts.TopicKind;
import org.pilothouse.pilots.Pilot;
import org.pilothouse.pilots.PilotDirectory;
import org.pilothouse.platform.kafka.consume.BatchEffect;
import org.pilothouse.platform.kafka.consume.Deduplicator;
import org.pilothouse.platform.kafka.consume.ReaderSpec;
import org.pilothouse.platform.kafka.consume.Topics;
import org.pilothouse.platform.kafka.fold.FoldSpec;
import org.pilothouse.platform.kafka.fold.KeyedFold;
import org.pilothouse.twins.KeptReadings;
import org.pilothouse.twins.TwinsConfig;
import org.pilothouse.twins.TwinsModule;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The room's parts, and the threads that they live on. */
public final class Wiring implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(Wiring.class);
  private static final long EXPIRY_MILLIS = 500;
  private static final int REMEMBERED_EVENTS = 100_000;
  private static final Duration REMEMBERED_FOR = Duration.ofMinutes(30);
  private static final long QUEUED_BYTES = 32L * 1024 * 1024;

  /** The more records of a twin are in a batch, the less its state costs each of them. */
  private static final int STATE_RECORDS = 40_000;

  private static final long STATE_BATCH = 24L * 1024 * 1024;
  private static final long STATE_QUEUED_BYTES = 96L * 1024 * 1024;

  /** One folds while the store reads or writes for others. */
  private static final int STATE_WORKERS = 3;

  /** The more records of a twin are in a batch, the less their summaries cost. */
  private static final int HISTORY_RECORDS = 40_000;

  private static final long HISTORY_BATCH = 12L * 1024 * 1024;
  private static final long HISTORY_QUEUED_BYTES = 64L * 1024 * 1024;

  private static final Duration STATE_GATHERS = Duration.ofMillis(100);

  /** The fold gathers again. */
  private static final Duration ROUTE_GATHERS = Duration.ofMillis(100);

  private static final String FOLD = "pilothouse.twin-state";

  /** For good: what a twin has come to is looked for in the share of its key. */
  private static final int SHARES = 12;

  /**
   * Charts follow the live stream; what is stored of it may come a little later. The summaries of a
   * twin cost as much for many of its readings as for one: under load they are merged seldom.
   */
  private static final Duration HISTORY_GATHERS = Duration.ofSeconds(2);

  private static final Duration HISTORY_GATHERS_MANY = Duration.ofSeconds(8);
  private static final int FEW_READINGS = 1_000;

  /** Half of the cores: taking events in comes before folding them. */
  private static final int WORKERS =
      Math.clamp(Runtime.getRuntime().availableProcessors() / 2, 1, 4);

  private final Twins twins;
  private final Relationships relationships;
  private final RelationshipTypes relationshipTypes;
  private final Graph graph;
  private final HistoryStore history;
  private final History past;
  private final ReadingPages readings;
  private final ThreadStore thread;
  private final Commands commands;
  private final ModelRules rules;
  private final Rebuilds rebuilds;
  private final Digests digests;
  private final @Nullable Rebuilder rebuilder;
  private final PilotDirectory pilots;
  private final Clock clock;
  private final CommandPolls polls;
  private final @Nullable KeyedFold fold;
  private final @Nullable CommandRoute route;
  private final ScheduledExecutorService pruning =
      Executors.newSingleThreadScheduledExecutor(
          Thread.ofPlatform().name("twins-prune").daemon(true).factory());
  private final ScheduledExecutorService expiring =
      Executors.newSingleThreadScheduledExecutor(
          Thread.ofPlatform().name("command-expiry").daemon(true).factory());

  private Wiring(TwinsModule.Needs needs) {
    TwinFacts facts = new TwinFacts(needs.outbox(), needs.ids(), needs.clock());
    this.pilots = needs.pilots();
    this.clock = needs.clock();
    this.rules = new ModelRules(needs.models());
    TwinsConfig config = needs.config();
    this.fold = config.state() == TwinsConfig.State.KAFKA ? fold(needs) : null;
    FoldedStates folded =
        fold == null ? null : new FoldedStates(fold, needs.database(), routing(config));
    GraphRules graphRules = new GraphRules();
    this.relationships =
        new Relationships(needs.database(), facts, needs.trail(), graphRules, clock);
    this.relationshipTypes = new RelationshipTypes(needs.database(), needs.trail(), clock);
    this.graph = new Graph(needs.database());
    TwinDevices devices = new TwinDevices(needs.database(), needs.devices(), folded);
    this.commands =
        new Commands(needs.database(), facts, needs.trail(), devices, rules, needs.ids(), clock);
    this.twins =
        new Twins(
            needs.database(),
            facts,
            needs.trail(),
            rules,
            devices,
            commands,
            relationships,
            graphRules,
            clock,
            folded);
    this.history = new HistoryStore(needs.database());
    this.readings = new ReadingPages(needs.database());
    this.past =
        new History(
            history,
            new OlderHistory(needs.closedDays()),
            pilot -> readingsKept(needs.pilots().require(pilot)),
            needs.clock());
    this.thread = new ThreadStore(needs.database());
    this.polls = new CommandPolls(commands, CommandPolls.MOST, System::nanoTime, needs.metrics());
    this.rebuilds = new Rebuilds(needs.database(), needs.trail(), needs.ids(), clock, fold == null);
    this.digests = new Digests(needs.database(), folded);
    this.rebuilder = needs.stream() && fold == null ? rebuilder(needs, facts) : null;
    if (needs.stream()) {
      startReaders(needs, facts);
      var scheduled = pruning.scheduleWithFixedDelay(this::prune, 5, 10, TimeUnit.MINUTES);
    }
    this.route =
        needs
            .broker()
            .map(broker -> CommandRoute.start(broker, commands, clock, needs.metrics()))
            .orElse(null);
  }

  public static Wiring start(TwinsModule.Needs needs) {
    Wiring wiring = new Wiring(needs);
    wiring.commands.onSent(wiring.polls::sent);
    var scheduled =
        wiring.expiring.scheduleWithFixedDelay(
            wiring::expire, EXPIRY_MILLIS, EXPIRY_MILLIS, TimeUnit.MILLISECONDS);
    if (wiring.rebuilder != null) {
      wiring.rebuilder.start();
    }
    return wiring;
  }

  private Rebuilder rebuilder(TwinsModule.Needs needs, TwinFacts facts) {
    return new Rebuilder(
        needs.database(),
        new RebuildStore(needs.database(), clock, needs.ids().next().toString()),
        new StateStore(needs.database(), facts, clock),
        Backlog.of(needs.reads()),
        rules,
        needs.trail(),
        clock);
  }

  private KeyedFold fold(TwinsModule.Needs needs) {
    TwinsConfig config = needs.config();
    KeyedFold started =
        KeyedFold.start(
            new FoldSpec(
                FOLD + "." + config.fold(),
                SHARES,
                new StateFolding(rules, needs.rejections(), needs.ids(), needs.metrics()),
                needs.stream() ? WORKERS : 0,
                config.directory()),
            needs.kafka(),
            needs.topics(),
            needs.publisher(),
            () -> needs.ids().next().toString(),
            needs.metrics());
    needs.readers().show(started);
    return started;
  }

  /** Another fold reads from the beginning. */
  private static String routing(TwinsConfig config) {
    return StateReader.NAME + "-to-fold." + config.fold();
  }

  private ReaderSpec stateReader(TwinsModule.Needs needs, StateStore states) {
    if (fold == null) {
      return ReaderSpec.of(
              StateReader.NAME,
              Topics.matching(TopicKind.TELEMETRY.pattern()),
              new StateReader(
                  states,
                  rules,
                  needs.publisher(),
                  needs.rejections(),
                  needs.ids(),
                  needs.metrics()))
          .storingOffsetsIn(states.positions())
          .bounded(
              new ReaderSpec.Bounds(
                  Math.max(STATE_WORKERS, WORKERS),
                  STATE_RECORDS,
                  STATE_BATCH,
                  STATE_RECORDS,
                  STATE_QUEUED_BYTES))
          .timed(ReaderSpec.Times.gathering(STATE_GATHERS));
    }
    String routing = routing(needs.config());
    RouteStore routes = new RouteStore(needs.database(), states, routing);
    // The name stays: people pause it by that, and what it rejected is given back to it by that.
    return ReaderSpec.of(
            StateReader.NAME,
            Topics.matching(TopicKind.TELEMETRY.pattern()),
            new StateRouter(routes, rules, needs.publisher(), fold.source(), fold::takes))
        .inGroup("pilothouse." + routing)
        .storingOffsetsIn(routes.positions())
        .bounded(new ReaderSpec.Bounds(WORKERS, 5_000, STATE_BATCH, 10_000, QUEUED_BYTES))
        .timed(ReaderSpec.Times.gathering(ROUTE_GATHERS));
  }

  private void startReaders(TwinsModule.Needs needs, TwinFacts facts) {
    StateStore states = new StateStore(needs.database(), facts, clock);
    var state = needs.readers().start(stateReader(needs, states));
    BatchEffect once =
        new Deduplicator(
            HistoryReader.NAME,
            new HistoryReader(history, rules),
            Deduplicator.Past.of(needs.reads()),
            REMEMBERED_EVENTS,
            REMEMBERED_FOR,
            clock);
    var kept =
        needs
            .readers()
            .start(
                ReaderSpec.of(
                        HistoryReader.NAME, Topics.matching(TopicKind.TELEMETRY.pattern()), once)
                    .storingOffsetsIn(history.positions())
                    .bounded(
                        new ReaderSpec.Bounds(
                            WORKERS,
                            HISTORY_RECORDS,
                            HISTORY_BATCH,
                            HISTORY_RECORDS,
                            HISTORY_QUEUED_BYTES))
                    .timed(
                        ReaderSpec.Times.gathering(
                            HISTORY_GATHERS, HISTORY_GATHERS_MANY, FEW_READINGS)));
    var facted =
        needs
            .readers()
            .start(
                ReaderSpec.of(
                    ThreadReader.NAME,
                    Topics.matching(
                        TopicKind.THREAD.pattern() + "|" + TopicKind.COMMANDS.pattern()),
                    new ThreadReader(thread)));
  }

  /** On every node, also one without a broker: devices may fetch their commands over HTTP. */
  private void expire() {
    try {
      while (commands.expire() > 0) {
        LOG.debug("commands timed out");
      }
    } catch (RuntimeException e) {
      LOG.warn("commands that are over wait for the store: {}", e.getMessage());
    }
  }

  /** As long as the backbone keeps them. */
  private static Duration readingsKept(Pilot pilot) {
    return Duration.ofDays(pilot.retention().telemetryDays());
  }

  private void prune() {
    for (Pilot pilot : pilots.list()) {
      try {
        int removed =
            history.prune(pilot.id(), readingsKept(pilot), clock.instant())
                + commands.prune(pilot.id());
        LOG.debug("pruned pilot={} rows={}", pilot.id(), removed);
      } catch (RuntimeException e) {
        LOG.warn("what is old stays until the next round: {}", e.getMessage());
        return;
      }
    }
  }

  public Twins twins() {
    return twins;
  }

  public Relationships relationships() {
    return relationships;
  }

  public RelationshipTypes relationshipTypes() {
    return relationshipTypes;
  }

  public Graph graph() {
    return graph;
  }

  public KeptReadings readings() {
    return readings;
  }

  public History history() {
    return past;
  }

  public ThreadStore thread() {
    return thread;
  }

  public Commands commands() {
    return commands;
  }

  public CommandPolls polls() {
    return polls;
  }

  public Rebuilds rebuilds() {
    return rebuilds;
  }

  public Digests digests() {
    return digests;
  }

  public ModelRules rules() {
    return rules;
  }

  @Override
  public void close() {
    pruning.shutdownNow();
    if (rebuilder != null) {
      rebuilder.close();
    }
    expiring.shutdownNow();
    polls.close();
    if (route != null) {
      route.close();
    }
    if (fold != null) {
      fold.close();
    }
  }
}
