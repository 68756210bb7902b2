package org.pilothouse.webapp.it;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicContainer;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;

/** Every operation of the document, called by every kind of caller, towards both pilots. */
class TenancyIT {
  private static final String NOWHERE = "it-no-such-pilot";

  /** To them no pilot is another one. */
  private static final Set<String> STAFF = Set.of("support-agent", "platform-admin");

  @TestFactory
  Stream<DynamicContainer> shouldLetInWhomTheTableNames() {
    Map<String, ApiDocument.Operation> operations =
        ApiDocument.read().operations().stream()
            .collect(Collectors.toMap(ApiDocument.Operation::id, Function.identity()));
    return TenancyTable.read().rows().stream()
        .map(row ->
            DynamicContainer.dynamicContainer(
                row.operation(), cells(row, operations.get(row.operation()))));
  }

  private static Stream<DynamicTest> cells(TenancyTable.Row row, ApiDocument.Operation operation) {
    Stream<DynamicTest> own =
        row.own().entrySet().stream()
            .map(cell ->
                DynamicTest.dynamicTest(
                    cell.getKey(),
                    () -> expect(row, operation, cell.getKey(), true, cell.getValue())));
    Stream<DynamicTest> other =
        row.other().entrySet().stream()
            .map(cell ->
                DynamicTest.dynamicTest(
                    cell.getKey() + " of another pilot",
                    () -> expect(row, operation, cell.getKey(), false, cell.getValue())));
    Stream<DynamicTest> forged =
        Stream.of(DynamicTest.dynamicTest("forged token", () -> expectForged(row, operation)));
    return Stream.of(own, other, forged).flatMap(Function.identity());
  }

  private static void expect(
      TenancyTable.Row row,
      ApiDocument.Operation operation,
      String role,
      boolean own,
      String expected) {
    Consortium consortium = Consortium.get();
    Api caller = row.fresh() ? consortium.freshCaller(role) : consortium.caller(role);
    String pilot = own ? consortium.own() : consortium.other();

    Answer answer = call(caller, row, operation, path(operation, pilot));

    assertThat(answer.status())
        .as("%s %s as %s: %s", operation.method(), operation.path(), role, answer)
        .isEqualTo(Integer.parseInt(expected));
    if (answer.status() >= 400) {
      assertThat(answer.isProblem()).as("%s", answer).isTrue();
    }
    if (!own && !STAFF.contains(role) && answer.status() == 404 && operation.isOfAPilot()) {
      Answer nowhere = call(caller, row, operation, path(operation, NOWHERE));
      assertThat(withoutTrace(answer))
          .as("another pilot must look like none at all")
          .isEqualTo(withoutTrace(nowhere));
    }
  }

  private static void expectForged(TenancyTable.Row row, ApiDocument.Operation operation) {
    String path = path(operation, Consortium.get().own());

    Answer answer = call(Api.anonymous().as("A".repeat(43)), row, operation, path);

    assertThat(answer.status()).as("%s", answer).isEqualTo(Integer.parseInt(row.own().get("none")));
  }

  private static Answer call(
      Api caller, TenancyTable.Row row, ApiDocument.Operation operation, String path) {
    Map<String, String> headers =
        row.mediaType().isEmpty() ? Map.of() : Map.of("Content-Type", row.mediaType());
    return caller.call(
        operation.method(), path, headers, row.body().getBytes(StandardCharsets.UTF_8));
  }

  private static String path(ApiDocument.Operation operation, String pilot) {
    Consortium consortium = Consortium.get();
    String path = operation.path().replace("{pilot}", pilot);
    if (path.contains("{device}")) {
      String device = pilot.equals(NOWHERE) ? "nobody" : consortium.device(pilot).id();
      path = path.replace("{device}", device);
    }
    if (path.contains("{twin}")) {
      path = path.replace("{twin}", pilot.equals(NOWHERE) ? "nobody" : consortium.twin(pilot));
    }
    if (path.contains("{model}")) {
      path = path.replace("{model}", pilot.equals(NOWHERE) ? "nobody" : consortium.model(pilot));
    }
    return path.replace("{username}", consortium.username("pilot-operator", pilot))
        .replace("{rejection}", "0-0")
        .replace("{command}", "no-such-command")
        .replace("{relationship}", "no-such-relationship")
        .replace("{relationship_type}", "contains")
        .replace("{rebuild}", "no-such-rebuild")
        .replace("{dataset}", "no-such-dataset")
        .replace("{product}", "no-such-product")
        .replace("{curation}", "no-such-curation")
        .replace("{migration}", "no-such-migration")
        .replace("{date}", "1999-01-01")
        .replace("{revision}", "1")
        .replace("{backfill}", "no-such-backfill")
        .replace("{job}", "no-such-job")
        .replace("{attempt}", "1")
        .replace("{schedule}", "no-such-schedule")
        .replace("{reader}", "no-such-reader")
        .replace("{action}", "pause");
  }

  private static JsonNode withoutTrace(Answer answer) {
    JsonNode body = answer.json();
    if (body instanceof ObjectNode fields) {
      fields.remove("trace_id");
    }
    return body;
  }
}
