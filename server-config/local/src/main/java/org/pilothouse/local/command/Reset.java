package org.pilothouse.local.command;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Scanner;
import org.pilothouse.local.home.Home;
import org.pilothouse.local.provision.Trees;

/** Stops the stack and removes its data and secrets; downloads stay. */
public record Reset(Setting setting) {

  public int run(boolean confirmed) {
    if (!confirmed && !agreed()) {
      setting.out().println("nothing was changed");
      return 1;
    }
    new Down(setting).run();
    wipe(setting.home());
    setting.out().println("removed the data, logs and sign-ins in " + setting.home().root());
    return 0;
  }

  static void wipe(Home home) {
    for (Path directory :
        List.of(
            home.data(),
            home.logs(),
            home.run(),
            home.liberty(),
            home.root().resolve("config"),
            // What ctl remembers of this stack: what it imported, and its devices' tokens.
            home.root().resolve("imports"),
            home.root().resolve("devices"))) {
      Trees.delete(directory);
    }
    try {
      for (Path file : List.of(home.secrets(), home.credentials(), home.endpoints())) {
        Files.deleteIfExists(file);
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private boolean agreed() {
    setting.out().print("This removes all data in " + setting.home().root() + ". Type yes: ");
    setting.out().flush();
    Scanner in = new Scanner(System.in, StandardCharsets.UTF_8);
    return in.hasNextLine() && in.nextLine().strip().equalsIgnoreCase("yes");
  }
}
