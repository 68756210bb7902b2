package org.pilothouse.ctl;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.pilothouse.ctl.api.PilothouseApi;
import org.pilothouse.ctl.progress.Progress;
import org.pilothouse.ctl.progress.Terminal;
import org.pilothouse.ctl.telemetry.Unusable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code ctl datasets migrate}. */
@Command(
    name = "migrate",
    description = {
      "Move all datasets of a pilot to the other place, and change its storage model",
      "",
      "With --to alone it tells what that would do; with --do it is done. Without either: how far the"
          + " newest is."
    },
    mixinStandardHelpOptions = true)
final class MigrateCommand extends Answering {
  private static final int REFUSED = 1;
  private static final long LOOK_AGAIN_MILLIS = 1_000;

  @Parameters(paramLabel = "PILOT")
  String pilot = "";

  @Option(
      names = "--to",
      paramLabel = "MODEL",
      description = "federated: to the pilot's own endpoint; centralized: to the consortium's")
  @Nullable String target;

  @Option(names = "--do", description = "begin, and wait until the model has changed")
  boolean act;

  @Option(names = "--no-wait", description = "with --do: only begin")
  boolean noWait;

  @Option(names = "--wait", description = "wait until the model has changed")
  boolean wait;

  @Option(names = "--pause", description = "nothing more is copied until it is resumed")
  boolean pause;

  @Option(names = "--resume", description = "go on, also with what was given up")
  boolean resume;

  @Option(names = "--cancel", description = "remove what was copied; all stays where it is")
  boolean cancel;

  @Option(
      names = {"-q", "--quiet"},
      description = "no progress")
  boolean quiet;

  @Override
  int answer(PilothouseApi api) throws InterruptedException {
    int asked = (pause ? 1 : 0) + (resume ? 1 : 0) + (cancel ? 1 : 0);
    if (asked > 1 || (asked == 1 && target != null)) {
      throw new Unusable("--to, --pause, --resume and --cancel stand alone");
    }
    if (act && target == null) {
      throw new Unusable("--do needs --to federated or --to centralized");
    }
    String path = "/api/v1/pilots/" + PilothouseApi.encode(pilot) + "/storage/migrations";
    if (target != null) {
      return act ? begin(api, path, target) : plan(api, path, target);
    }
    JsonNode newest = api.get(path).path("items").path(0);
    if (newest.isMissingNode()) {
      throw new Unusable("no migration of " + pilot + " yet; --to says where to");
    }
    String one = path + "/" + PilothouseApi.encode(newest.path("migration_id").asText());
    if (asked == 1) {
      return show(api.post(one + (pause ? "/pause" : resume ? "/resume" : "/cancel"), null));
    }
    return wait ? await(api, one) : tell(newest);
  }

  private int plan(PilothouseApi api, String path, String to) {
    JsonNode plan = api.post(path, object().put("target", to).put("dry_run", true));
    if (connection.json) {
      Printed.json(out(), plan);
    } else {
      out()
          .printf(
              Locale.ROOT,
              "%,d datasets, %s, from %s to %s%n",
              plan.path("datasets").asLong(),
              Progress.size(plan.path("bytes").asLong()),
              plan.path("model").asText(),
              plan.path("target").asText());
      if (!plan.path("estimate_seconds").isNull()) {
        out()
            .printf(
                Locale.ROOT, "about %,d min%n", (plan.path("estimate_seconds").asLong() + 59) / 60);
      }
      if (plan.path("uploads_under_way").asLong() > 0) {
        out()
            .printf(
                Locale.ROOT,
                "%,d uploads under way are moved when they are verified%n",
                plan.path("uploads_under_way").asLong());
      }
      plan.path("blockers")
          .forEach(blocker ->
              out()
                  .printf(
                      "in the way: %s (%s)%n",
                      blocker.path("detail").asText(), blocker.path("code").asText()));
      out().flush();
    }
    return plan.path("blockers").isEmpty() ? 0 : REFUSED;
  }

  private int begin(PilothouseApi api, String path, String to) throws InterruptedException {
    JsonNode begun = api.post(path, object().put("target", to));
    return noWait
        ? show(begun)
        : await(api, path + "/" + PilothouseApi.encode(begun.path("migration_id").asText()));
  }

  /** Until nothing more is copied; old bytes go later, when their grace time is over. */
  private int await(PilothouseApi api, String one) throws InterruptedException {
    Progress progress =
        new Progress(err(), Terminal.style(quiet), Progress.Counted.BYTES, System::nanoTime);
    JsonNode now = api.get(one);
    progress.begin(pilot, now.at("/progress/bytes").asLong());
    while (isUnderWay(now)) {
      long verified = now.at("/progress/verified_bytes").asLong();
      progress.at(verified, verified);
      if (now.at("/progress/failed_datasets").asLong() > 0 && now.path("current").isEmpty()) {
        progress.note("Some datasets were given up: withdraw them, or --resume when it is mended.");
        return tell(now) + REFUSED;
      }
      TimeUnit.MILLISECONDS.sleep(LOOK_AGAIN_MILLIS);
      now = api.get(one);
    }
    long verified = now.at("/progress/verified_bytes").asLong();
    progress.finish(verified, verified);
    String state = now.path("state").asText();
    return tell(now) + (state.equals("removing") || state.equals("done") ? 0 : REFUSED);
  }

  private static boolean isUnderWay(JsonNode migration) {
    return switch (migration.path("state").asText()) {
      case "copying", "switching", "cancelling" -> true;
      default -> false;
    };
  }

  private int tell(JsonNode migration) {
    if (connection.json) {
      Printed.json(out(), migration);
      return 0;
    }
    JsonNode progress = migration.path("progress");
    out()
        .printf(
            Locale.ROOT,
            "%s to %s: %s; %,d of %,d datasets copied and read back (%s of %s), %,d switched, %,d"
                + " failed%n",
            migration.path("migration_id").asText(),
            migration.path("target").asText(),
            migration.path("state").asText(),
            progress.path("copied_datasets").asLong(),
            progress.path("datasets").asLong(),
            Progress.size(progress.path("verified_bytes").asLong()),
            Progress.size(progress.path("bytes").asLong()),
            progress.path("switched_datasets").asLong(),
            progress.path("failed_datasets").asLong());
    out().flush();
    List<JsonNode> troubles = new ArrayList<>();
    migration.path("troubles").forEach(troubles::add);
    return troubles.isEmpty()
        ? 0
        : show(troubles, "dataset_id", "name", "given_up", "failures", "code", "detail");
  }
}
