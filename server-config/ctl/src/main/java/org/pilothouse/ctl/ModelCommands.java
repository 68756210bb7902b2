package org.pilothouse.ctl;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.pilothouse.ctl.api.ApiProblem;
import org.pilothouse.ctl.api.PilothouseApi;
import org.pilothouse.ctl.telemetry.Unusable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code ctl models}. */
@Command(
    name = "models",
    description = "Which kinds of twin there are: W3C Thing Models",
    mixinStandardHelpOptions = true,
    subcommands = {
      ModelCommands.ListThem.class,
      ModelCommands.Show.class,
      ModelCommands.Put.class,
      ModelCommands.ImportDtdl.class,
      ModelCommands.Revisions.class
    },
    synopsisSubcommandLabel = "COMMAND")
final class ModelCommands {
  private static final long LARGEST = 256 * 1024;

  private static String path(String pilot) {
    return "/api/v1/pilots/" + PilothouseApi.encode(pilot) + "/models";
  }

  private static String path(String pilot, String model) {
    return path(pilot) + "/" + PilothouseApi.encode(model);
  }

  @Command(name = "list", description = "A pilot's models", mixinStandardHelpOptions = true)
  static final class ListThem extends Answering {
    @Parameters(paramLabel = "PILOT")
    String pilot = "";

    @Override
    int answer(PilothouseApi api) {
      return show(
          api.list(path(pilot)),
          "model_id",
          "revision",
          "title",
          "version",
          "properties",
          "actions",
          "updated_at");
    }
  }

  @Command(
      name = "show",
      description = "What twins of a model report and can be told; with --json the document itself",
      mixinStandardHelpOptions = true)
  static final class Show extends Answering {
    @Parameters(index = "0", paramLabel = "PILOT")
    String pilot = "";

    @Parameters(index = "1", paramLabel = "MODEL")
    String model = "";

    @Option(names = "--revision", paramLabel = "N", description = "default: the current one")
    @Nullable Integer revision;

    @Override
    int answer(PilothouseApi api) {
      JsonNode document =
          api.get(path(pilot, model) + (revision == null ? "" : "?revision=" + revision));
      if (connection.json) {
        return show(document);
      }
      ObjectNode head = object();
      for (String name : List.of("title", "description")) {
        head.set(name, document.path(name));
      }
      head.set("version", document.path("version").path("model"));
      Printed.fields(out(), head);
      section("properties", properties(document), "property", "type", "unit", "range", "title");
      section("actions", actions(document), "action", "input", "title");
      return 0;
    }

    private void section(String title, List<JsonNode> rows, String... columns) {
      if (!rows.isEmpty()) {
        out().println();
        out().println(title);
        Printed.table(out(), rows, List.of(columns));
      }
    }

    private static List<JsonNode> properties(JsonNode document) {
      List<JsonNode> rows = new ArrayList<>();
      document
          .path("properties")
          .properties()
          .forEach(each -> {
            JsonNode schema = each.getValue();
            ObjectNode row = object().put("property", each.getKey());
            row.set("type", schema.path("type"));
            row.set("unit", schema.path("unit"));
            row.put("range", range(schema));
            row.set("title", schema.path("title"));
            rows.add(row);
          });
      return rows;
    }

    private static @Nullable String range(JsonNode schema) {
      if (schema.has("enum")) {
        return Printed.text(schema.path("enum"));
      }
      if (!schema.has("minimum") && !schema.has("maximum")) {
        return null;
      }
      return (schema.has("minimum") ? schema.path("minimum").asText() : "")
          + ".."
          + (schema.has("maximum") ? schema.path("maximum").asText() : "");
    }

    private static List<JsonNode> actions(JsonNode document) {
      List<JsonNode> rows = new ArrayList<>();
      document
          .path("actions")
          .properties()
          .forEach(each -> {
            JsonNode input = each.getValue().get("input");
            ObjectNode row = object().put("action", each.getKey());
            row.put("input", input == null ? null : SchemaExample.of(input).toString());
            row.set("title", each.getValue().path("title"));
            rows.add(row);
          });
      return rows;
    }
  }

  /** Puts a document of either kind. */
  abstract static class Putting extends Answering {
    @Parameters(index = "0", paramLabel = "PILOT")
    String pilot = "";

    @Parameters(index = "1", paramLabel = "MODEL", description = "its id, [a-z0-9][a-z0-9-]{0,62}")
    String model = "";

    @Parameters(index = "2", paramLabel = "FILE")
    Path file = Path.of("");

    @Option(
        names = "--if-revision",
        paramLabel = "N",
        description = "only if this is still the current revision")
    @Nullable Integer ifRevision;

    final int put(PilothouseApi api, String mediaType) throws IOException {
      if (!Files.isRegularFile(file)) {
        throw new Unusable(file + " cannot be read");
      }
      if (Files.size(file) > LARGEST) {
        throw new Unusable(file + " is larger than a model may be, " + LARGEST + " bytes");
      }
      Map<String, String> condition =
          ifRevision == null ? Map.of() : Map.of("If-Match", "\"" + ifRevision + "\"");
      JsonNode answer = api.put(path(pilot, model), Files.readString(file), mediaType, condition);
      if (!connection.json) {
        answer
            .path("warnings")
            .forEach(warning -> err().println("warning: " + Printed.text(warning)));
        ((ObjectNode) answer).remove("warnings");
      }
      return show(answer);
    }
  }

  @Command(
      name = "put",
      description = "Create a model, or a compatible next revision of it, from a Thing Model",
      mixinStandardHelpOptions = true)
  static final class Put extends Putting {
    @Override
    int answer(PilothouseApi api) throws IOException {
      return put(api, "application/tm+json");
    }
  }

  @Command(
      name = "import-dtdl",
      description = "The same from a DTDL interface, version 2 or 3; warns of what is lost",
      mixinStandardHelpOptions = true)
  static final class ImportDtdl extends Putting {
    @Override
    int answer(PilothouseApi api) throws IOException {
      return put(api, "application/dtdl+json");
    }
  }

  @Command(
      name = "revisions",
      description = "A model's documents, newest first",
      mixinStandardHelpOptions = true)
  static final class Revisions extends Answering {
    @Parameters(index = "0", paramLabel = "PILOT")
    String pilot = "";

    @Parameters(index = "1", paramLabel = "MODEL")
    String model = "";

    @Option(
        names = {"-n", "--most"},
        defaultValue = "20",
        description = "how many at most; default: ${DEFAULT-VALUE}")
    int most = 20;

    @Override
    int answer(PilothouseApi api) {
      List<JsonNode> rows = new ArrayList<>();
      long newest = newest(api);
      for (long revision = newest; revision > 0 && rows.size() < most; revision--) {
        JsonNode document = api.get(path(pilot, model) + "?revision=" + revision);
        ObjectNode row = object().put("revision", revision);
        row.set("title", document.path("title"));
        row.set("version", document.path("version").path("model"));
        row.put("properties", document.path("properties").size());
        row.put("actions", document.path("actions").size());
        rows.add(row);
      }
      return show(rows, "revision", "title", "version", "properties", "actions");
    }

    /** The list of models says it; the documents themselves do not. */
    private long newest(PilothouseApi api) {
      long[] found = {0};
      api.each(
          path(pilot),
          each -> {
            if (each.path("model_id").asText().equals(model)) {
              found[0] = each.path("revision").asLong();
            }
            return found[0] == 0;
          });
      if (found[0] == 0) {
        throw new ApiProblem(404, "not_found", "the pilot " + pilot + " has no model " + model);
      }
      return found[0];
    }
  }
}
