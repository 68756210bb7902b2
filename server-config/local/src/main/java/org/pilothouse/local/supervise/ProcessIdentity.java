package org.pilothouse.local.supervise;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * A process that cannot be mistaken for another that got the same number later.
 *
 * @param startTicks the kernel's start time of the process in clock ticks since boot
 * @param startedAt the same as an instant, for people
 */
public record ProcessIdentity(long pid, long startTicks, String startedAt) {

  private static final int STATE_FIELD = 0;
  private static final int START_FIELD = 19;

  public static Optional<ProcessIdentity> of(ProcessHandle handle) {
    OptionalLong ticks = startTicks(handle.pid());
    if (ticks.isEmpty()) {
      return Optional.empty();
    }
    String startedAt = handle.info().startInstant().map(Object::toString).orElse("unknown");
    return Optional.of(new ProcessIdentity(handle.pid(), ticks.getAsLong(), startedAt));
  }

  public boolean isAlive() {
    OptionalLong ticks = startTicks(pid);
    return ticks.isPresent() && ticks.getAsLong() == startTicks;
  }

  public Optional<ProcessHandle> handle() {
    return isAlive() ? ProcessHandle.of(pid) : Optional.empty();
  }

  /** The process and all below it. */
  public List<ProcessIdentity> tree() {
    List<ProcessIdentity> tree = new ArrayList<>();
    handle()
        .ifPresent(root -> {
          tree.add(this);
          root.descendants().forEach(child -> of(child).ifPresent(tree::add));
        });
    return tree;
  }

  /**
   * Bytes of memory that would come free if the process and all below it ended, as far as known.
   */
  public long memory() {
    long sum = 0;
    for (ProcessIdentity each : tree()) {
      sum += resident(each.pid(), each.pid() != pid);
    }
    return sum;
  }

  /** Bytes of memory of the process alone. */
  public long ownMemory() {
    return isAlive() ? resident(pid, false) : 0;
  }

  public void signal(String signal) {
    if (!isAlive()) {
      return;
    }
    try {
      // The shell's own: the program of that name is in a package that small machines lack.
      new ProcessBuilder("sh", "-c", "kill -" + signal + " " + pid)
          .redirectErrorStream(true)
          .redirectOutput(ProcessBuilder.Redirect.DISCARD)
          .start()
          .waitFor();
    } catch (IOException e) {
      handle().ifPresent(ProcessHandle::destroy);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /** A dead process that nobody has reaped yet counts as gone. */
  private static OptionalLong startTicks(long pid) {
    try {
      String stat = Files.readString(Path.of("/proc", Long.toString(pid), "stat"));
      String[] fields = stat.substring(stat.lastIndexOf(')') + 2).split(" ");
      return "Z".equals(fields[STATE_FIELD])
          ? OptionalLong.empty()
          : OptionalLong.of(Long.parseLong(fields[START_FIELD]));
    } catch (IOException | RuntimeException e) {
      return OptionalLong.empty();
    }
  }

  private static long resident(long pid, boolean ownPagesOnly) {
    try (var lines = Files.lines(Path.of("/proc", Long.toString(pid), "status"))) {
      return lines
          .filter(line -> line.startsWith(ownPagesOnly ? "RssAnon:" : "VmRSS:"))
          .mapToLong(line -> Long.parseLong(line.replaceAll("\\D", "")) * 1024)
          .sum();
    } catch (IOException | RuntimeException e) {
      return 0;
    }
  }
}
