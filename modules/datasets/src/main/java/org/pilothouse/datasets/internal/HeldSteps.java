package org.pilothouse.datasets.internal;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardWatchEventKinds;
import java.nio.file.WatchKey;
import java.nio.file.WatchService;
import java.time.Duration;
import java.util.Arrays;
import java.util.Locale;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Fault injection: holds a node at a step, for somebody who wants to end it exactly there. Who puts
 * a file with a step's name into the directory has the next one held that comes to this step, and
 * no other: the file then has the ending {@code .held}. It goes on when that file is removed, or
 * after a while.
 */
public final class HeldSteps implements Steps {
  private static final Logger LOG = LoggerFactory.getLogger(HeldSteps.class);
  private static final Duration LONGEST = Duration.ofMinutes(15);

  /** Not every file system tells of what was removed. */
  private static final Duration LOOK = Duration.ofSeconds(1);

  private final Path directory;

  private HeldSteps(Path directory) {
    this.directory = directory;
  }

  /** Names all the steps in the file {@code steps}, a line each: none can be forgotten. */
  public static HeldSteps in(Path directory) {
    try {
      Files.write(
          directory.resolve("steps"), Arrays.stream(Step.values()).map(HeldSteps::word).toList());
    } catch (IOException e) {
      throw new UncheckedIOException("cannot write to " + directory, e);
    }
    LOG.warn("faults are injected: this node is held at the steps that are named in {}", directory);
    return new HeldSteps(directory);
  }

  static String word(Step step) {
    return step.name().toLowerCase(Locale.ROOT);
  }

  @Override
  public void reached(Step step) {
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
