package org.pilothouse.ctl;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.databind.node.TextNode;
import java.io.IOException;
import java.net.URLConnection;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.pilothouse.ctl.api.PilothouseApi;
import org.pilothouse.ctl.progress.Progress;
import org.pilothouse.ctl.progress.Terminal;
import org.pilothouse.ctl.telemetry.Unusable;
import org.pilothouse.ctl.transfer.Download;
import org.pilothouse.ctl.transfer.Upload;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code ctl datasets}. */
@Command(
    name = "datasets",
    description = "What rests in the hold",
    mixinStandardHelpOptions = true,
    subcommands = {
      DatasetCommands.ListThem.class,
      DatasetCommands.Show.class,
      DatasetCommands.Preview.class,
      DatasetCommands.Send.class,
      DatasetCommands.Register.class,
      DatasetCommands.Curate.class,
      MigrateCommand.class,
      DatasetCommands.Curations.class,
      DatasetCommands.Fetch.class,
      DatasetCommands.Delete.class,
      DatasetCommands.Restore.class,
      DatasetCommands.Referrers.class,
      DatasetCommands.Sweep.class,
      DatasetCommands.Probe.class
    },
    synopsisSubcommandLabel = "COMMAND")
final class DatasetCommands {
  private static final int MOST_AT_ONCE = 16;

  /** What names a dataset. */
  abstract static class OfOne extends Answering {
    @Parameters(index = "0", paramLabel = "PILOT")
    String pilot = "";

    @Parameters(index = "1", paramLabel = "DATASET", description = "its id")
    String dataset = "";

    final String path() {
      return datasets(pilot) + "/" + PilothouseApi.encode(dataset);
    }
  }

  private static String datasets(String pilot) {
    return "/api/v1/pilots/" + PilothouseApi.encode(pilot) + "/datasets";
  }

  @Command(name = "list", description = "Datasets, newest first", mixinStandardHelpOptions = true)
  static final class ListThem extends Answering {
    @Parameters(paramLabel = "PILOT")
    String pilot = "";

    @Option(names = "--state")
    @Nullable String state;

    @Option(names = "--tag", paramLabel = "NAME[:VALUE]", description = "all must fit")
    List<String> tags = new ArrayList<>();

    @Option(names = "--name", description = "the versions of a name")
    @Nullable String name;

    @Option(
        names = {"-n", "--most"},
        defaultValue = "50",
        description = "how many at most; default: ${DEFAULT-VALUE}")
    int most = 50;

    @Override
    int answer(PilothouseApi api) {
      Query query = new Query().with("state", state).with("name", name);
      tags.forEach(tag -> query.with("tag", tag));
      List<JsonNode> items = new ArrayList<>();
      api.each(
          datasets(pilot) + query,
          item -> {
            items.add(item);
            return items.size() < most;
          });
      return show(
          items,
          "dataset_id",
          "name",
          "version",
          "state",
          "size_bytes",
          "media_type",
          "created_at");
    }
  }

  @Command(name = "show", description = "A dataset", mixinStandardHelpOptions = true)
  static final class Show extends OfOne {
    @Override
    int answer(PilothouseApi api) {
      return show(api.get(path()));
    }
  }

  @Command(
      name = "preview",
      description = {
        "The first rows of a CSV, JSON or Parquet dataset, or what is known of its columns",
        "",
        "How much was read, and what was met on the way, goes to the standard error."
      },
      mixinStandardHelpOptions = true)
  static final class Preview extends OfOne {
    private static final int WIDEST = 40;

    @Option(
        names = {"-n", "--rows"},
        defaultValue = "20",
        description = "1 to 200; default: ${DEFAULT-VALUE}")
    int rows = 20;

    @Option(names = "--columns", description = "the columns instead of the rows")
    boolean columns;

    @Override
    int answer(PilothouseApi api) {
      JsonNode preview = api.get(path() + "/preview?rows=" + rows);
      if (connection.json) {
        return show(preview);
      }
      JsonNode total = preview.path("rows_total");
      err()
          .println(
              Printed.text(preview.path("format"))
                  + ", "
                  + preview.path("rows").size()
                  + (total.isNull() ? " rows, and more" : " of " + total.asText() + " rows")
                  + ", "
                  + preview.path("columns_total").asText()
                  + " columns, statistics of the "
                  + Printed.text(preview.path("statistics_from")));
      preview.path("notes").forEach(note -> err().println(Printed.text(note)));
      err().flush();
      List<JsonNode> items = new ArrayList<>();
      if (columns) {
        preview.path("columns").forEach(items::add);
        return show(items, "name", "type", "logical", "nulls", "distinct", "min", "max", "mean");
      }
      List<String> names = new ArrayList<>();
      preview.path("columns").forEach(column -> names.add(column.path("name").asText()));
      for (JsonNode row : preview.path("rows")) {
        ObjectNode item = object();
        for (int i = 0; i < names.size(); i++) {
          // Two columns may have one name, so they go by their number here.
          item.set(Integer.toString(i), shortened(row.path(i)));
        }
        items.add(item);
      }
      Printed.sheet(out(), names, items);
      return 0;
    }

    private static JsonNode shortened(JsonNode cell) {
      String text = cell.asText();
      return cell.isTextual() && text.length() > WIDEST
          ? TextNode.valueOf(text.substring(0, WIDEST - 1) + "…")
          : cell;
    }
  }

  @Command(
      name = "upload",
      description = {
        "Send a file and wait until its bytes are verified",
        "",
        "It is sent in parts straight to object storage. An upload that broke off goes on where it"
            + " was when it is called again."
      },
      mixinStandardHelpOptions = true)
  static final class Send extends Answering {
    @Parameters(index = "0", paramLabel = "PILOT")
    String pilot = "";

    @Parameters(index = "1", paramLabel = "FILE")
    Path file = Path.of("");

    @Option(names = "--name", description = "default: the file's")
    @Nullable String name;

    @Option(names = "--type", paramLabel = "MEDIA/TYPE", description = "default: by its name")
    @Nullable String type;

    @Option(
        names = "--tag",
        paramLabel = "NAME=VALUE",
        description = "classification=internal, owner=..., personal_data=true ...")
    Map<String, String> tags = new LinkedHashMap<>();

    @Option(names = "--input", paramLabel = "DATASET", description = "what it was made from")
    List<String> inputs = new ArrayList<>();

    @Option(names = "--schema", paramLabel = "URI")
    @Nullable String schema;

    @Option(names = "--retention-days", paramLabel = "DAYS", description = "default: for ever")
    @Nullable Integer retention;

    @Option(
        names = "--parallel",
        defaultValue = "4",
        description = "parts at once, 1 to 16; default: ${DEFAULT-VALUE}")
    int parallel = 4;

    @Option(
        names = {"-q", "--quiet"},
        description = "no progress")
    boolean quiet;

    @Override
    int answer(PilothouseApi api) throws IOException, InterruptedException {
      if (parallel < 1 || parallel > MOST_AT_ONCE) {
        throw new Unusable("--parallel must be from 1 to " + MOST_AT_ONCE);
      }
      ObjectNode wanted = object();
      String fileName = String.valueOf(file.getFileName());
      wanted.put("name", name == null ? fileName : name);
      wanted.put("media_type", type == null ? typeOf(fileName) : type);
      ObjectNode said = wanted.putObject("tags");
      tags.forEach((key, value) -> put(said, key, value));
      if (!inputs.isEmpty()) {
        inputs.forEach(wanted.putObject("lineage").putArray("inputs")::add);
      }
      if (schema != null) {
        wanted.put("schema_ref", schema);
      }
      if (retention != null) {
        wanted.put("retention_days", retention);
      }
      JsonNode dataset = new Upload(api, pilot, file, parallel, progress()).run(wanted);
      return show(dataset);
    }

    private Progress progress() {
      return new Progress(err(), Terminal.style(quiet), Progress.Counted.BYTES, System::nanoTime);
    }

    private static void put(ObjectNode tags, String name, String value) {
      switch (value) {
        case "true" -> tags.put(name, true);
        case "false" -> tags.put(name, false);
        default -> tags.put(name, value);
      }
    }

    static String typeOf(String fileName) {
      String lower = fileName.toLowerCase(java.util.Locale.ROOT);
      if (lower.endsWith(".parquet")) {
        return "application/vnd.apache.parquet";
      }
      if (lower.endsWith(".csv")) {
        return "text/csv";
      }
      if (lower.endsWith(".ndjson") || lower.endsWith(".jsonl")) {
        return "application/x-ndjson";
      }
      String guessed = URLConnection.guessContentTypeFromName(fileName);
      return guessed == null ? "application/octet-stream" : guessed;
    }
  }

  @Command(
      name = "download",
      description = {
        "Fetch a dataset and check its bytes",
        "",
        "A download that broke off goes on where it was when it is called again."
      },
      mixinStandardHelpOptions = true)
  static final class Fetch extends OfOne {
    @Option(
        names = {"-o", "--output"},
        paramLabel = "FILE",
        defaultValue = ".",
        description = "a file, or a directory in which it gets the dataset's name; default: here")
    Path output = Path.of(".");

    @Option(names = "--force", description = "write over a file that is there")
    boolean force;

    @Option(
        names = {"-q", "--quiet"},
        description = "no progress")
    boolean quiet;

    @Override
    int answer(PilothouseApi api) throws IOException, InterruptedException {
      Progress progress =
          new Progress(err(), Terminal.style(quiet), Progress.Counted.BYTES, System::nanoTime);
      Path file = new Download(api, pilot, dataset, progress).run(output, force);
      if (connection.json) {
        Printed.json(out(), object().put("file", file.toString()));
      } else {
        out().println(file);
      }
      return 0;
    }
  }

  @Command(
      name = "delete",
      description =
          "Withdraw a dataset, or give an upload up; 'restore' brings it back for a while",
      mixinStandardHelpOptions = true)
  static final class Delete extends OfOne {
    @Override
    int answer(PilothouseApi api) {
      var unused = api.delete(path());
      return show(api.get(path()));
    }
  }

  @Command(
      name = "restore",
      description = "Bring a withdrawn or expired dataset back while its bytes are there",
      mixinStandardHelpOptions = true)
  static final class Restore extends OfOne {
    @Override
    int answer(PilothouseApi api) {
      return show(api.post(path() + "/restore", null));
    }
  }

  @Command(name = "references", description = "Who refers to it", mixinStandardHelpOptions = true)
  static final class Referrers extends OfOne {
    @Override
    int answer(PilothouseApi api) {
      List<JsonNode> items = new ArrayList<>();
      api.get(path() + "/references").path("items").forEach(items::add);
      return show(items, "kind", "holder", "blocks", "reason", "since", "until");
    }
  }

  @Command(
      name = "register",
      description = {
        "Point to an object that stays at the pilot's own endpoint",
        "",
        "It is read there and verified; 'show' tells what came of it."
      },
      mixinStandardHelpOptions = true)
  static final class Register extends Answering {
    @Parameters(index = "0", paramLabel = "PILOT")
    String pilot = "";

    @Parameters(index = "1", paramLabel = "URI", description = "s3://bucket/key")
    String uri = "";

    @Option(names = "--size", required = true, paramLabel = "BYTES")
    long size;

    @Option(names = "--name", description = "default: the last step of the key")
    @Nullable String name;

    @Option(names = "--type", paramLabel = "MEDIA/TYPE", description = "default: by its name")
    @Nullable String type;

    @Option(names = "--checksum", paramLabel = "sha256:DIGITS")
    @Nullable String checksum;

    @Option(names = "--tag", paramLabel = "NAME=VALUE")
    Map<String, String> tags = new LinkedHashMap<>();

    @Override
    int answer(PilothouseApi api) {
      String step = uri.substring(uri.lastIndexOf('/') + 1);
      ObjectNode wanted = object();
      wanted.put("name", name == null ? step : name);
      wanted.put("media_type", type == null ? Send.typeOf(step) : type);
      wanted.put("size_bytes", size);
      wanted.put("object_uri", uri);
      if (checksum != null) {
        wanted.put("checksum", checksum);
      }
      ObjectNode said = wanted.putObject("tags");
      tags.forEach((key, value) -> Send.put(said, key, value));
      return show(api.post(datasets(pilot), wanted));
    }
  }

  @Command(
      name = "curate",
      description = {
        "Copy datasets from the pilot's own endpoint to the centre",
        "",
        "Chosen by id, or by --tag, --name, --from and --to."
      },
      mixinStandardHelpOptions = true)
  static final class Curate extends Answering {
    @Parameters(index = "0", paramLabel = "PILOT")
    String pilot = "";

    @Parameters(index = "1..*", paramLabel = "DATASET", description = "ids")
    List<String> datasets = new ArrayList<>();

    @Option(names = "--tag", paramLabel = "NAME[:VALUE]")
    @Nullable String tag;

    @Option(names = "--name")
    @Nullable String name;

    @Option(names = "--from", paramLabel = "TIME", description = "created at or after")
    @Nullable String from;

    @Option(names = "--to", paramLabel = "TIME", description = "created before")
    @Nullable String to;

    @Option(names = "--dry-run", description = "only tell what it would do")
    boolean dryRun;

    @Override
    int answer(PilothouseApi api) {
      ObjectNode wanted = object();
      if (!datasets.isEmpty()) {
        datasets.forEach(wanted.putArray("datasets")::add);
      }
      wanted.put("tag", tag);
      wanted.put("name", name);
      wanted.put("from", from);
      wanted.put("to", to);
      wanted.put("dry_run", dryRun);
      return show(api.post(datasets(pilot) + "/curations", wanted));
    }
  }

  @Command(
      name = "curations",
      description = {
        "Copies to the centre that were asked for, newest first",
        "",
        "With an id, its copies and how far each is; with --cancel, no more of it is copied: what is"
            + " whole stays, what is under way is given up."
      },
      mixinStandardHelpOptions = true)
  static final class Curations extends Answering {
    @Parameters(index = "0", paramLabel = "PILOT")
    String pilot = "";

    @Parameters(index = "1", arity = "0..1", paramLabel = "CURATION", description = "its id")
    @Nullable String curation;

    @Option(names = "--cancel", description = "copy no more of it")
    boolean cancel;

    @Option(
        names = {"-n", "--most"},
        defaultValue = "50",
        description = "how many at most; default: ${DEFAULT-VALUE}")
    int most = 50;

    @Override
    int answer(PilothouseApi api) {
      String path = datasets(pilot) + "/curations";
      if (curation == null) {
        if (cancel) {
          throw new Unusable("--cancel needs the id of a curation");
        }
        return list(api, path);
      }
      String one = path + "/" + PilothouseApi.encode(curation);
      JsonNode found = cancel ? api.post(one + "/cancel", null) : api.get(one);
      if (connection.json) {
        return show(found);
      }
      List<JsonNode> items = new ArrayList<>();
      found.path("copies").forEach(items::add);
      return show(
          items,
          "source_id",
          "name",
          "state",
          "copied_bytes",
          "size_bytes",
          "dataset_id",
          "failure");
    }

    private int list(PilothouseApi api, String path) {
      List<JsonNode> items = new ArrayList<>();
      api.each(
          path,
          item -> {
            items.add(item);
            return items.size() < most;
          });
      return show(
          items,
          "curation_id",
          "done",
          "datasets",
          "copied_bytes",
          "bytes",
          "created_at",
          "created_by",
          "cancelled_at");
    }
  }

  @Command(
      name = "probe",
      description = "Look now whether the pilot's own endpoint answers",
      mixinStandardHelpOptions = true)
  static final class Probe extends Answering {
    @Parameters(paramLabel = "PILOT")
    String pilot = "";

    @Override
    int answer(PilothouseApi api) {
      return show(
          api.post("/api/v1/pilots/" + PilothouseApi.encode(pilot) + "/storage/site/probe", null));
    }
  }

  @Command(
      name = "sweep",
      description = "What a sweep of the hold would find; with --do, it is done",
      mixinStandardHelpOptions = true)
  static final class Sweep extends Answering {
    @Parameters(paramLabel = "PILOT")
    String pilot = "";

    @Option(names = "--do", description = "remove what is past its grace time, mark the rest")
    boolean act;

    @Override
    int answer(PilothouseApi api) {
      String path = "/api/v1/pilots/" + PilothouseApi.encode(pilot) + "/storage/sweep";
      JsonNode swept = act ? api.post(path, null) : api.get(path);
      List<JsonNode> items = new ArrayList<>();
      swept.path("findings").forEach(items::add);
      return show(
          items,
          "kind",
          "object_uri",
          "dataset_id",
          "size_bytes",
          "first_seen_at",
          "due_at",
          "action");
    }
  }
}
