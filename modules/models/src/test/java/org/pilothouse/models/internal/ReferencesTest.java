package org.pilothouse.models.internal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;
import static org.pilothouse.models.internal.Documents.model;
import static org.pilothouse.models.internal.Documents.pump;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.pilothouse.kernel.Problem;
import org.pilothouse.models.ThingModel;

@Timeout(30)
class ReferencesTest {
  private static final String EXTENDS = "'links':[{'rel':'tm:extends','href':'%s'}]";

  private final Documents.Pilot pilot = new Documents.Pilot();

  private Problem refusal(String id, JsonNode document) {
    return catchThrowableOfType(Problem.class, () -> pilot.put(id, document));
  }

  @Test
  void shouldTakeOverWhatTheExtendedModelHas() {
    pilot.put("pump", pump());

    ThingModel model =
        pilot
            .put(
                "big-pump",
                model(
                    EXTENDS.formatted("pump")
                        + ",'properties':{'temperature':{'maximum':200},'flow':{'type':'number'}}"))
            .model();

    assertThat(model.title()).isEqualTo("Pump");
    assertThat(model.properties().keySet())
        .containsExactly("temperature", "speed", "state", "running", "place", "flow");
    assertThat(model.property("temperature").check(199)).isNull();
    assertThat(model.property("temperature").check(201)).isNotNull();
    assertThat(model.property("temperature").unit()).isEqualTo("°C");
    assertThat(model.actions()).containsKeys("start", "stop");
  }

  @Test
  void shouldRefuseCirclesOfAnyLength() {
    pilot.put("a", model(""));
    pilot.put("b", model(EXTENDS.formatted("a")));
    pilot.put("c", model(EXTENDS.formatted("b")));

    assertThat(refusal("a", model(EXTENDS.formatted("a"))).path()).isEqualTo("/links/0/href");
    assertThat(refusal("a", model(EXTENDS.formatted("b"))).detail()).contains("circle");
    assertThat(refusal("a", model(EXTENDS.formatted("c"))).detail()).contains("circle");
  }

  @Test
  void shouldRefuseAChainThatIsTooLong() {
    pilot.put("m0", model(""));
    for (int i = 1; i <= 8; i++) {
      pilot.put("m" + i, model(EXTENDS.formatted("m" + (i - 1))));
    }

    assertThat(refusal("m9", model(EXTENDS.formatted("m8"))).detail()).contains("chain");
  }

  @Test
  void shouldFetchNothing() {
    assertThat(refusal("a", model(EXTENDS.formatted("http://127.0.0.1/x"))).path())
        .isEqualTo("/links/0/href");
    assertThat(refusal("a", model(EXTENDS.formatted("absent"))).path()).isEqualTo("/links/0/href");
    assertThat(
            refusal("a", model("'properties':{'x':{'tm:ref':'http://127.0.0.1/x#/properties/y'}}"))
                .path())
        .isEqualTo("/properties/x/tm:ref");
  }

  @Test
  void shouldRefuseASecondModelToExtend() {
    pilot.put("a", model(""));
    pilot.put("b", model(""));

    assertThat(
            refusal(
                    "c",
                    model(
                        "'links':[{'rel':'tm:extends','href':'a'},{'rel':'tm:extends','href':'b'}]"))
                .path())
        .isEqualTo("/links/1/href");
  }

  @Test
  void shouldRefuseAnotherTypeThanTheExtendedModels() {
    pilot.put("pump", pump());

    assertThat(
            refusal(
                    "other",
                    model(
                        EXTENDS.formatted("pump")
                            + ",'properties':{'temperature':{'type':'string'}}"))
                .path())
        .isEqualTo("/properties/temperature/type");
  }

  @Test
  void shouldPutInWhatAReferenceNames() {
    ThingModel model =
        pilot
            .put(
                "a",
                model(
                    "'properties':{'t':{'type':'number','unit':'K','maximum':9},"
                        + "'u':{'tm:ref':'#/properties/t','maximum':5,'unit':null}}"))
            .model();

    assertThat(model.property("u").maximum()).isEqualTo(5.0);
    assertThat(model.property("u").unit()).isNull();
    assertThat(model.property("u").check(6)).isNotNull();
  }

  @Test
  void shouldPutInADefinitionOfTheExtendedModel() {
    pilot.put("pump", pump());

    ThingModel model =
        pilot
            .put(
                "b",
                model(
                    EXTENDS.formatted("pump")
                        + ",'properties':{'outside':{'tm:ref':'pump#/properties/temperature'}}"))
            .model();

    assertThat(model.property("outside").maximum()).isEqualTo(120.0);
  }

  @Test
  void shouldRefuseReferencesThatGoRoundOrNowhere() {
    assertThat(
            refusal(
                    "a",
                    model(
                        "'properties':{'x':{'tm:ref':'#/properties/y'},'y':{'tm:ref':'#/properties/x'}}"))
                .detail())
        .contains("circle");
    assertThat(refusal("a", model("'properties':{'x':{'tm:ref':'#/properties/x'}}")).detail())
        .contains("circle");
    assertThat(refusal("a", model("'properties':{'x':{'tm:ref':'#/properties'}}"))).isNotNull();
    assertThat(refusal("a", model("'properties':{'x':{'tm:ref':'#/nothing/here'}}")).path())
        .isEqualTo("/properties/x/tm:ref");
    assertThat(refusal("a", model("'properties':{'x':{'tm:ref':'#'}}"))).isNotNull();
    assertThat(refusal("a", model("'properties':{'x':{'tm:ref':'title'}}"))).isNotNull();
  }

  @Test
  void shouldRefuseReferencesThatMultiply() {
    ObjectNode document = model("");
    ObjectNode properties = document.putObject("properties");
    properties.putObject("p0").put("type", "number");
    for (int i = 1; i < 30; i++) {
      ObjectNode members =
          properties.putObject("p" + i).put("type", "object").putObject("properties");
      members.putObject("a").put("tm:ref", "#/properties/p" + (i - 1));
      members.putObject("b").put("tm:ref", "#/properties/p" + (i - 1));
    }

    assertThat(refusal("a", document)).isNotNull();
  }

  @Test
  void shouldAddUpWhatIsOptional() {
    pilot.put("pump", model("'properties':{'a':{},'b':{}},'tm:optional':['/properties/a']"));

    JsonNode resolved =
        pilot
            .put("c", model(EXTENDS.formatted("pump") + ",'tm:optional':['/properties/b']"))
            .resolved();

    assertThat(resolved.path("tm:optional"))
        .isEqualTo(Documents.json("['/properties/a','/properties/b']"));
  }
}
