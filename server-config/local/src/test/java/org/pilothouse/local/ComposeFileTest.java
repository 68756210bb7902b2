package org.pilothouse.local;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.networknt.schema.InputFormat;
import com.networknt.schema.Schema;
import com.networknt.schema.SchemaLocation;
import com.networknt.schema.SchemaRegistry;
import com.networknt.schema.SpecificationVersion;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.yaml.snakeyaml.Yaml;

/** The compose file against the Compose specification and against this repository's own rules. */
class ComposeFileTest {

  private static final Path REPOSITORY = Path.of("../..").toAbsolutePath().normalize();
  private static final Path COMPOSE = REPOSITORY.resolve("docker-compose.yml");
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final Pattern PINNED =
      Pattern.compile(".+:v?\\d+\\.\\d+(\\.\\d+)?[A-Za-z0-9._-]*");
  private static final Pattern VARIABLE = Pattern.compile("\\$\\{([A-Z0-9_]+):\\?");

  @Test
  void shouldFollowTheComposeSpecification() throws IOException {
    assertThat(violations(compose())).isEmpty();
  }

  @Test
  void shouldNoticeAnUnknownKeyOfAService() throws IOException {
    JsonNode broken =
        JSON.valueToTree(
            new Yaml().<Object>load("services: {a: {image: 'a:1.0', imagge: typing-error}}"));
    assertThat(violations(broken)).isNotEmpty();
  }

  @Test
  void shouldPinEveryImage() throws IOException {
    List<String> images = new ArrayList<>();
    compose().get("services").forEach(service -> images.add(service.path("image").asText()));
    for (String line : Files.readAllLines(REPOSITORY.resolve("server-config/compose/Dockerfile"))) {
      if (line.startsWith("FROM ")) {
        images.add(line.split(" ")[1]);
      }
    }
    assertThat(images).hasSizeGreaterThan(10).allMatch(image -> PINNED.matcher(image).matches());
  }

  @Test
  void shouldCheckLimitAndHideEveryServer() throws IOException {
    compose()
        .get("services")
        .properties()
        .forEach(entry -> {
          JsonNode service = entry.getValue();
          assertThat(service.at("/deploy/resources/limits/memory").asText())
              .as("memory limit of " + entry.getKey())
              .isNotEmpty();
          service
              .path("ports")
              .forEach(port ->
                  assertThat(port.asText())
                      .as("port of " + entry.getKey())
                      .startsWith("127.0.0.1:"));
          if (!"no".equals(service.path("restart").asText())) {
            assertThat(service.has("healthcheck")).as("health check of " + entry.getKey()).isTrue();
          }
        });
  }

  @Test
  void shouldFindEveryMountedFile() throws IOException {
    List<String> missing = new ArrayList<>();
    compose()
        .get("services")
        .forEach(service ->
            service
                .path("volumes")
                .forEach(volume -> {
                  String source = volume.asText().split(":")[0];
                  if (source.startsWith("./") && !Files.exists(REPOSITORY.resolve(source))) {
                    missing.add(source);
                  }
                }));
    assertThat(missing).isEmpty();
  }

  @Test
  void shouldGetEverySecretFromTheScriptThatWritesThem() throws IOException {
    String script = Files.readString(REPOSITORY.resolve("server-config/compose/make-env"));
    Set<String> demanded = new HashSet<>();
    Matcher matcher = VARIABLE.matcher(Files.readString(COMPOSE));
    while (matcher.find()) {
      demanded.add(matcher.group(1));
    }
    assertThat(demanded).isNotEmpty().allMatch(script::contains);
  }

  @Test
  void shouldReadEveryJsonFileBesideIt() throws IOException {
    try (Stream<Path> files =
        Stream.of("server-config/compose", "server-config/grafana")
            .map(REPOSITORY::resolve)
            .flatMap(ComposeFileTest::walk)) {
      List<Path> json = files.filter(file -> file.toString().endsWith(".json")).toList();
      assertThat(json).hasSize(2);
      for (Path file : json) {
        assertThat(JSON.readTree(file.toFile()).isObject()).as(file.toString()).isTrue();
      }
    }
  }

  private static JsonNode compose() throws IOException {
    return JSON.valueToTree(new Yaml().<Object>load(Files.readString(COMPOSE)));
  }

  private static List<String> violations(JsonNode document) throws IOException {
    try (InputStream in =
        ComposeFileTest.class.getResourceAsStream("/compose-spec/compose-spec.json")) {
      String text = new String(in.readAllBytes(), StandardCharsets.UTF_8);
      Schema schema =
          SchemaRegistry.withDefaultDialect(SpecificationVersion.DRAFT_7)
              .getSchema(SchemaLocation.of("urn:compose-spec"), absolute(text), InputFormat.JSON);
      return schema.validate(document.toString(), InputFormat.JSON).stream()
          .map(Object::toString)
          .toList();
    }
  }

  /** The schema names itself by a relative reference, which the validator takes for a mistake. */
  private static String absolute(String schema) {
    return schema.replace("\"$id\": \"compose_spec.json\"", "\"$id\": \"urn:compose-spec\"");
  }

  private static Stream<Path> walk(Path root) {
    try {
      return Files.walk(root);
    } catch (IOException e) {
      throw new IllegalStateException(e);
    }
  }
}
