package org.pilothouse.jobs.internal;

import io.micrometer.core.instrument.Gauge;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.pilothouse.jobs.JobType;
import org.pilothouse.jobs.JobsModule;
import org.pilothouse.pilots.PilotDirectory;
import org.pilothouse.platform.rabbit.RabbitConnection;
import org.pilothouse.platform.rabbit.Topology;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The parts of the room and how they hang together. */
public final class Wiring implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(Wiring.class);

  private final JobsModule.Needs needs;
  private final JobTypes types = new JobTypes();
  private final Dispatcher dispatcher;
  private final Submissions submissions;
  private final Decisions decisions;
  private final JobCatalogue catalogue;
  private final LogLines logLines;
  private final Limits limits;
  private final Schedules schedules;
  private final Strays strays;
  private final Recovery recovery;
  private @Nullable Worker worker;

  /** What a node with the side {@code worker} has. */
  private record Worker(Intake intake, Running running, Rounds rounds) {}

  public Wiring(JobsModule.Needs needs) {
    this.needs = needs;
    this.dispatcher =
        new Dispatcher(types, needs.outbox(), needs.ids(), needs.clock(), needs.config());
    this.submissions =
        new Submissions(
            needs.database(),
            dispatcher,
            types,
            needs.trail(),
            needs.ids(),
            needs.clock(),
            needs.config());
    this.decisions =
        new Decisions(
            needs.database(), dispatcher, submissions, types, needs.trail(), needs.config());
    this.catalogue = new JobCatalogue(needs.database());
    this.logLines = new LogLines(needs.database(), needs.store());
    this.limits = new Limits(needs.database(), dispatcher, needs.trail(), needs.config());
    this.schedules =
        new Schedules(
            needs.database(), submissions, types, needs.pilots(), needs.trail(), needs.ids());
    this.strays = new Strays(needs.database());
    this.recovery =
        new Recovery(
            needs.database(),
            dispatcher,
            types,
            needs.pilots(),
            needs.rabbit().orElse(null),
            needs.store(),
            needs.config(),
            needs.node());
  }

  /** From here on the types are known. */
  public synchronized void start(Iterable<? extends JobType> all) {
    all.forEach(types::add);
    if (needs.config().noop()) {
      types.add(new NoOperation());
      LOG.warn("there is a type of job that does nothing; it is for tests");
    }
    Optional<RabbitConnection> broker = needs.rabbit();
    if (needs.worker() && broker.isPresent()) {
      worker = work(broker.get());
    }
  }

  private Worker work(RabbitConnection broker) {
    Claims claims =
        new Claims(
            needs.database(), dispatcher, needs.config().lease(), needs.node(), needs.metrics());
    // The intake is told when there is room, and is made of what has the room.
    Intake[] told = new Intake[1];
    Running running =
        new Running(
            claims,
            logLines,
            needs.clock(),
            needs.config(),
            types.all(),
            needs.config().directory().resolve("node-" + needs.node()),
            () -> {
              Intake there = told[0];
              if (there != null) {
                there.wake();
              }
            });
    Intake intake = new Intake(broker, topology(), types, claims, recovery, running);
    told[0] = intake;
    Gauge.builder("pilothouse.jobs.running", running, Running::size)
        .description("Attempts that this node makes")
        .register(needs.metrics());
    Gauge.builder("pilothouse.jobs.topology.mismatches", intake, in -> in.mismatches().size())
        .description("Exchanges and queues that the broker has with other properties")
        .register(needs.metrics());
    Rounds rounds = new Rounds(recovery, schedules, topology());
    running.start();
    intake.start();
    rounds.start();
    return new Worker(intake, running, rounds);
  }

  public Topology topology() {
    return types.topology(needs.config().exchange());
  }

  /** What the broker has with other properties than it should; for people. */
  public synchronized List<String> mismatches() {
    Worker there = worker;
    return there == null ? List.of() : there.intake().mismatches();
  }

  public PilotDirectory pilots() {
    return needs.pilots();
  }

  public JobTypes types() {
    return types;
  }

  public Submissions submissions() {
    return submissions;
  }

  public Decisions decisions() {
    return decisions;
  }

  public JobCatalogue catalogue() {
    return catalogue;
  }

  public LogLines logLines() {
    return logLines;
  }

  public Limits limits() {
    return limits;
  }

  public Schedules schedules() {
    return schedules;
  }

  Recovery recovery() {
    return recovery;
  }

  public Strays strays() {
    return strays;
  }

  /** First nothing more comes in, then what is under way ends. */
  @Override
  public synchronized void close() {
    Worker there = worker;
    worker = null;
    if (there != null) {
      there.rounds().close();
      there.intake().close();
      there.running().close();
    }
  }
}
