package org.pilothouse.ctl;

import com.fasterxml.jackson.databind.JsonNode;
import java.time.Duration;
import java.util.Locale;
import org.pilothouse.ctl.api.PilothouseApi;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code ctl twins rebuild}. */
@Command(
    name = "rebuild",
    description = {
      "Rebuild the states of all twins of a pilot from the backbone, and put them in place",
      "Exit code 0 when every state is right now, 1 when the rebuild failed or, with --check, states"
          + " differ. It goes on by itself when this command is stopped."
    },
    mixinStandardHelpOptions = true)
final class TwinRebuildCommand extends Answering {
  private static final long BETWEEN_LOOKS = 500;
  private static final Duration BETWEEN_LINES = Duration.ofSeconds(5);

  /** The platform ends a rebuild after three days. */
  private static final Duration LONGEST = Duration.ofDays(3);

  private static final Duration PATIENCE = Duration.ofMinutes(2);

  @Parameters(paramLabel = "PILOT")
  String pilot = "";

  @Option(names = "--check", description = "only compare with what is stored; nothing changes")
  boolean check;

  @Option(names = "--no-wait", description = "return when the rebuild has begun")
  boolean noWait;

  @Override
  int answer(PilothouseApi api) throws InterruptedException {
    String path = "/api/v1/pilots/" + PilothouseApi.encode(pilot) + "/twin-rebuilds";
    JsonNode rebuild = api.post(path, object().put("apply", !check));
    if (noWait) {
      return show(rebuild);
    }
    String one = path + "/" + rebuild.path("rebuild_id").asText();
    long end = System.nanoTime() + LONGEST.toNanos();
    long nextLine = System.nanoTime();
    while (rebuild.path("state").asText().equals("running") && System.nanoTime() - end < 0) {
      if (System.nanoTime() - nextLine >= 0) {
        nextLine = System.nanoTime() + BETWEEN_LINES.toNanos();
        say(rebuild);
      }
      Thread.sleep(BETWEEN_LOOKS);
      rebuild =
          PilothouseApi.patiently(
              () -> api.get(one),
              PATIENCE,
              problem -> err().println("ctl: " + problem.getMessage() + "; trying again"));
    }
    return connection.json ? showJson(rebuild) : tell(rebuild);
  }

  private void say(JsonNode rebuild) {
    if (connection.json) {
      return;
    }
    long read = rebuild.path("records_read").asLong();
    long total = rebuild.path("records_total").asLong();
    err()
        .println(
            String.format(
                Locale.ROOT,
                "%3d %%  %,d of %,d records",
                total == 0 ? 0 : Math.min(100, read * 100 / total),
                read,
                total));
    err().flush();
  }

  private int showJson(JsonNode rebuild) {
    int ignored = show(rebuild);
    return code(rebuild);
  }

  private int code(JsonNode rebuild) {
    boolean isRight =
        rebuild.path("state").asText().equals("succeeded")
            && (!check || rebuild.path("differing").asLong() == 0);
    return isRight ? 0 : Ctl.REFUSED;
  }

  private int tell(JsonNode rebuild) {
    String state = rebuild.path("state").asText();
    long twins = rebuild.path("twins").asLong();
    long differing = rebuild.path("differing").asLong();
    if (!state.equals("succeeded")) {
      out()
          .printf(
              "%s: %s%n", Printed.text(rebuild.path("state")), Printed.text(rebuild.path("error")));
    } else if (differing == 0) {
      out()
          .printf(
              Locale.ROOT,
              "equal: %,d twins, %s%n",
              twins,
              Printed.text(rebuild.path("digest_after")));
    } else {
      out()
          .printf(
              Locale.ROOT,
              "%s: %,d states of %,d twins%nbefore  %s%nrebuilt %s%n",
              check ? "DIFFERENT" : "healed",
              differing,
              twins,
              Printed.text(rebuild.path("digest_before")),
              Printed.text(rebuild.path("digest_after")));
    }
    out().flush();
    return code(rebuild);
  }
}
