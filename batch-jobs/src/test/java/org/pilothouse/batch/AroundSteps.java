package org.pilothouse.batch;

import java.util.List;
import org.pilothouse.warehouse.ClosingSteps;
import org.pilothouse.warehouse.RunClaim;

/** The steps with something in between. */
class AroundSteps implements ClosingSteps {
  private final ClosingSteps steps;

  AroundSteps(ClosingSteps steps) {
    this.steps = steps;
  }

  @Override
  public void plan(RunClaim claim) {
    steps.plan(claim);
  }

  @Override
  public List<Integer> unwritten(RunClaim claim) {
    return steps.unwritten(claim);
  }

  @Override
  public void write(RunClaim claim, int partition) {
    steps.write(claim, partition);
  }

  @Override
  public void verify(RunClaim claim) {
    steps.verify(claim);
  }

  @Override
  public void publish(RunClaim claim) {
    steps.publish(claim);
  }

  @Override
  public boolean isHeld(RunClaim claim) {
    return steps.isHeld(claim);
  }

  @Override
  public void broke(RunClaim claim, Throwable failure) {
    steps.broke(claim, failure);
  }
}
