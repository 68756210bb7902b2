package org.pilothouse.local.provision;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ArchivesTest {

  @TempDir Path directory;

  @Test
  void shouldMakeProgramsExecutableWhenUnpacking() throws IOException {
    Path zip = zip("server/bin/start", "server/lib/a.jar");
    Path target = directory.resolve("unpacked");
    Archives.once(target, into -> Archives.unzip(zip, into));
    assertThat(target.resolve("server/bin/start")).isExecutable();
    assertThat(Files.isExecutable(target.resolve("server/lib/a.jar"))).isFalse();
  }

  @Test
  void shouldRefuseAnEntryThatLeavesItsDirectory() throws IOException {
    Path zip = zip("../outside");
    Path target = directory.resolve("unpacked");
    assertThatThrownBy(() -> Archives.once(target, into -> Archives.unzip(zip, into)))
        .hasRootCauseMessage("the archive entry ../outside leaves its directory");
    assertThat(target).doesNotExist();
    assertThat(directory.resolve("outside")).doesNotExist();
  }

  @Test
  void shouldKnowWhichNodeIsNewEnough() {
    assertThat(NodeRuntime.isNewEnough("v20.19.0")).isTrue();
    assertThat(NodeRuntime.isNewEnough("v22.1.0")).isTrue();
    assertThat(NodeRuntime.isNewEnough("v20.18.9")).isFalse();
    assertThat(NodeRuntime.isNewEnough("v18.20.4")).isFalse();
    assertThat(NodeRuntime.isNewEnough("not a version")).isFalse();
  }

  private Path zip(String... names) throws IOException {
    Path file = directory.resolve("archive.zip");
    try (ZipOutputStream out = new ZipOutputStream(Files.newOutputStream(file))) {
      for (String name : names) {
        out.putNextEntry(new ZipEntry(name));
        out.write(1);
        out.closeEntry();
      }
    }
    return file;
  }
}
