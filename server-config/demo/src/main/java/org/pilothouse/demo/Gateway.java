package org.pilothouse.demo;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.Consumer;
import org.pilothouse.ctl.api.PilothouseApi;

/** Reports lines over HTTP in batches, and tries again while the platform cannot take them. */
final class Gateway {
  private static final Duration PATIENCE = Duration.ofMinutes(30);

  private final PilothouseApi device;
  private final String pilot;
  private final LongAdder accepted;
  private final LongAdder rejected;
  private final Consumer<String> said;

  Gateway(
      PilothouseApi device,
      String pilot,
      LongAdder accepted,
      LongAdder rejected,
      Consumer<String> said) {
    this.device = device;
    this.pilot = pilot;
    this.accepted = accepted;
    this.rejected = rejected;
    this.said = said;
  }

  void report(List<String> lines) throws InterruptedException {
    if (lines.isEmpty()) {
      return;
    }
    ByteArrayOutputStream body = new ByteArrayOutputStream(lines.size() * 256);
    for (String line : lines) {
      body.writeBytes(line.getBytes(StandardCharsets.UTF_8));
      body.write('\n');
    }
    byte[] bytes = body.toByteArray();
    JsonNode answer =
        PilothouseApi.patiently(
            () -> device.report(pilot, bytes, bytes.length),
            PATIENCE,
            problem -> said.accept(pilot + " waits: " + problem.getMessage()));
    accepted.add(answer.path("accepted").asLong());
    long refused = answer.path("rejected_total").asLong(answer.path("rejected").size());
    rejected.add(refused);
    if (refused > 0) {
      said.accept(
          pilot + ": " + refused + " lines refused, first " + answer.path("rejected").path(0));
    }
  }
}
