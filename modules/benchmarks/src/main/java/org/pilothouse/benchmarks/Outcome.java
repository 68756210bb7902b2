package org.pilothouse.benchmarks;

/** How a scenario went, as far as all of them have it in common. */
sealed interface Outcome
    permits Scenario.Verdict,
        TwinsScenario.Verdict,
        HoldScenario.Verdict,
        HoldSteps.Verdict,
        DumpSteps.Verdict,
        DumpFaults.Verdict,
        JobsScenario.Verdict {
  String name();

  int faults();

  long acknowledged();

  /** Acknowledged, and not to be found. */
  long lost();

  /** People see it twice. */
  long twice();

  /** It is on the backbone, and people do not see it, or see something else. */
  long notShown();

  /** Counts that are not those of the events. */
  long miscounted();

  double recoveryMedianSeconds();

  double recoveryLongestSeconds();

  boolean pass();
}
