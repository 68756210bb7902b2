package org.pilothouse.local.provision;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermission;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.pilothouse.local.Complaint;

/**
 * How servers that refuse to run as root are run. Not root: as they are. Root: as a system user of
 * their own, or, where that user could not reach the files (a checkout below a private home
 * directory), inside a user namespace in which root is somebody else.
 */
public sealed interface Unprivileged {

  String USER = "pilothouse";

  List<String> wrap(List<String> command);

  /** Makes a directory and all in it belong to the one that {@link #wrap} runs as. */
  void give(Path directory);

  /** The launcher's own user. */
  record SameUser() implements Unprivileged {
    @Override
    public List<String> wrap(List<String> command) {
      return command;
    }

    @Override
    public void give(Path directory) {}
  }

  /** A system user without a password or a shell. */
  record SystemUser() implements Unprivileged {
    @Override
    public List<String> wrap(List<String> command) {
      return prefixed(
          List.of(
              "setpriv",
              "--reuid=" + USER,
              "--regid=" + USER,
              "--clear-groups",
              "--inh-caps=-all",
              "--"),
          command);
    }

    @Override
    public void give(Path directory) {
      chown(directory, USER);
    }
  }

  /**
   * A user namespace without a mapping: the process sees itself as nobody and owns what root owns.
   */
  record UserNamespace() implements Unprivileged {
    @Override
    public List<String> wrap(List<String> command) {
      return prefixed(
          List.of("unshare", "--user", "--map-user=1000", "--map-group=1000", "--"), command);
    }

    @Override
    public void give(Path directory) {
      chown(directory, "root");
    }
  }

  static boolean isRoot() {
    return "0".equals(Shell.run(List.of("id", "-u"), Duration.ofSeconds(5)).output());
  }

  /** Chooses a way in which all of {@code needed} can be reached, creating the user if need be. */
  static Unprivileged choose(boolean root, List<Path> needed) {
    if (!root) {
      return new SameUser();
    }
    if (needed.stream().allMatch(Unprivileged::openToOthers)) {
      Duration bound = Duration.ofSeconds(20);
      if (!Shell.run(List.of("id", "-u", USER), bound).succeeded()) {
        Shell.Finished made =
            Shell.run(
                List.of(
                    "useradd",
                    "--system",
                    "--user-group",
                    "--no-create-home",
                    "--shell",
                    "/usr/sbin/nologin",
                    USER),
                bound);
        if (!made.succeeded()) {
          throw Complaint.of(
              "the user " + USER + " could not be created: " + made.output(),
              "run: useradd --system --user-group --no-create-home " + USER);
        }
      }
      return new SystemUser();
    }
    if (Shell.run(List.of("unshare", "--user", "--map-user=1000", "true"), Duration.ofSeconds(5))
        .succeeded()) {
      return new UserNamespace();
    }
    throw Complaint.of(
        "Elasticsearch and PostgreSQL refuse to run as root, and another user cannot reach "
            + needed.stream().filter(path -> !openToOthers(path)).findFirst().orElseThrow(),
        "set PILOTHOUSE_HOME to a directory that all may enter, such as /var/lib/pilothouse");
  }

  private static boolean openToOthers(Path path) {
    try {
      Path real = path.toRealPath();
      for (Path each = real; each != null; each = each.getParent()) {
        if (!Files.getPosixFilePermissions(each).contains(PosixFilePermission.OTHERS_EXECUTE)) {
          return false;
        }
      }
      return true;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static void chown(Path directory, String owner) {
    try {
      if (Files.getOwner(directory).getName().equals(owner)) {
        return;
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    Shell.Finished done =
        Shell.run(
            List.of("chown", "-R", owner + ":" + owner, directory.toString()),
            Map.of(),
            "",
            Duration.ofMinutes(2));
    if (!done.succeeded()) {
      throw Complaint.of(
          "the owner of " + directory + " could not be changed: " + done.output(),
          "check the file system's options");
    }
  }

  private static List<String> prefixed(List<String> prefix, List<String> command) {
    List<String> all = new ArrayList<>(prefix);
    all.addAll(command);
    return all;
  }
}
