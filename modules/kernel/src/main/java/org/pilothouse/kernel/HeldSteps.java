package org.pilothouse.kernel;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardWatchEventKinds;
import java.nio.file.WatchKey;
import java.nio.file.WatchService;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Fault injection: holds a node at a step, for somebody who wants to end it exactly there. Who puts
 * a file with a step's name into the directory has the next one held that comes to this step, and
 * no other: the file then has the ending {@code .held}. It goes on when that file is removed, or
 * after a while.
 */
public final class HeldSteps<S extends Enum<S>> {
  private static final Logger LOG = LoggerFactory.getLogger(HeldSteps.class);
  private static final Duration LONGEST = Duration.ofMinutes(15);

  /** Not every file system tells of what was removed. */
  private static final Duration LOOK = Duration.ofSeconds(1);

  private final Path directory;

  private HeldSteps(Path directory) {
    this.directory = directory;
  }

  /**
   * The directory that a setting names. One that was forgotten must not hold up a node that people
   * rely on.
   *
   * @throws Settings.InvalidSetting also when faults are not to be heard
   */
  public static Optional<Path> directory(Settings settings, String key) {
    boolean faults =
        settings.oneOf("pilothouse.faults", "false", List.of("true", "false")).equals("true");
    Optional<Path> directory = settings.optional(key).map(text -> directory(key, text));
    if (directory.isPresent() && !faults) {
      throw new Settings.InvalidSetting(
          key + " injects faults, which needs pilothouse.faults=true");
    }
    return directory;
  }

  private static Path directory(String key, String text) {
    try {
      Path directory = Path.of(text);
      if (directory.isAbsolute() && Files.isDirectory(directory) && Files.isWritable(directory)) {
        return directory;
      }
    } catch (InvalidPathException e) {
      // Said below, with what is expected.
    }
    throw new Settings.InvalidSetting(
        key + " must be the absolute path of a directory to write to, not '" + text + "'");
  }

  /**
   * Names all the steps in the file {@code steps}, a line each: none can be forgotten.
   *
   * @param all the steps that there are
   */
  public static <S extends Enum<S>> HeldSteps<S> in(Path directory, Class<S> all) {
    try {
      Files.write(
          directory.resolve("steps"),
          Arrays.stream(all.getEnumConstants()).map(HeldSteps::word).toList());
    } catch (IOException e) {
      throw new UncheckedIOException("cannot write to " + directory, e);
    }
    LOG.warn("faults are injected: this node is held at the steps that are named in {}", directory);
    return new HeldSteps<>(directory);
  }

  /** How the files call it. */
  public static String word(Enum<?> step) {
    return step.name().toLowerCase(Locale.ROOT);
  }

  /** Where somebody waits for it there, this returns later. */
  public void reached(S step) {
    Path named = directory.resolve(word(step));
    if (!Files.exists(named)) {
      return;
    }
    Path held = directory.resolve(word(step) + ".held");
    try {
      Files.move(named, held, StandardCopyOption.ATOMIC_MOVE);
    } catch (NoSuchFileException e) {
      // Another one was there first.
      return;
    } catch (IOException e) {
      throw new UncheckedIOException("cannot rename " + named, e);
    }
    LOG.warn("held step={}", word(step));
    hold(held);
    LOG.warn("goes on step={}", word(step));
  }

  private void hold(Path held) {
    long until = System.nanoTime() + LONGEST.toNanos();
    try (WatchService removals = directory.getFileSystem().newWatchService()) {
      directory.register(removals, StandardWatchEventKinds.ENTRY_DELETE);
      while (Files.exists(held) && System.nanoTime() < until) {
        WatchKey key = removals.poll(LOOK.toMillis(), TimeUnit.MILLISECONDS);
        if (key != null) {
          var unused = key.pollEvents();
          var stillThere = key.reset();
        }
      }
    } catch (IOException e) {
      throw new UncheckedIOException("cannot watch " + directory, e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
