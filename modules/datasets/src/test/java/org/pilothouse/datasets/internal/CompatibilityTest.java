package org.pilothouse.datasets.internal;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

class CompatibilityTest {
  static Stream<Arguments> breaks() {
    return Stream.of(
        change("a column goes", "/schema/0/properties", c -> properties(c).remove(1)),
        change("the object goes", "/schema", c -> ((ArrayNode) c.get("schema")).remove(0)),
        change(
            "another type",
            "/schema/0/properties/1/logicalType",
            c -> property(c, 1).put("logicalType", "string")),
        change(
            "no longer required",
            "/schema/0/properties/0/required",
            c -> property(c, 0).put("required", false)),
        change(
            "no longer the key",
            "/schema/0/properties/0/primaryKey",
            c -> property(c, 0).remove("primaryKey")),
        change("an agreement goes", "/slaProperties", c -> c.remove("slaProperties")),
        change(
            "less often",
            "/slaProperties",
            c -> Contracts.at(c, "/slaProperties/0").put("value", 2)),
        change(
            "less often by the unit",
            "/slaProperties",
            c -> Contracts.at(c, "/slaProperties/0").put("unit", "w")),
        change(
            "kept for less long",
            "/slaProperties",
            c -> Contracts.at(c, "/slaProperties/1").put("unit", "d")));
  }

  private static Arguments change(String name, String path, Consumer<ObjectNode> change) {
    return Arguments.of(name, path, change);
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("breaks")
  void shouldAskForANewMajorVersionWhereSomethingIsTakenAway(
      String name, String path, Consumer<ObjectNode> change) {
    ObjectNode after = Contracts.whole();
    change.accept(after);
    after.put("version", "1.9.0");

    assertThat(Compatibility.faults(Contracts.whole(), after))
        .extracting(Fault::path)
        .startsWith("/version")
        .contains(path);

    after.put("version", "2.0.0");
    assertThat(Compatibility.faults(Contracts.whole(), after)).isEmpty();
  }

  @Test
  void shouldAskForAHigherVersionWhereMoreIsPromised() {
    ObjectNode after = Contracts.whole();
    properties(after).addObject().put("name", "torque");

    assertThat(Compatibility.faults(Contracts.whole(), after))
        .extracting(Fault::path)
        .containsExactly("/version");

    after.put("version", "1.3.0");
    assertThat(Compatibility.faults(Contracts.whole(), after)).isEmpty();
  }

  @Test
  void shouldLetTheVersionBeWhereNothingThatIsPromisedChanges() {
    ObjectNode after = Contracts.whole();
    Contracts.at(after, "/description").put("usage", "By day");

    assertThat(Compatibility.faults(Contracts.whole(), after)).isEmpty();
  }

  @Test
  void shouldNotGoBack() {
    ObjectNode after = Contracts.whole();
    after.put("version", "1.1.9");

    assertThat(Compatibility.faults(Contracts.whole(), after)).hasSize(1);
  }

  @Test
  void shouldBindNobodyToADraft() {
    ObjectNode before = Contracts.whole();
    before.put("status", "draft");
    ObjectNode after = Contracts.whole();
    after.remove("schema");

    assertThat(Compatibility.faults(before, after)).isEmpty();
  }

  @Test
  void shouldLookIntoObjectsWithinObjects() {
    ObjectNode before = Contracts.whole();
    property(before, 1).putArray("properties").addObject().put("name", "inner");
    ObjectNode after = Contracts.whole();
    after.put("version", "1.3.0");

    assertThat(Compatibility.faults(before, after))
        .extracting(Fault::path)
        .contains("/schema/0/properties/1/properties");
  }

  private static ArrayNode properties(ObjectNode contract) {
    return (ArrayNode) contract.at("/schema/0/properties");
  }

  private static ObjectNode property(ObjectNode contract, int index) {
    return (ObjectNode) properties(contract).get(index);
  }
}
