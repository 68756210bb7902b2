package org.pilothouse.warehouse.internal;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.pilothouse.contracts.TopicKind;
import org.pilothouse.datasets.Dataset;
import org.pilothouse.datasets.DatasetBundles;
import org.pilothouse.datasets.DatasetId;
import org.pilothouse.datasets.NewDataset;
import org.pilothouse.kernel.PilotId;
import org.pilothouse.kernel.Problem;
import org.pilothouse.kernel.ProblemCode;
import org.pilothouse.platform.kafka.consume.LogReads;
import org.pilothouse.platform.objectstore.ObjectStore;
import org.pilothouse.platform.web.Caller;
import org.pilothouse.warehouse.ClosingSteps;
import org.pilothouse.warehouse.Dump;
import org.pilothouse.warehouse.DumpState;
import org.pilothouse.warehouse.LeaseLost;
import org.pilothouse.warehouse.RunClaim;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The steps of a run, on the backbone, the store and the rows of the day. */
final class DayCloser implements ClosingSteps {
  private static final Logger LOG = LoggerFactory.getLogger(DayCloser.class);
  private static final Duration BETWEEN_LOOKS = Duration.ofSeconds(2);

  private final Dumps dumps;
  private final Planner planner;
  private final TwinModels twins;
  private final DatasetBundles bundles;
  private final ObjectStore store;
  private final LogReads reads;
  private final Path spills;
  private final int sortBuffer;
  private final Steps steps;
  private final AtomicLong attempts = new AtomicLong();
  private @Nullable Folded folded;

  DayCloser(
      Dumps dumps,
      Planner planner,
      TwinModels twins,
      DatasetBundles bundles,
      ObjectStore store,
      LogReads reads,
      Path spills,
      int sortBuffer,
      Steps steps) {
    this.dumps = dumps;
    this.planner = planner;
    this.twins = twins;
    this.bundles = bundles;
    this.store = store;
    this.reads = reads;
    this.spills = spills;
    this.sortBuffer = sortBuffer;
    this.steps = steps;
  }

  /** The models of twins as of a plan, which all partitions of a run ask for. */
  private record Folded(PilotId pilot, Map<Integer, Long> ends, Map<String, String> models) {}

  @Override
  public void plan(RunClaim claim) {
    dumps.step(claim, "plan");
    Dumps.Held held = dumps.held(claim);
    if (held.plan() != null && bundles.goOn(claim.pilot(), dataset(held))) {
      return;
    }
    Dump dump = held.dump();
    Planner.Frozen frozen =
        dump.isCorrection()
            ? planner.correct(
                claim.pilot(),
                dumps.shares(claim.pilot(), claim.date(), claim.revision() - 1),
                telemetry(claim))
            : planner.freeze(claim.pilot(), dump.day(), telemetry(claim));
    DatasetBundles.Opened opened =
        bundles.open(caller(claim.pilot()), claim.pilot(), wanted(claim));
    steps.reached(Step.DATASET_OPENED);
    dumps.freeze(claim, opened, frozen.plan(), frozen.shares());
    steps.reached(Step.PLAN_FROZEN);
    LOG.info(
        "frozen pilot={} date={} revision={} dataset={} partitions={}",
        claim.pilot(),
        claim.date(),
        claim.revision(),
        opened.id(),
        frozen.shares().size());
  }

  static Caller caller(PilotId pilot) {
    return new Caller.Person(Dumps.PLATFORM, Set.of(), pilot, "dump", false);
  }

  /** A correction is made of all that the day had before: what is there already is left out. */
  private NewDataset wanted(RunClaim claim) {
    List<DatasetId> before =
        dumps.of(claim.pilot(), claim.date()).stream()
            .filter(dump -> dump.revision() < claim.revision())
            .map(Dump::datasetId)
            .filter(Objects::nonNull)
            .map(DatasetId::new)
            .toList()
            .reversed();
    return new NewDataset(
        "days/" + claim.date(),
        "application/json",
        0,
        Optional.empty(),
        null,
        Map.of(
            "classification",
            "internal",
            "day",
            claim.date().toString(),
            "day_revision",
            claim.revision()),
        new Dataset.Lineage(before, Dataset.Maker.DUMP, claim.date() + "-" + claim.revision()),
        null,
        null);
  }

  private KafkaTelemetry telemetry(RunClaim claim) {
    return new KafkaTelemetry(reads, TopicKind.TELEMETRY.of(claim.pilot()));
  }

  private static DatasetId dataset(Dumps.Held held) {
    return new DatasetId(Objects.requireNonNull(held.datasetId(), "a plan without a dataset"));
  }

  @Override
  public List<Integer> unwritten(RunClaim claim) {
    dumps.step(claim, "write");
    return shares(claim).stream().filter(share -> !share.done()).map(Share::partition).toList();
  }

  private List<Share> shares(RunClaim claim) {
    return dumps.shares(claim.pilot(), claim.date(), claim.revision());
  }

  @Override
  public void write(RunClaim claim, int partition) {
    Dumps.Held held = dumps.held(claim);
    Plan plan = plan(held);
    Share share =
        shares(claim).stream()
            .filter(each -> each.partition() == partition)
            .findFirst()
            .orElseThrow(() -> new IllegalStateException("no such partition in the plan"));
    if (share.done()) {
      return;
    }
    dumps.started(claim, share);
    try {
      write(claim, held, plan, share);
    } catch (LeaseLost e) {
      throw e;
    } catch (RuntimeException | Error e) {
      noteBroken(claim, partition, e);
      throw e;
    }
  }

  private void noteBroken(RunClaim claim, int partition, Throwable failure) {
    try {
      dumps.partitionBroke(claim, partition, told(failure));
    } catch (RuntimeException e) {
      failure.addSuppressed(e);
    }
  }

  private static String told(Throwable failure) {
    return failure instanceof Problem problem
        ? problem.detail()
        : "It broke: " + failure.getClass().getSimpleName() + "; the log of the node has more.";
  }

  private void write(RunClaim claim, Dumps.Held held, Plan plan, Share share) {
    int partition = share.partition();
    Path directory = spills.resolve("spill-" + claim.fence() + "-" + attempts.incrementAndGet());
    try {
      Files.createDirectories(directory);
      try {
        ShareWriter.Result result =
            new ShareWriter(store, telemetry(claim), sortBuffer)
                .write(
                    new ShareWriter.Task(
                        claim.pilot(),
                        held.dump().day(),
                        plan,
                        models(claim.pilot(), plan),
                        prefix(held),
                        partition,
                        share.from(),
                        share.to(),
                        held.dump().isCorrection()
                            ? dumps.earlier(held.dump(), partition)
                            : Earlier.none(share.from()),
                        directory),
                    new Looks(claim, partition));
        List<Missing> missing = new ArrayList<>(share.missing());
        missing.addAll(result.missing());
        steps.reached(Step.PARTITION_STORED);
        dumps.written(claim, partition, result, missing);
        steps.reached(Step.PARTITION_NOTED);
      } finally {
        remove(directory);
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Tells how far it is, now and then; whoever has lost the run ends here. */
  private final class Looks implements ShareWriter.Progress {
    private final RunClaim claim;
    private final int partition;
    private long next = System.nanoTime();

    Looks(RunClaim claim, int partition) {
      this.claim = claim;
      this.partition = partition;
    }

    @Override
    public void readTo(long offset) {
      if (System.nanoTime() - next >= 0) {
        dumps.readTo(claim, partition, offset);
        next = System.nanoTime() + BETWEEN_LOOKS.toNanos();
      }
    }

    @Override
    public void fileStored() {
      steps.reached(Step.FILE_STORED);
    }
  }

  /** Once for all partitions of a run; those that come together wait for the first. */
  private synchronized Map<String, String> models(PilotId pilot, Plan plan) {
    Folded known = folded;
    if (known == null || !known.pilot().equals(pilot) || !known.ends().equals(plan.factsTo())) {
      known = new Folded(pilot, plan.factsTo(), twins.fold(pilot, plan.factsTo()));
      folded = known;
    }
    return known.models();
  }

  private static Plan plan(Dumps.Held held) {
    return Objects.requireNonNull(held.plan(), "the run has no plan yet");
  }

  private static String prefix(Dumps.Held held) {
    return Objects.requireNonNull(held.prefix(), "the run has no plan yet");
  }

  private static void remove(Path directory) throws IOException {
    try (Stream<Path> files = Files.walk(directory)) {
      for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
        Files.delete(file);
      }
    }
  }

  @Override
  public void verify(RunClaim claim) {
    dumps.step(claim, "verify");
    List<PartFile> parts = dumps.parts(claim);
    for (Share share : shares(claim)) {
      check(share, parts.stream().filter(part -> part.partition() == share.partition()).toList());
    }
    Looks looks = new Looks(claim, -1);
    for (PartFile part : parts) {
      looks.readTo(0);
      if (part.kind() != PartFile.Kind.REJECTS && footerRows(part) != part.rows()) {
        throw wrong("The footer of " + part.key() + " counts other rows than were written.");
      }
    }
    dumps.say(claim, RunLog.info("verify", "All files have the rows that were counted."));
    steps.reached(Step.VERIFIED);
  }

  private static void check(Share share, List<PartFile> parts) {
    if (!share.done() || share.readTo() != share.to()) {
      throw wrong("Partition " + share.partition() + " was not read to its end.");
    }
    if (!share.counts().addUp(share.redrive())) {
      throw wrong("The records of partition " + share.partition() + " do not add up.");
    }
    long rows = 0;
    long rejected = 0;
    for (PartFile part : parts) {
      if (part.kind() == PartFile.Kind.REJECTS) {
        rejected += part.rows();
      } else {
        rows += part.rows();
      }
    }
    if (rows != share.counts().rows()
        || rejected != share.counts().rejected() + share.redrive().rejected()) {
      throw wrong("The files of partition " + share.partition() + " are not all of its rows.");
    }
  }

  private static Problem wrong(String detail) {
    return Problem.of(ProblemCode.INTERNAL, detail);
  }

  private long footerRows(PartFile part) {
    try {
      return Footers.rows(store, part.key(), part.size());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Override
  public void publish(RunClaim claim) {
    dumps.step(claim, "publish");
    Dumps.Held held = dumps.held(claim);
    DatasetId dataset = dataset(held);
    List<PartFile> parts = dumps.parts(claim);
    List<Share> shares = shares(claim);
    Manifest manifest = Manifest.of(held.dump(), prefix(held), plan(held), shares, parts);
    Dumps.Closed closed =
        new Dumps.Closed(
            manifest.isComplete() ? DumpState.COMPLETE : DumpState.INCOMPLETE,
            shares.stream().map(Share::counts).reduce(Share.Counts.NONE, Share.Counts::plus),
            shares.stream().map(Share::redrive).reduce(Share.Redrive.NONE, Share.Redrive::plus),
            parts.size(),
            shares);
    Dump.Amends amends = held.dump().amends();
    if (amends != null && closed.isNothing()) {
      dumps.publishNothing(
          claim, closed, transaction -> bundles.giveUp(transaction, claim.pilot(), dataset));
      LOG.info(
          "nothing to correct pilot={} date={} revision={}",
          claim.pilot(),
          claim.date(),
          claim.revision());
      return;
    }
    Looks looks = new Looks(claim, -1);
    DatasetBundles.ReadParts read =
        bundles.readBack(
            claim.pilot(),
            dataset,
            parts.stream()
                .map(part -> new DatasetBundles.Part(part.key(), part.size(), part.checksum()))
                .toList(),
            () -> looks.readTo(0));
    steps.reached(Step.PARTS_READ_BACK);
    DatasetBundles.Sealed bundle = bundles.seal(read, manifest.json());
    steps.reached(Step.MANIFEST_STORED);
    Map<String, Object> tags = Map.of("completeness", closed.state().word());
    dumps.publish(
        claim,
        closed,
        transaction -> {
          Dataset unused =
              amends == null
                  ? bundles.publish(transaction, bundle, tags)
                  : bundles.revise(transaction, bundle, new DatasetId(amends.datasetId()), tags);
        });
    steps.reached(Step.PUBLISHED);
    LOG.info(
        "closed pilot={} date={} revision={} state={} events={} parts={}",
        claim.pilot(),
        claim.date(),
        claim.revision(),
        closed.state().word(),
        closed.counts().events(),
        parts.size());
  }

  @Override
  public boolean isHeld(RunClaim claim) {
    return dumps.isHeld(claim);
  }

  @Override
  public void broke(RunClaim claim, Throwable failure) {
    LOG.warn(
        "a step broke pilot={} date={} revision={}",
        claim.pilot(),
        claim.date(),
        claim.revision(),
        failure);
    try {
      if (failure instanceof Problem problem) {
        dumps.broke(claim, problem.code().code(), problem.detail());
      } else if (!(failure instanceof LeaseLost)) {
        dumps.broke(
            claim,
            ProblemCode.INTERNAL.code(),
            "A step broke: " + failure.getClass().getSimpleName() + "; the log has more.");
      }
    } catch (RuntimeException e) {
      LOG.warn("cannot note down why a run broke error={}", e.toString());
    }
  }
}
