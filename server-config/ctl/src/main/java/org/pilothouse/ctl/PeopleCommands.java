package org.pilothouse.ctl;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.pilothouse.ctl.api.PilothouseApi;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code ctl people}. */
@Command(
    name = "people",
    description = "People, their roles and their passwords",
    mixinStandardHelpOptions = true,
    subcommands = {
      PeopleCommands.ListThem.class,
      PeopleCommands.Get.class,
      PeopleCommands.Create.class,
      PeopleCommands.Disable.class,
      PeopleCommands.Enable.class
    },
    synopsisSubcommandLabel = "COMMAND")
final class PeopleCommands {
  private static String path(String username) {
    return "/api/v1/people/" + PilothouseApi.encode(username);
  }

  @Command(name = "list", description = "The people you may see", mixinStandardHelpOptions = true)
  static final class ListThem extends Answering {
    @Override
    int answer(PilothouseApi api) {
      return show(
          api.list("/api/v1/people"), "username", "display_name", "roles", "pilot", "disabled");
    }
  }

  @Command(name = "get", description = "One person", mixinStandardHelpOptions = true)
  static final class Get extends Answering {
    @Parameters(paramLabel = "USERNAME")
    String username = "";

    @Override
    int answer(PilothouseApi api) {
      return show(api.get(path(username)));
    }
  }

  @Command(name = "create", description = "Add a person", mixinStandardHelpOptions = true)
  static final class Create extends Answering {
    @Parameters(paramLabel = "USERNAME")
    String username = "";

    @Option(
        names = "--role",
        required = true,
        paramLabel = "ROLE",
        description =
            "pilot-operator, pilot-admin, data-steward, support-agent or platform-admin;"
                + " several times")
    List<String> roles = new ArrayList<>();

    @Option(names = "--pilot", description = "the person's pilot; none for the consortium's staff")
    @Nullable String pilot;

    @Option(names = "--display-name", paramLabel = "NAME")
    @Nullable String displayName;

    @Option(
        names = "--password",
        interactive = true,
        arity = "0..1",
        required = true,
        description = "the initial password, at least 12 characters; asked for when left empty")
    String password = "";

    @Override
    int answer(PilothouseApi api) {
      ObjectNode body = object();
      body.put("username", username);
      if (displayName != null) {
        body.put("display_name", displayName);
      }
      ArrayNode list = body.putArray("roles");
      roles.forEach(list::add);
      body.put("pilot", pilot);
      body.put("password", password);
      return show(api.post("/api/v1/people", body));
    }
  }

  @Command(name = "disable", description = "Keep a person out", mixinStandardHelpOptions = true)
  static final class Disable extends Answering {
    @Parameters(paramLabel = "USERNAME")
    String username = "";

    @Override
    int answer(PilothouseApi api) {
      return show(api.patch(path(username), object().put("disabled", true)));
    }
  }

  @Command(name = "enable", description = "Let a person in again", mixinStandardHelpOptions = true)
  static final class Enable extends Answering {
    @Parameters(paramLabel = "USERNAME")
    String username = "";

    @Override
    int answer(PilothouseApi api) {
      return show(api.patch(path(username), object().put("disabled", false)));
    }
  }
}
