package org.pilothouse.jobs;

import com.fasterxml.jackson.databind.JsonNode;
import java.nio.file.Path;
import org.pilothouse.kernel.PilotId;
import org.pilothouse.platform.web.Caller;

/** An attempt at a job, as whoever does it sees it. */
public interface JobRun {
  JobId job();

  PilotId pilot();

  JsonNode parameters();

  /** Counts from 1. */
  int attempt();

  /** In whose name what the job makes is made: the person who asked, with no role. */
  Caller caller();

  /** Empty, its own, and gone afterwards. */
  Path directory();

  /**
   * How far it is; cheap, and may be called as often as one likes.
   *
   * @param total 0 where it is not known
   * @param message at most 200 characters; what is longer is cut
   */
  void progress(long done, long total, String message);

  /** A line of the attempt's log, for people; at most 2,000 characters, what is longer is cut. */
  void log(String text);

  /** A warning among them. */
  void warn(String text);

  /**
   * To be called between pieces of work, at least once in half a second.
   *
   * @throws JobStopped when it was cancelled, took too long, wrote too much, or is no longer this
   *     node's
   */
  void goOn();

  /**
   * What ends a call that blocks, such as the interruption of a query; called at most once, by
   * another thread, when {@link #goOn} begins to throw. At once where it does already.
   */
  void onStop(Runnable interruption);
}
