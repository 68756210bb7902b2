package org.pilothouse.local.command;

import com.fasterxml.jackson.annotation.JsonInclude;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.pilothouse.local.home.Json;
import org.pilothouse.local.supervise.ProcessReport;
import org.pilothouse.local.supervise.ProcessState;
import org.pilothouse.local.supervise.StackReport;

/** Tells how every process is, from the supervisor's state file and the process table. */
public record Status(Setting setting) {

  private static final int NOT_ALL_UP = 3;

  /** One line of the table, one element of the JSON. */
  record Row(
      String name,
      ProcessState state,
      @JsonInclude(JsonInclude.Include.ALWAYS) @Nullable Long pid,
      int port,
      String version,
      long memoryBytes,
      int restarts,
      @Nullable String lastExit,
      @Nullable String lastExitAt,
      @Nullable String since,
      @Nullable String log,
      @Nullable String detail) {

    /** A process that is up but leaves its probe unanswered is not fine. */
    boolean isFine() {
      return state == ProcessState.UP && detail == null;
    }
  }

  /** The whole answer. */
  record Overview(String home, boolean up, List<Row> processes) {}

  public int run(boolean json) {
    Overview overview = overview();
    setting.out().print(json ? Json.write(overview) + "\n" : table(overview, Instant.now()));
    return overview.up() ? 0 : NOT_ALL_UP;
  }

  Overview overview() {
    Optional<StackReport> report = setting.report();
    List<Row> rows = new ArrayList<>();
    report.ifPresent(stack -> {
      boolean supervised = stack.supervisor().isAlive();
      boolean anything =
          stack.processes().stream().anyMatch(each -> each.livingProcess().isPresent());
      rows.add(
          new Row(
              "supervisor",
              supervised ? ProcessState.UP : anything ? ProcessState.CRASHED : ProcessState.STOPPED,
              supervised ? stack.supervisor().pid() : null,
              stack.controlPort(),
              "java " + Runtime.version().feature(),
              stack.supervisor().ownMemory(),
              0,
              null,
              null,
              stack.supervisor().startedAt(),
              setting.home().log("supervisor").toString(),
              supervised || !anything ? null : "`./pilothouse up` starts a new one"));
      stack.processes().forEach(process -> rows.add(row(process, supervised)));
    });
    boolean up = !rows.isEmpty() && rows.stream().allMatch(Row::isFine);
    return new Overview(setting.home().root().toString(), up, rows);
  }

  /** What the process table says wins over a state file that nobody writes any more. */
  private Row row(ProcessReport process, boolean supervised) {
    boolean alive = process.livingProcess().isPresent();
    ProcessState state = process.state();
    if (state == ProcessState.UP && !alive) {
      state = ProcessState.CRASHED;
    } else if (!supervised && !alive) {
      state = ProcessState.STOPPED;
    }
    return new Row(
        process.name(),
        state,
        process.livingProcess().map(living -> living.pid()).orElse(null),
        process.port(),
        process.version(),
        process.livingProcess().map(living -> living.memory()).orElse(0L),
        process.restarts(),
        process.lastExit(),
        process.lastExitAt(),
        process.since(),
        setting.home().log(process.name()).toString(),
        process.detail());
  }

  static String table(Overview overview, Instant now) {
    if (overview.processes().isEmpty()) {
      return "nothing runs; `./pilothouse up` starts the stack (" + overview.home() + ")\n";
    }
    StringBuilder text = new StringBuilder();
    String format = "%-14s %-10s %8s %6s  %-15s %8s  %s%n";
    text.append(String.format(format, "NAME", "STATE", "PID", "PORT", "VERSION", "MEMORY", "NOTE"));
    for (Row row : overview.processes()) {
      text.append(
          String.format(
              format,
              row.name(),
              row.state().word(),
              row.pid() == null ? "-" : row.pid().toString(),
              row.port(),
              row.version(),
              row.memoryBytes() == 0 ? "-" : row.memoryBytes() / (1024 * 1024) + " MB",
              note(row, now)));
    }
    return text.toString().replaceAll("[ ]+(\\R)", "$1");
  }

  private static String note(Row row, Instant now) {
    List<String> notes = new ArrayList<>();
    if (row.detail() != null) {
      notes.add(row.detail());
    }
    if (row.restarts() > 0) {
      notes.add("restarted " + row.restarts() + (row.restarts() == 1 ? " time" : " times"));
    }
    if (row.lastExit() != null && row.lastExitAt() != null) {
      Duration ago = Duration.between(Instant.parse(row.lastExitAt()), now);
      String last = "last: " + row.lastExit() + ", " + Math.max(0, ago.toSeconds()) + " s ago";
      if (row.detail() == null || !row.detail().startsWith(row.lastExit())) {
        notes.add(last);
      }
    }
    return String.join("; ", notes);
  }
}
