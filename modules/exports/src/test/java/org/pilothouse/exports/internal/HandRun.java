package org.pilothouse.exports.internal;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.CopyOnWriteArrayList;
import org.pilothouse.jobs.JobId;
import org.pilothouse.jobs.JobRun;
import org.pilothouse.jobs.JobStopped;
import org.pilothouse.kernel.PilotId;
import org.pilothouse.platform.web.Caller;
import org.pilothouse.platform.web.Json;

/** An attempt that a test holds in its hands. */
final class HandRun implements JobRun {
  private final JobId job =
      new JobId(UUID.fromString(org.pilothouse.kernel.EventIds.system().next().toString()));
  private final PilotId pilot;
  private final JsonNode parameters;
  private final Path directory;
  final List<String> lines = new CopyOnWriteArrayList<>();
  final List<String> messages = new CopyOnWriteArrayList<>();
  volatile boolean stopped;
  volatile boolean stopWhenQuerying;
  volatile long stoppedAt;

  HandRun(PilotId pilot, String parameters, Path directory) {
    this.pilot = pilot;
    this.directory = directory;
    try {
      this.parameters = Json.mapper().readTree(parameters);
    } catch (JsonProcessingException e) {
      throw new IllegalArgumentException(e);
    }
  }

  @Override
  public JobId job() {
    return job;
  }

  @Override
  public PilotId pilot() {
    return pilot;
  }

  @Override
  public JsonNode parameters() {
    return parameters;
  }

  @Override
  public int attempt() {
    return 1;
  }

  @Override
  public Caller caller() {
    return new Caller.Person("ada", Set.of(), pilot, "job", false);
  }

  @Override
  public Path directory() {
    return directory;
  }

  @Override
  public void progress(long done, long total, String message) {
    messages.add(message);
    if (stopWhenQuerying && message.startsWith("querying") && !stopped) {
      stoppedAt = System.nanoTime();
      stopped = true;
    }
  }

  @Override
  public void log(String text) {
    lines.add(text);
  }

  @Override
  public void warn(String text) {
    lines.add("! " + text);
  }

  @Override
  public void goOn() {
    if (stopped) {
      throw new JobStopped("cancelled");
    }
  }

  @Override
  public void onStop(Runnable interruption) {}
}
