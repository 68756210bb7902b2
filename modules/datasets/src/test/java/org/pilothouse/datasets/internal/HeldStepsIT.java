package org.pilothouse.datasets.internal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.pilothouse.datasets.Dataset;
import org.pilothouse.datasets.DatasetState;
import org.pilothouse.datasets.DatasetsConfig;
import org.pilothouse.datasets.DatasetsModule;
import org.pilothouse.kernel.Settings;

/** From the settings to a dataset that is held. */
class HeldStepsIT {
  private static final Duration SOON = Duration.ofSeconds(30);

  private static Hold hold;

  @BeforeAll
  static void open() {
    hold = Hold.open();
  }

  @AfterAll
  static void close() {
    hold.close();
  }

  @Test
  void shouldHoldADatasetWhereASettingSaysSo(@TempDir Path directory) throws Exception {
    Settings settings =
        new Settings(
            Map.of(
                "pilothouse.datasets.hold-at", directory.toString(), "pilothouse.faults", "true"),
            Map.of());
    try (DatasetsModule module = hold.module(DatasetsConfig.from(settings))) {
      Files.createFile(directory.resolve("declared"));

      CompletableFuture<Dataset> declared =
          CompletableFuture.supplyAsync(() -> declare(module, "held"));

      Path held = directory.resolve("declared.held");
      await().atMost(SOON).until(() -> Files.exists(held));
      assertThat(declared).isNotDone();
      assertThat(declare(module, "another").state()).isEqualTo(DatasetState.UPLOADING);
      Files.delete(held);
      assertThat(declared).succeedsWithin(SOON);
    }
  }

  private static Dataset declare(DatasetsModule module, String name) {
    return module
        .inside()
        .uploads()
        .declare(Hold.ADA, hold.pilot1(), hold.wanted(name, new byte[] {1}, Map.of()));
  }
}
