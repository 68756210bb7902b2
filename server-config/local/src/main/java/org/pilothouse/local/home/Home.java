package org.pilothouse.local.home;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * Where one installation keeps its files. {@code dist} holds what was downloaded and unpacked and
 * may be shared with another home; everything else belongs to this one alone.
 */
public record Home(Path root, Path dist) {

  public static Home at(Path root) {
    return new Home(root, root.resolve("dist"));
  }

  /** A home inside this one, with data of its own and the same downloads. */
  public Home nested(String name) {
    return new Home(root.resolve(name), dist);
  }

  public Path data(String process) {
    return root.resolve("data").resolve(process);
  }

  public Path data() {
    return root.resolve("data");
  }

  public Path logs() {
    return root.resolve("logs");
  }

  public Path log(String process) {
    return logs().resolve(process + ".log");
  }

  public Path run() {
    return root.resolve("run");
  }

  public Path config(String process) {
    return root.resolve("config").resolve(process);
  }

  public Path liberty() {
    return root.resolve("liberty");
  }

  public Path plan() {
    return run().resolve("plan.json");
  }

  public Path state() {
    return run().resolve("state.json");
  }

  public Path control() {
    return run().resolve("supervisor.json");
  }

  public Path lock() {
    return run().resolve("supervisor.lock");
  }

  public Path platformSettings() {
    return run().resolve("pilothouse.properties");
  }

  public Path secrets() {
    return root.resolve("secrets.json");
  }

  public Path credentials() {
    return root.resolve("credentials.json");
  }

  public Path endpoints() {
    return root.resolve("endpoints.json");
  }

  public void create() {
    try {
      for (Path directory : new Path[] {root, dist, data(), logs(), run()}) {
        Files.createDirectories(directory);
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
