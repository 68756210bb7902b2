package org.pilothouse.contracts;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

class EventSchemasTest {
  private static final ObjectMapper JSON = new ObjectMapper();
  private final EventSchemas schemas = new EventSchemas();

  @TestFactory
  List<DynamicTest> shouldAgreeWithTheSamplesOfTelemetry() throws Exception {
    JsonNode samples =
        JSON.readTree(
            EventSchemas.class.getResourceAsStream("/schemas/telemetry.reported/samples.json"));
    List<DynamicTest> tests = new ArrayList<>();
    for (JsonNode sample : samples.path("good")) {
      tests.add(
          DynamicTest.dynamicTest(
              "takes " + sample.path("name").asText(),
              () ->
                  assertThat(
                          schemas.violations(
                              EventType.TELEMETRY_REPORTED, sample.path("line").toString()))
                      .isEmpty()));
    }
    for (JsonNode sample : samples.path("bad")) {
      tests.add(
          DynamicTest.dynamicTest(
              "refuses " + sample.path("name").asText(),
              () ->
                  assertThat(
                          schemas.violations(
                              EventType.TELEMETRY_REPORTED, sample.path("line").toString()))
                      .isNotEmpty()));
    }
    return tests;
  }

  @Test
  void shouldNameItselfAsItsTypeSays() throws Exception {
    for (EventType type : EventType.values()) {
      JsonNode schema = JSON.readTree(EventSchemas.text(type));
      assertThat(schema.path("$id").asText()).isEqualTo(type.schemaId());
      assertThat(schema.path("$schema").asText())
          .isEqualTo("https://json-schema.org/draft/2020-12/schema");
      assertThat(EventType.of(type.type())).contains(type);
    }
  }

  @Test
  void shouldTellThePlaceWhenSomethingIsWrong() {
    assertThat(
            schemas.violations(
                EventType.DEVICE_REGISTERED,
                "{\"pilot_id\":\"aurora\",\"device_id\":\"A\",\"twins\":[]}"))
        .singleElement()
        .asString()
        .startsWith("/device_id");
  }
}
