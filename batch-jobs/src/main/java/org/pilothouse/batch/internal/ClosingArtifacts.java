package org.pilothouse.batch.internal;

import jakarta.batch.api.Batchlet;
import jakarta.batch.api.partition.PartitionMapper;
import jakarta.batch.api.partition.PartitionPlan;
import jakarta.batch.api.partition.PartitionPlanImpl;
import java.time.LocalDate;
import java.util.List;
import java.util.Properties;
import java.util.function.Consumer;
import org.jberet.creation.ArtifactCreationContext;
import org.jberet.spi.ArtifactFactory;
import org.pilothouse.kernel.PilotId;
import org.pilothouse.warehouse.ClosingSteps;
import org.pilothouse.warehouse.RunClaim;

/** Makes what the job's document names, from the steps of the warehouse. */
final class ClosingArtifacts implements ArtifactFactory {
  private static final int NONE = -1;

  private final ClosingSteps steps;
  private final int threads;

  /**
   * @param threads how many partitions are worked on at the same time
   */
  ClosingArtifacts(ClosingSteps steps, int threads) {
    this.steps = steps;
    this.threads = threads;
  }

  @Override
  public Object create(String ref, Class<?> type, ClassLoader loader) {
    ArtifactCreationContext context = ArtifactCreationContext.getCurrentArtifactCreationContext();
    RunClaim claim = claim(context.getJobContext().getProperties());
    return switch (ref) {
      case "plan" -> new Step(claim, steps::plan);
      case "unwritten" -> new Unwritten(claim);
      case "write" -> {
        int partition = Integer.parseInt(context.getProperties().get("partition"));
        yield new Step(
            claim,
            run -> {
              if (partition != NONE) {
                steps.write(run, partition);
              }
            });
      }
      case "verify" -> new Step(claim, steps::verify);
      case "publish" -> new Step(claim, steps::publish);
      default -> throw new IllegalArgumentException("no artifact " + ref);
    };
  }

  static RunClaim claim(Properties parameters) {
    return new RunClaim(
        new PilotId(parameters.getProperty("pilot")),
        LocalDate.parse(parameters.getProperty("date")),
        Integer.parseInt(parameters.getProperty("revision")),
        Long.parseLong(parameters.getProperty("fence")));
  }

  static Properties parameters(RunClaim claim) {
    Properties parameters = new Properties();
    parameters.setProperty("pilot", claim.pilot().value());
    parameters.setProperty("date", claim.date().toString());
    parameters.setProperty("revision", Integer.toString(claim.revision()));
    parameters.setProperty("fence", Long.toString(claim.fence()));
    return parameters;
  }

  @Override
  public void destroy(Object artifact) {}

  @Override
  public Class<?> getArtifactClass(String ref, ClassLoader loader) {
    return ref.equals("unwritten") ? Unwritten.class : Step.class;
  }

  /** One step, or one partition of one. It ends when it looks at its row and has lost it. */
  private final class Step implements Batchlet {
    private final RunClaim claim;
    private final Consumer<RunClaim> work;

    Step(RunClaim claim, Consumer<RunClaim> work) {
      this.claim = claim;
      this.work = work;
    }

    @Override
    public String process() {
      try {
        work.accept(claim);
        return "done";
      } catch (RuntimeException | Error e) {
        steps.broke(claim, e);
        throw e;
      }
    }

    @Override
    public void stop() {}
  }

  /** The partitions that are left: what was finished before is not done again. */
  private final class Unwritten implements PartitionMapper {
    private final RunClaim claim;

    Unwritten(RunClaim claim) {
      this.claim = claim;
    }

    @Override
    public PartitionPlan mapPartitions() {
      List<Integer> left = steps.unwritten(claim);
      List<Integer> partitions = left.isEmpty() ? List.of(NONE) : left;
      Properties[] properties = new Properties[partitions.size()];
      for (int i = 0; i < properties.length; i++) {
        properties[i] = new Properties();
        properties[i].setProperty("partition", Integer.toString(partitions.get(i)));
      }
      PartitionPlanImpl plan = new PartitionPlanImpl();
      plan.setPartitions(properties.length);
      plan.setThreads(Math.min(threads, properties.length));
      plan.setPartitionProperties(properties);
      // Our own rows know which are left; JBeret forgets those that a crash kept from beginning.
      plan.setPartitionsOverride(true);
      return plan;
    }
  }
}
