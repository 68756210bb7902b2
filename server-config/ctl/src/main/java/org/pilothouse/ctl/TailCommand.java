package org.pilothouse.ctl;

import java.io.IOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;
import org.pilothouse.ctl.api.ApiProblem;
import org.pilothouse.ctl.api.PilothouseApi;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code ctl tail}: live events, one a line, going on where it was when the connection breaks. */
@Command(
    name = "tail",
    description = "Live events of a pilot, one JSON document a line, until Ctrl-C",
    mixinStandardHelpOptions = true)
final class TailCommand extends Answering {
  private static final long PAUSE_MILLIS = 1_000;

  @Parameters(paramLabel = "PILOT")
  String pilot = "";

  @Option(names = "--twin", paramLabel = "TWIN", description = "only this twin; several times")
  List<String> twins = new ArrayList<>();

  @Option(names = "--type", paramLabel = "TYPE", description = "only this type; several times")
  List<String> types = new ArrayList<>();

  @Option(names = "--from-id", paramLabel = "ID", description = "go on after this message")
  @Nullable String fromId;

  @Option(
      names = {"-n", "--most"},
      defaultValue = "0",
      description = "stop after so many; default: never")
  int most;

  @Override
  int answer(PilothouseApi api) throws InterruptedException {
    Map<String, List<String>> filters = new HashMap<>();
    filters.put("twin", twins);
    filters.put("type", types);
    AtomicReference<@Nullable String> last = new AtomicReference<>(fromId);
    AtomicInteger shown = new AtomicInteger();
    while (most == 0 || shown.get() < most) {
      try {
        api.tail(
            pilot,
            filters,
            last.get(),
            () -> {},
            event -> {
              last.set(event.id());
              out().println(event.data());
              out().flush();
              return shown.incrementAndGet() != most;
            });
      } catch (IOException e) {
        err().println("ctl: the stream broke off; going on where it was");
      } catch (ApiProblem problem) {
        if (!problem.isPassing()) {
          throw problem;
        }
        err().println("ctl: " + problem.getMessage() + "; trying again");
      }
      Thread.sleep(PAUSE_MILLIS);
    }
    return 0;
  }
}
