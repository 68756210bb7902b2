package org.pilothouse.local.command;

import java.util.List;
import org.pilothouse.local.Command;
import org.pilothouse.local.Complaint;

/** Runs a program that another module brings. */
public record ToolRun(Setting setting) {
  public int run(Command.Tool tool, List<String> arguments) {
    throw Complaint.of("`" + tool.module() + "` is not there yet", "see ./pilothouse help");
  }
}
