package org.pilothouse.ctl;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.pilothouse.ctl.api.PilothouseApi;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code ctl audit}. */
@Command(
    name = "audit",
    description = "The append-only trail",
    mixinStandardHelpOptions = true,
    subcommands = {AuditCommands.ListThem.class, AuditCommands.Verify.class},
    synopsisSubcommandLabel = "COMMAND")
final class AuditCommands {
  @Command(name = "list", description = "The trail, newest first", mixinStandardHelpOptions = true)
  static final class ListThem extends Answering {
    @Option(names = "--pilot")
    @Nullable String pilot;

    @Option(names = "--actor", paramLabel = "NAME")
    @Nullable String actor;

    @Option(names = "--action")
    @Nullable String action;

    @Option(names = "--from", paramLabel = "TIME", description = "RFC 3339")
    @Nullable String from;

    @Option(names = "--to", paramLabel = "TIME", description = "RFC 3339")
    @Nullable String to;

    @Option(
        names = {"-n", "--most"},
        defaultValue = "50",
        description = "how many at most; default: ${DEFAULT-VALUE}")
    int most = 50;

    @Override
    int answer(PilothouseApi api) {
      Query query =
          new Query()
              .with("pilot", pilot)
              .with("actor", actor)
              .with("action", action)
              .with("from", from)
              .with("to", to);
      List<JsonNode> items = new ArrayList<>();
      api.each(
          "/api/v1/audit" + query,
          item -> {
            items.add(item);
            return items.size() < most;
          });
      return show(items, "sequence", "time", "actor", "pilot", "action", "resource", "outcome");
    }
  }

  @Command(
      name = "verify",
      description = "Whether the trail's chain of hashes holds: exit code 0 if so, 1 if not",
      mixinStandardHelpOptions = true)
  static final class Verify extends Answering {
    @Override
    int answer(PilothouseApi api) {
      JsonNode verdict = api.get("/api/v1/audit/verify");
      boolean intact = verdict.path("intact").asBoolean();
      if (connection.json) {
        Printed.json(out(), verdict);
      } else if (intact) {
        out()
            .printf(
                "intact: %s entries, head %s%n",
                verdict.path("entries").asText(), Printed.text(verdict.path("head")));
      } else {
        out().printf("BROKEN at entry %s%n", Printed.text(verdict.path("broken_at")));
      }
      return intact ? 0 : Ctl.REFUSED;
    }
  }
}
