package org.pilothouse.benchmarks;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.pilothouse.ctl.api.ApiProblem;

/** A pilot whose one dataset moves from its home to the other place, and back. */
final class MovingPilot implements AutoCloseable {
  /** A storage model. */
  enum Home {
    CENTRALIZED,
    FEDERATED;

    String word() {
      return name().toLowerCase(Locale.ROOT);
    }

    Home other() {
      return this == CENTRALIZED ? FEDERATED : CENTRALIZED;
    }
  }

  private final Stack stack;
  private final String pilot;
  private final Home home;
  private final Sender sender;
  private final String dataset;
  private final Uploader.Entry entry;

  private MovingPilot(
      Stack stack, String pilot, Home home, Sender sender, String dataset, Uploader.Entry entry) {
    this.stack = stack;
    this.pilot = pilot;
    this.home = home;
    this.sender = sender;
    this.dataset = dataset;
    this.entry = entry;
  }

  static MovingPilot begin(Stack stack, String pilot, Home home, byte[] bytes)
      throws IOException, InterruptedException {
    Sender sender = new Sender(stack, stack.objects(), pilot);
    create(stack, sender, pilot, home, true);
    String checksum = Sender.checksum(bytes);
    String dataset = sender.upload("moving", bytes, checksum);
    return new MovingPilot(
        stack,
        pilot,
        home,
        sender,
        dataset,
        new Uploader.Entry(Uploader.Promise.AVAILABLE, checksum, bytes.length));
  }

  /** A pilot with an endpoint of its own. */
  static void create(Stack stack, Sender sender, String pilot, Home home, boolean takesUploads)
      throws InterruptedException {
    JsonNode s3 = stack.s3();
    ObjectNode body = new ObjectMapper().createObjectNode();
    body.put("pilot_id", pilot).put("name", "Steps").put("time_zone", "UTC");
    ObjectNode storage = body.putObject("storage").put("model", home.word());
    if (home == Home.FEDERATED) {
      storage.put("endpoint", s3.path("endpoint").asText());
    }
    var unused = sender.patiently(() -> sender.api().post("/api/v1/pilots", body));
    ObjectNode site = body.objectNode().put("takes_uploads", takesUploads);
    for (String same : List.of("endpoint", "region", "access_key", "secret_key")) {
      site.put(same, s3.path(same).asText());
    }
    site.put("bucket", HoldSteps.PILOT_BUCKET);
    unused =
        sender.patiently(() ->
            sender
                .api()
                .put(
                    sender.pilot() + "/storage/site",
                    site.toString(),
                    "application/json",
                    Map.of()));
  }

  String pilot() {
    return pilot;
  }

  Map<String, Uploader.Entry> ledger() {
    return Map.of(dataset, entry);
  }

  void moveThereAndBack() throws InterruptedException, SQLException {
    for (Home target : List.of(home.other(), home)) {
      String migration = migrate(target);
      await(migration, "removing");
      try (Store rows = Store.ofPilot(stack, pilot)) {
        rows.change(
            "UPDATE datasets.move SET move_after = now() WHERE pilot_id = ? AND state = 'switched'",
            pilot);
      }
      await(migration, "done");
    }
  }

  /**
   * Begins to move, and is held when the copy is whole.
   *
   * @param held where the deployable is held
   * @return the migration
   */
  String copy(Path held) throws IOException, InterruptedException {
    HoldSteps.hold(held, "move_completed");
    String migration = migrate(home.other());
    HoldSteps.awaitHeld(held, "move_completed");
    return migration;
  }

  /** Moves nothing after all. */
  void cancel(String migration, Path held) throws IOException, InterruptedException {
    try {
      post(migrations() + "/" + migration + "/cancel", null);
      await(migration, "cancelled");
    } finally {
      Files.deleteIfExists(HoldSteps.heldAt(held, "move_completed"));
    }
  }

  private String migrations() {
    return sender.pilot() + "/storage/migrations";
  }

  private String migrate(Home target) throws InterruptedException {
    post(migrations(), new ObjectMapper().createObjectNode().put("target", target.word()));
    JsonNode newest = sender.patiently(() -> sender.api().get(migrations())).path("items").path(0);
    if (!newest.path("target").asText().equals(target.word())) {
      throw new ApiProblem(0, "not_begun", "the newest migration is " + newest);
    }
    return newest.path("migration_id").asText();
  }

  /** What was done although the answer was lost cannot be done again. */
  private void post(String path, @Nullable ObjectNode body) throws InterruptedException {
    try {
      var unused = sender.patiently(() -> sender.api().post(path, body));
    } catch (ApiProblem problem) {
      if (!problem.code().equals("conflict")) {
        throw problem;
      }
    }
  }

  private void await(String migration, String state) throws InterruptedException {
    var unused =
        sender.await(
            pilot + " is not " + state,
            migrations() + "/" + migration,
            now -> now.path("state").asText().equals(state));
  }

  @Override
  public void close() {
    sender.close();
  }
}
