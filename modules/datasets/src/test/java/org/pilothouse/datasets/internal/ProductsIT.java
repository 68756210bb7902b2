package org.pilothouse.datasets.internal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.Map;
import java.util.Optional;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.pilothouse.datasets.Dataset;
import org.pilothouse.kernel.PilotId;
import org.pilothouse.kernel.Problem;
import org.pilothouse.kernel.ProblemCode;

/** Products and what their contracts promise, over a real database and store. */
class ProductsIT {
  private Hold hold;
  private Wiring node;
  private Products products;

  @BeforeEach
  void open() {
    hold = Hold.open();
    node = hold.node();
    products = node.products();
  }

  @AfterEach
  void close() {
    node.close();
    hold.close();
  }

  @Test
  void shouldKeepAContractAndWhatItSaidBefore() {
    Products.Put made = put("presses", null, Contracts.whole(), "runs");
    ObjectNode more = Contracts.whole().put("version", "1.3.0");
    more.put("domain", "tools");
    Products.Put changed = put("presses", "\"1\"", more, null);

    assertThat(made.created()).isTrue();
    assertThat(changed.created()).isFalse();
    assertThat(changed.product().listed().datasetName()).isEqualTo("runs");
    assertThat(changed.product().listed().revision()).isEqualTo(2);
    assertThat(changed.product().listed().owner()).isEqualTo("Press shop");
    assertThat(changed.product().contract().path("tenant").asText())
        .isEqualTo(hold.pilot1().value());
    assertThat(products.revisions(hold.pilot1(), "presses"))
        .extracting(Products.Past::version)
        .containsExactly("1.3.0", "1.2.0");
    assertThat(products.contract(hold.pilot1(), "presses", 1).orElseThrow().path("domain").asText())
        .isEqualTo("quality");
    assertThat(products.page(hold.pilot1(), "", Optional.of("runs"), 10)).hasSize(1);
    assertThat(products.page(hold.pilot1(), "", Optional.of("other"), 10)).isEmpty();
  }

  @Test
  void shouldRefuseWhatDoesNotFitWhatIsThere() {
    var unused = put("presses", null, Contracts.whole(), "runs");
    ObjectNode less = Contracts.whole().put("version", "1.3.0");
    less.remove("schema");

    assertProblem(
        () -> put("presses", null, Contracts.whole(), null), ProblemCode.PRECONDITION_REQUIRED);
    assertProblem(
        () -> put("presses", "\"7\"", Contracts.whole(), null), ProblemCode.PRECONDITION_FAILED);
    assertProblem(
        () -> put("other", "\"1\"", Contracts.whole(), "x"), ProblemCode.PRECONDITION_FAILED);
    assertProblem(() -> put("other", null, Contracts.whole(), null), ProblemCode.MISSING_FIELD);
    assertProblem(() -> put("other", null, Contracts.whole(), "runs"), ProblemCode.ALREADY_EXISTS);
    assertProblem(() -> put("presses", "\"1\"", less, null), ProblemCode.CONFLICT);
    assertThat(products.check(hold.pilot1(), "presses", new Products.Wanted(null, less, "")))
        .extracting(Fault::path)
        .startsWith("/version");
    assertProblem(
        () -> put("other", null, Contracts.whole().put("status", "x"), "y"),
        ProblemCode.INVALID_VALUE);
    assertThat(products.find(hold.pilot1(), "other")).isEmpty();
  }

  @Test
  void shouldHoldItsPromisesAgainstTheNewestVersion() {
    var unused = put("presses", null, Contracts.whole(), "runs");
    byte[] bytes = Hold.csv(1_500);
    Dataset first = hold.upload(node, hold.wanted("runs", bytes, Map.of()), bytes);
    Dataset second = hold.upload(node, hold.wanted("runs", bytes, Map.of()), bytes);

    Products.Product product = products.find(hold.pilot1(), "presses").orElseThrow();

    assertThat(product.newest()).contains(second);
    assertThat(product.promises())
        .filteredOn(promise -> promise.state() == Promises.State.MET)
        .extracting(Promises.Promise::path)
        .contains("/slaProperties/0", "/slaProperties/1", "/schema/0/quality/1");
    ObjectNode exported = (ObjectNode) products.exported(hold.pilot1(), product);
    assertThat(exported.at("/servers/0/location").asText()).endsWith(second.key());
    assertThat(exported.at("/servers/1/server").asText()).isEqualTo("lake");
    hold.let(
        "dataset SET available_at = now() - interval '2 days' WHERE dataset_id = '"
            + second.id()
            + "'");
    assertThat(products.find(hold.pilot1(), "presses").orElseThrow().promises().getFirst().state())
        .isEqualTo(Promises.State.NOT_MET);
    node.lifecycle().withdraw(Hold.ADA, hold.pilot1(), second.id(), false);
    assertThat(products.find(hold.pilot1(), "presses").orElseThrow().newest())
        .hasValueSatisfying(newest -> assertThat(newest.id()).isEqualTo(first.id()));
  }

  @Test
  void shouldTakeWhatItGave() {
    Products.Put made = put("presses", null, Contracts.whole(), "runs \u202E\"");
    String yaml = ContractYaml.write(products.exported(hold.pilot1(), made.product()));
    Products.Put same = put("presses", "\"1\"", (ObjectNode) ContractYaml.read(yaml), null);
    assertThat(same.product().contract().path("slaProperties"))
        .isEqualTo(made.product().contract().path("slaProperties"));
    products.delete(Hold.ADA, hold.pilot1(), "presses", "\"2\"");
    assertThat(products.find(hold.pilot1(), "presses")).isEmpty();

    Products.Put again = put("presses", null, (ObjectNode) ContractYaml.read(yaml), null);

    assertThat(again.product().listed().datasetName()).isEqualTo("runs \u202E\"");
    assertThat(again.product().contract().path("schema"))
        .isEqualTo(made.product().contract().path("schema"));
  }

  @Test
  void shouldShowNoProductOfAnotherPilot() {
    var unused = put("presses", null, Contracts.whole(), "runs");
    PilotId other = Hold.pilot();

    assertThat(products.find(other, "presses")).isEmpty();
    assertThat(products.page(other, "", Optional.empty(), 10)).isEmpty();
    assertThat(products.revisions(other, "presses")).isEmpty();
    assertProblem(() -> products.delete(Hold.ADA, other, "presses", "*"), ProblemCode.NOT_FOUND);
    int seen =
        hold.database.inPilot(
            other,
            transaction ->
                transaction
                    .createQuery(
                        "SELECT (SELECT count(*) FROM datasets.product) + (SELECT count(*) FROM"
                            + " datasets.product_revision)")
                    .mapTo(Integer.class)
                    .one());
    assertThat(seen).isZero();
  }

  private Products.Put put(String name, String ifMatch, ObjectNode contract, String dataset) {
    return products.put(
        Hold.ADA, hold.pilot1(), name, ifMatch, new Products.Wanted(dataset, contract, ""));
  }

  private static void assertProblem(ThrowingCallable call, ProblemCode code) {
    assertThatThrownBy(call)
        .isInstanceOfSatisfying(
            Problem.class, problem -> assertThat(problem.code()).isEqualTo(code));
  }
}
