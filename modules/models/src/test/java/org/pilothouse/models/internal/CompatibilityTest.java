package org.pilothouse.models.internal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.pilothouse.models.internal.Documents.model;
import static org.pilothouse.models.internal.Documents.pump;
import static org.pilothouse.models.internal.Documents.read;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.pilothouse.models.ThingModel;

class CompatibilityTest {
  private static List<String> broken(JsonNode before, JsonNode after) {
    return Compatibility.breaks(read(before).resolved(), read(after).resolved()).stream()
        .map(Compatibility.Break::path)
        .toList();
  }

  @Test
  void shouldLetTheSameAndWiderDocumentsFollow() {
    ObjectNode after = pump();
    after.put("title", "Another title");
    ObjectNode properties = after.withObject("/properties");
    properties.putObject("flow").put("type", "number");
    properties.withObject("/temperature").put("maximum", 200).remove("minimum");
    properties.withObject("/state").withArray("/enum").add("ajar");
    after.withObject("/actions").putObject("rest");
    after.withObject("/events").putObject("boom");
    after.withObject("/actions/start/input").remove("required");

    assertThat(broken(pump(), pump())).isEmpty();
    assertThat(broken(pump(), after)).isEmpty();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "{}|{'type':'number'}|/type",
        "{'type':'number'}|{}|/type",
        "{'type':'number'}|{'type':'integer'}|/type",
        "{'type':'number'}|{'type':'string'}|/type",
        "{'unit':'K'}|{'unit':'°C'}|/unit",
        "{'unit':'K'}|{}|/unit",
        "{}|{'minimum':0}|/minimum",
        "{'minimum':0}|{'minimum':1}|/minimum",
        "{'minimum':0}|{'exclusiveMinimum':0}|/exclusiveMinimum",
        "{'maximum':9}|{'maximum':8}|/maximum",
        "{'maximum':9}|{'exclusiveMaximum':9}|/exclusiveMaximum",
        "{}|{'enum':[1]}|/enum",
        "{'enum':[1,2]}|{'enum':[1]}|/enum",
        "{'enum':[1,2]}|{'const':1}|/const",
        "{'oneOf':[{'const':1},{'const':2}]}|{'oneOf':[{'const':1}]}|/oneOf",
        "{'oneOf':[{'minimum':1}]}|{'oneOf':[{'minimum':1},{'minimum':2}]}|/oneOf",
        "{}|{'minLength':1}|/minLength",
        "{'maxLength':9}|{'maxLength':8}|/maxLength",
        "{'pattern':'a'}|{'pattern':'b'}|/pattern",
        "{}|{'readOnly':true}|/readOnly",
        "{'multipleOf':2}|{'multipleOf':3}|/multipleOf",
        "{}|{'items':{'type':'number'}}|/items",
        "{'items':{'type':'number'}}|{'items':{'type':'string'}}|/items/type",
        "{'properties':{'a':{}}}|{'properties':{}}|/properties/a",
        "{'properties':{'a':{}}}|{'properties':{'a':{}},'required':['a']}|/required/a",
        "{}|{'additionalProperties':false}|/additionalProperties",
      })
  void shouldNameWhatIsNarrowed(String before, String after, String path) {
    assertThat(
            broken(
                model("'properties':{'a':" + before + "}"),
                model("'properties':{'a':" + after + "}")))
        .containsExactly("/properties/a" + path);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "{}|{'unit':'K'}",
        "{'exclusiveMinimum':0}|{'minimum':0}",
        "{'minimum':0}|{'exclusiveMinimum':-1}",
        "{'enum':[1,2]}|{'enum':[3,2.0,1]}",
        "{'const':1}|{'enum':[1,2]}",
        "{'enum':[1]}|{}",
        "{'pattern':'a'}|{}",
        "{'readOnly':true}|{}",
        "{'multipleOf':4}|{'multipleOf':2}",
        "{'minLength':1}|{'minLength':0}",
        "{}|{'minLength':0}",
        "{'properties':{}}|{'properties':{'a':{'type':'number'}}}",
        "{'additionalProperties':false}|{'additionalProperties':{'type':'number'}}",
        "{'items':{'type':'integer'}}|{'items':{'type':'number'}}",
      })
  void shouldLetPass(String before, String after) {
    assertThat(
            broken(
                model("'properties':{'a':" + before + "}"),
                model("'properties':{'a':" + after + "}")))
        .isEmpty();
  }

  @Test
  void shouldNotLoseWhatOthersRelyOn() {
    ObjectNode after = pump();
    after.withObject("/properties").remove("speed");
    after.withObject("/actions").remove("stop");
    after.remove("events");
    after.withObject("/actions/start").remove("output");

    assertThat(broken(pump(), after))
        .containsExactly(
            "/properties/speed", "/actions/start/output", "/actions/stop", "/events/leak");
  }

  @Test
  void shouldLetAnActionAskForMoreOnlyWhenNothingSentStillDoes() {
    JsonNode before = model("'actions':{'a':{}}");

    assertThat(broken(before, model("'actions':{'a':{'input':{'type':'object'}}}"))).isEmpty();
    assertThat(broken(before, model("'actions':{'a':{'input':{'type':'number'}}}")))
        .containsExactly("/actions/a/input");
    assertThat(broken(model("'actions':{'a':{'input':{'type':'object'}}}"), before))
        .containsExactly("/actions/a/input");
  }

  @Test
  void shouldNotTryToDivideNumbersFarApart() {
    assertThat(
            broken(
                model("'properties':{'a':{'multipleOf':1e300}}"),
                model("'properties':{'a':{'multipleOf':1e-300}}")))
        .containsExactly("/properties/a/multipleOf");
  }

  /** What a schema of a number may ask; null where it does not. */
  record Asked(Integer minimum, Integer maximum, boolean exclusive, Set<Integer> values) {
    ObjectNode model() {
      ObjectNode document = Documents.model("");
      ObjectNode schema = document.putObject("properties").putObject("a").put("type", "number");
      if (minimum != null) {
        schema.put(exclusive ? "exclusiveMinimum" : "minimum", minimum);
      }
      if (maximum != null) {
        schema.put(exclusive ? "exclusiveMaximum" : "maximum", maximum);
      }
      if (!values.isEmpty()) {
        values.forEach(schema.putArray("enum")::add);
      }
      return document;
    }
  }

  @Provide
  Arbitrary<Asked> asked() {
    return Combinators.combine(
            Arbitraries.integers().between(-9, 0).injectNull(0.3),
            Arbitraries.integers().between(1, 9).injectNull(0.3),
            Arbitraries.of(true, false),
            Arbitraries.integers().between(-4, 4).set().ofMaxSize(4))
        .as(Asked::new);
  }

  @Property(tries = 300)
  void wideningIsAlwaysAccepted(
      @ForAll("asked") Asked before,
      @ForAll @IntRange(max = 5) int below,
      @ForAll @IntRange(max = 5) int above,
      @ForAll @IntRange(min = 10, max = 20) int value) {
    Set<Integer> more = new java.util.LinkedHashSet<>(before.values());
    if (!more.isEmpty()) {
      more.add(value);
    }
    Asked after =
        new Asked(
            before.minimum() == null ? null : (Integer) (before.minimum() - below),
            before.maximum() == null ? null : (Integer) (before.maximum() + above),
            false,
            more);

    assertThat(broken(before.model(), after.model())).isEmpty();
    assertThat(broken(before.model(), before.model())).isEmpty();
    assertThat(broken(before.model(), new Asked(null, null, false, Set.of()).model())).isEmpty();
  }

  /** Whatever two revisions ask: if the second may follow, it takes every value of the first. */
  @Property(tries = 500)
  void narrowingIsNeverAccepted(@ForAll("asked") Asked before, @ForAll("asked") Asked after) {
    ThingModel was = read(before.model()).model();
    ThingModel is = read(after.model()).model();
    List<Double> lost = new ArrayList<>();
    for (double value = -10; value <= 10; value += 0.5) {
      if (was.property("a").check(value) == null && is.property("a").check(value) != null) {
        lost.add(value);
      }
    }

    if (!lost.isEmpty()) {
      assertThat(broken(before.model(), after.model())).isNotEmpty();
    }
  }
}
