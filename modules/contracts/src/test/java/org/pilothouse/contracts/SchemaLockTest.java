package org.pilothouse.contracts;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;

/**
 * The schemas as they were released are kept in {@code schemas/lock.json}. A schema may differ from
 * its lock by compatible changes only; {@code -Dcontracts.accept=true} writes the lock anew when
 * they are.
 */
class SchemaLockTest {
  private static final Path LOCK = Path.of("src/main/resources/schemas/lock.json");
  private static final ObjectMapper JSON =
      new ObjectMapper()
          .enable(SerializationFeature.INDENT_OUTPUT)
          .enable(SerializationFeature.ORDER_MAP_ENTRIES_BY_KEYS);

  @Test
  void shouldDifferFromWhatWasReleasedByCompatibleChangesOnly() throws Exception {
    boolean accept = Boolean.getBoolean("contracts.accept");
    JsonNode lock = Files.exists(LOCK) ? JSON.readTree(LOCK.toFile()) : JSON.createObjectNode();
    ObjectNode next = JSON.createObjectNode();
    next.setAll((ObjectNode) lock);
    for (EventType type : EventType.values()) {
      String name = type.type() + "/v" + type.version();
      JsonNode schema = JSON.readTree(EventSchemas.text(type));
      if (lock.has(name)) {
        assertThat(SchemaCompatibility.breaks(lock.path(name), schema))
            .as("%s: what breaks its readers; make it a new version", name)
            .isEmpty();
      } else {
        assertThat(accept)
            .as("%s is not in the lock; run the tests with -Dcontracts.accept=true", name)
            .isTrue();
      }
      next.set(name, schema);
    }
    if (accept) {
      Files.writeString(LOCK, JSON.writeValueAsString(next) + "\n");
    }
  }

  @Test
  void shouldStillOfferWhatWasReleased() throws Exception {
    JsonNode lock = JSON.readTree(LOCK.toFile());
    lock.fieldNames()
        .forEachRemaining(name ->
            assertThat(Path.of("src/main/resources/schemas", name + ".json"))
                .as("a released schema is never removed")
                .exists());
  }
}
