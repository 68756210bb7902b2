package org.pilothouse.batch;

import java.util.OptionalLong;
import org.pilothouse.warehouse.RunClaim;
import org.pilothouse.warehouse.RunEngine;

/** An engine with something in between. */
class AroundEngine implements RunEngine {
  private final RunEngine engine;

  AroundEngine(RunEngine engine) {
    this.engine = engine;
  }

  @Override
  public long begin(RunClaim claim, OptionalLong earlier) {
    return engine.begin(claim, earlier);
  }

  @Override
  public Outcome outcome(long execution) {
    return engine.outcome(execution);
  }

  @Override
  public void stop(long execution) {
    engine.stop(execution);
  }

  @Override
  public void close() {
    engine.close();
  }
}
