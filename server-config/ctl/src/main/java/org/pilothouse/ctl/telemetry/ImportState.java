package org.pilothouse.ctl.telemetry;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Instant;
import java.util.HexFormat;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * How far a file was reported, kept between calls: an import that broke off goes on, and one that
 * is complete is not done twice. The file as it is now: one that has changed is another.
 */
final class ImportState {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final int NAME_BYTES = 12;

  private final Path file;
  private final String about;

  private ImportState(Path file, String about) {
    this.file = file;
    this.about = about;
  }

  /**
   * @param line where to go on, from 1
   * @param end what times were moved to, or null
   * @param at when something was reported last, or null where that is not known
   */
  record Kept(long line, @Nullable String end, @Nullable Instant at) {
    static final Kept NOTHING = new Kept(1, null, null);
  }

  /**
   * @param what whatever else makes it another import: platform, pilot, reporter, mapping
   */
  static ImportState of(Path directory, Path file, List<String> what) throws IOException {
    String all =
        String.join("\n", what)
            + "\n"
            + file.toRealPath()
            + "\n"
            + Files.size(file)
            + "\n"
            + Files.getLastModifiedTime(file);
    byte[] hash = RowMapper.sha256().digest(all.getBytes(StandardCharsets.UTF_8));
    return new ImportState(
        directory
            .resolve("imports")
            .resolve(HexFormat.of().formatHex(hash, 0, NAME_BYTES) + ".json"),
        file.toString());
  }

  Kept read() throws IOException {
    if (!Files.exists(file)) {
      return Kept.NOTHING;
    }
    JsonNode kept = JSON.readTree(file.toFile());
    return new Kept(
        Math.max(1, kept.path("next_line").asLong(1)),
        kept.path("end").isTextual() ? kept.path("end").textValue() : null,
        kept.path("reported_at").isTextual()
            ? Instant.parse(kept.path("reported_at").textValue())
            : null);
  }

  void write(Kept kept) throws IOException {
    Files.createDirectories(file.getParent());
    ObjectNode document = JSON.createObjectNode();
    document.put("file", about);
    document.put("next_line", kept.line());
    document.put("end", kept.end());
    document.put("reported_at", kept.at() == null ? null : kept.at().toString());
    Path written = file.resolveSibling(file.getFileName() + ".new");
    Files.writeString(written, document.toString());
    Files.move(written, file, StandardCopyOption.REPLACE_EXISTING, StandardCopyOption.ATOMIC_MOVE);
  }
}
