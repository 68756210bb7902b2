package org.pilothouse.models.internal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;
import static org.pilothouse.models.internal.Documents.model;
import static org.pilothouse.models.internal.Documents.pump;
import static org.pilothouse.models.internal.Documents.read;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.time.Duration;
import java.util.concurrent.Callable;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.pilothouse.kernel.Problem;
import org.pilothouse.kernel.ProblemCode;
import org.pilothouse.models.Fault;
import org.pilothouse.models.PropertyModel;
import org.pilothouse.models.ThingModel;
import org.pilothouse.platform.web.Json;

@Timeout(30)
class ThingModelReaderTest {
  private static Problem refusal(Callable<?> reading) {
    return catchThrowableOfType(Problem.class, reading::call);
  }

  private static Problem refusal(String members) {
    return refusal(() -> read(model(members)));
  }

  @Test
  void shouldReadWhatAModelSays() {
    ThingModel model = read(pump()).model();

    assertThat(model.title()).isEqualTo("Pump");
    assertThat(model.version()).isEqualTo("1.2");
    assertThat(model.properties().keySet())
        .containsExactly("temperature", "speed", "state", "running", "place");
    assertThat(model.actions().keySet()).containsExactly("start", "stop");
    assertThat(model.events()).containsExactly("leak");
    PropertyModel temperature = model.property("temperature");
    assertThat(temperature.type()).isEqualTo(PropertyModel.Type.NUMBER);
    assertThat(temperature.unit()).isEqualTo("°C");
    assertThat(temperature.maximum()).isEqualTo(120.0);
    assertThat(temperature.readOnly()).isTrue();
  }

  @Test
  void shouldCallAModelByItsIdWhenItHasNoTitle() {
    assertThat(read(model("")).model().title()).isEqualTo("pump");
  }

  @Test
  void shouldTakeAListOfContextsAndTypes() {
    JsonNode document =
        Documents.json(
            "{'@context':['https://www.w3.org/2022/wot/td/v1.1',{'om':'http://example.org/'}],"
                + "'@type':['tm:ThingModel','om:Pump'],'om:made':'in Turin'}");

    assertThat(read(document).model().title()).isEqualTo("pump");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "'title':7|/title",
        "'properties':[]|/properties",
        "'properties':{'a':{'type':'float'}}|/properties/a/type",
        "'properties':{'a':{'type':'number','minimum':'low'}}|/properties/a/minimum",
        "'properties':{'a':{'type':'number','minimum':2,'maximum':1}}|/properties/a/minimum",
        "'properties':{'a':{'type':'number','minimum':2,'exclusiveMaximum':2}}|/properties/a/minimum",
        "'properties':{'a':{'type':'string','enum':['x',1]}}|/properties/a/enum/1",
        "'properties':{'a':{'type':'string','enum':[]}}|/properties/a/enum",
        "'properties':{'a':{'type':'string','pattern':'('}}|/properties/a/pattern",
        "'properties':{'a':{'type':'object','required':['b']}}|/properties/a/required/0",
        "'properties':{'a':{'$ref':'http://127.0.0.1/x'}}|/properties/a/$ref",
        "'properties':{'a':{'unit':7}}|/properties/a/unit",
        "'properties':{'a b':{}}|/properties/a b",
        "'properties':{'drop table--':{}}|/properties/drop table--",
        "'properties':{'a':{'type':'object','properties':{'1':{}}}}|/properties/a/properties/1",
        "'actions':{'go':{'input':7}}|/actions/go/input",
        "'actions':{'go':{'input':{'minLength':-1}}}|/actions/go/input/minLength",
        "'events':{'e':{'data':{'maxItems':1.5}}}|/events/e/data/maxItems",
        "'links':[{'rel':'x'}]|/links/0/href",
        "'tm:required':['#/properties/none']|/tm:required/0",
        "'tm:optional':['properties']|/tm:optional/0",
      })
  void shouldNameTheFirstFaultByItsPath(String members, String path) {
    Problem refusal = refusal(members);

    assertThat(refusal.path()).isEqualTo(path);
    assertThat(refusal.detail()).contains(path).endsWith(".");
  }

  @Test
  void shouldNameTheFaultThatComesFirstInTheDocument() {
    assertThat(refusal("'properties':{'z':{'type':'x'},'a':{'type':'y'}},'title':7").path())
        .isEqualTo("/properties/z/type");
  }

  @Test
  void shouldAskForTheContextAndTheType() {
    assertThat(refusal(() -> read(Documents.json("{'@type':'tm:ThingModel'}"))).code())
        .isEqualTo(ProblemCode.MISSING_FIELD);
    assertThat(
            refusal(() ->
                    read(
                        Documents.json(
                            "{'@context':'https://example.org','@type':'tm:ThingModel'}")))
                .path())
        .isEqualTo("/@context");
    assertThat(
            refusal(() ->
                    read(
                        Documents.json(
                            "{'@context':'https://www.w3.org/2022/wot/td/v1.1','@type':'Thing'}")))
                .path())
        .isEqualTo("/@type");
    assertThat(refusal(() -> read(Documents.json("[]"))).path()).isEmpty();
  }

  @Test
  void shouldLeaveOpenWhatIsAPlaceholder() {
    PropertyModel property =
        read(model("'properties':{'a':{'type':'number','minimum':'{{MIN}}','maximum':9}}"))
            .model()
            .property("a");

    assertThat(property.check(-1e9)).isNull();
    assertThat(property.check(10)).isNotNull();
  }

  @Test
  void shouldTakeAsManyPropertiesAsAreAllowedAndNoMore() {
    assertThat(read(many(1_000)).model().properties()).hasSize(1_000);
    assertThat(refusal(() -> read(many(1_001))).path()).isEqualTo("/properties");
    Problem tooMany = refusal(() -> read(many(10_000)));
    assertThat(tooMany.code()).isIn(ProblemCode.TOO_LARGE, ProblemCode.INVALID_VALUE);
  }

  private static ObjectNode many(int properties) {
    ObjectNode document = model("");
    ObjectNode members = document.putObject("properties");
    for (int i = 0; i < properties; i++) {
      members.putObject("p" + i).put("type", "number");
    }
    return document;
  }

  @Test
  void shouldRefuseALongDescription() {
    assertThat(refusal(() -> read(model("").put("description", "x".repeat(1_000_000)))).code())
        .isEqualTo(ProblemCode.TOO_LARGE);
    assertThat(refusal(() -> read(model("").put("description", "x".repeat(4_097)))).path())
        .isEqualTo("/description");
  }

  @Test
  void shouldKeepANameThatMeansSomethingElsewhere() {
    ThingModel model =
        read(model("'properties':{'__proto__':{'type':'number','maximum':1},'constructor':{}}"))
            .model();

    assertThat(model.properties().keySet()).containsExactly("__proto__", "constructor");
    assertThat(model.property("__proto__").check(2)).isNotNull();
    assertThat(model.property("toString")).isNull();
  }

  @ParameterizedTest
  @ValueSource(strings = {"a\u202eb", "a\u2066b", "a\u0000b", "a\u0007b", "a\ud800b"})
  void shouldRefuseTextsThatDeceiveTheReaderOrTheStore(String text) {
    assertThat(refusal(() -> read(model("").put("title", text))).path()).isEqualTo("/title");
    ObjectNode named = model("");
    named.putObject("properties").putObject(text);
    assertThat(refusal(() -> read(named)).code()).isEqualTo(ProblemCode.INVALID_VALUE);
  }

  @Test
  void shouldRefuseNamesWithARightToLeftMark() {
    ObjectNode document = model("");
    document.putObject("properties").putObject("speed\u200f");

    Problem refusal = refusal(() -> read(document));

    assertThat(refusal.code()).isEqualTo(ProblemCode.INVALID_VALUE);
    assertThat(refusal.detail()).doesNotContain("\u200f");
  }

  @Test
  void shouldRefuseANumberWithoutEnd() throws Exception {
    JsonNode document =
        Json.mapper()
            .readTree(model("'properties':{'a':{'maximum':7}}").toString().replace("7", "1e999"));

    assertThat(refusal(() -> read(document)).path()).isEqualTo("/properties/a/maximum");
  }

  @Test
  void shouldBoundHowDeepSchemasNest() {
    assertThat(read(nested(16)).model().properties()).hasSize(1);
    assertThat(refusal(() -> read(nested(17))).code()).isEqualTo(ProblemCode.INVALID_VALUE);
    assertThat(refusal(() -> read(nested(500))).code()).isEqualTo(ProblemCode.INVALID_VALUE);
  }

  private static ObjectNode nested(int depth) {
    ObjectNode document = model("");
    ObjectNode schema = document.putObject("properties").putObject("a");
    for (int i = 1; i < depth; i++) {
      schema = schema.put("type", "array").putObject("items");
    }
    schema.put("type", "number");
    return document;
  }

  @Test
  void shouldGiveOneDigestToDocumentsThatSayTheSame() {
    byte[] one =
        read(model("'title':'A','properties':{'a':{'minimum':1,'type':'number'}}")).digest();
    byte[] same =
        read(model("'properties':{'a':{'type':'number','minimum':1.0}},'title':'A'")).digest();
    byte[] other =
        read(model("'title':'A','properties':{'a':{'minimum':2,'type':'number'}}")).digest();

    assertThat(same).isEqualTo(one);
    assertThat(other).isNotEqualTo(one);
  }

  @Test
  void shouldJudgeReadings() {
    ThingModel model = read(pump()).model();
    PropertyModel temperature = model.property("temperature");
    PropertyModel speed = model.property("speed");
    PropertyModel state = model.property("state");

    assertThat(temperature.check(120)).isNull();
    assertThat(temperature.check(120.1))
        .isEqualTo(new Fault(Fault.Reason.OUT_OF_RANGE, "", "temperature must be at most 120 °C."));
    assertThat(temperature.check(Double.NaN).reason()).isEqualTo(Fault.Reason.WRONG_TYPE);
    assertThat(temperature.check("120").reason().code()).isEqualTo("wrong_type");
    assertThat(temperature.check(true).reason()).isEqualTo(Fault.Reason.WRONG_TYPE);
    assertThat(speed.check(5999)).isNull();
    assertThat(speed.check(6000).reason()).isEqualTo(Fault.Reason.OUT_OF_RANGE);
    assertThat(speed.check(1.5).reason()).isEqualTo(Fault.Reason.WRONG_TYPE);
    assertThat(state.check("on")).isNull();
    assertThat(state.check("ajar").reason()).isEqualTo(Fault.Reason.NOT_ALLOWED);
    assertThat(state.check("x".repeat(9)).reason()).isEqualTo(Fault.Reason.WRONG_LENGTH);
    assertThat(model.property("running").check(true)).isNull();
    assertThat(model.property("running").check(1).reason()).isEqualTo(Fault.Reason.WRONG_TYPE);
    PropertyModel place = model.property("place");
    assertThat(place.check(Documents.json("{'line':'3'}"))).isNull();
    assertThat(place.check(Documents.json("{'line':3}")).path()).isEqualTo("/line");
    assertThat(place.check(Documents.json("7")).reason()).isEqualTo(Fault.Reason.WRONG_TYPE);
  }

  @Test
  void shouldTakeAnyValueWhereTheModelLeavesItOpen() {
    PropertyModel open = read(model("'properties':{'a':{}}")).model().property("a");

    assertThat(open.check(1)).isNull();
    assertThat(open.check("x")).isNull();
    assertThat(open.check(false)).isNull();
    assertThat(open.check(Documents.json("{'x':[1]}"))).isNull();
  }

  @Test
  void shouldJudgeWhatIsSentToAnAction() {
    ThingModel model = read(pump()).model();

    assertThat(model.action("start").checkInput(Documents.json("{'speed':100}"))).isEmpty();
    assertThat(model.action("start").checkInput(Documents.json("{'speed':-1}")))
        .containsExactly(
            new Fault(Fault.Reason.OUT_OF_RANGE, "/speed", "/speed must be at least 0."));
    assertThat(model.action("start").checkInput(Documents.json("{}")))
        .containsExactly(new Fault(Fault.Reason.MISSING, "/speed", "/speed is missing."));
    assertThat(model.action("start").checkInput(Documents.json("[]")))
        .containsExactly(new Fault(Fault.Reason.WRONG_TYPE, "", "It must be an object."));
    assertThat(model.action("start").checkInput(null)).hasSize(1);
    assertThat(model.action("stop").checkInput(null)).isEmpty();
    assertThat(model.action("stop").checkInput(Documents.json("{}"))).isEmpty();
    assertThat(model.action("stop").checkInput(Documents.json("{'now':true}"))).hasSize(1);
  }

  @Test
  void shouldHonourWordsOfJsonSchemaInAnInput() {
    ThingModel model =
        read(model(
                """
                'actions':{'set':{'input':{'type':'object','additionalProperties':false,
                'properties':{'at':{'type':'string','format':'date-time'},
                  'mode':{'oneOf':[{'const':'fast'},{'const':'slow'}]},
                  'pair':{'type':'array','items':[{'type':'number'},{'type':'string'}]}}}}}\
                """))
            .model();

    assertThat(
            model
                .action("set")
                .checkInput(
                    Documents.json("{'at':'2026-01-31T12:00:00Z','mode':'fast','pair':[1,'x']}")))
        .isEmpty();
    assertThat(model.action("set").checkInput(Documents.json("{'at':'noon'}")).getFirst().path())
        .isEqualTo("/at");
    assertThat(model.action("set").checkInput(Documents.json("{'mode':'no'}"))).isNotEmpty();
    assertThat(model.action("set").checkInput(Documents.json("{'pair':['x']}")).getFirst().path())
        .isEqualTo("/pair/0");
    assertThat(model.action("set").checkInput(Documents.json("{'x':1}")).getFirst())
        .isEqualTo(new Fault(Fault.Reason.UNKNOWN_FIELD, "/x", "/x is not known here."));
  }

  @Test
  void shouldGiveUpOnAPatternThatTakesForEver() {
    ThingModel model =
        read(model("'actions':{'a':{'input':{'type':'string','pattern':'^(.*a){12}$'}}}")).model();
    long start = System.nanoTime();

    assertThat(model.action("a").checkInput(Json.mapper().valueToTree("a".repeat(60) + "b")))
        .extracting(Fault::reason)
        .containsExactly(Fault.Reason.TOO_COSTLY);
    assertThat(Duration.ofNanos(System.nanoTime() - start)).isLessThan(Duration.ofSeconds(10));
    assertThat(model.action("a").checkInput(Json.mapper().valueToTree("a".repeat(12)))).isEmpty();
  }

  @Test
  void shouldGiveUpOnAnInputThatAsksForTooManySteps() {
    ObjectNode document = model("");
    ObjectNode items =
        document
            .putObject("actions")
            .putObject("a")
            .putObject("input")
            .put("type", "array")
            .putObject("items");
    for (int i = 0; i < 250; i++) {
      items.withArray("/anyOf").addObject().put("const", i);
    }
    JsonNode input = Json.mapper().valueToTree(new int[] {-1, -2, -3});
    JsonNode many = Json.mapper().valueToTree(IntStream.range(-8_000, 0).toArray());
    ThingModel model = read(document).model();

    assertThat(model.action("a").checkInput(input)).isNotEmpty();
    assertThat(model.action("a").checkInput(many))
        .extracting(Fault::reason)
        .containsExactly(Fault.Reason.TOO_COSTLY);
  }

  @Test
  void shouldLiveWithNumbersOfAnySize() {
    ThingModel model =
        read(model(
                "'actions':{'a':{'input':{'type':'number','minimum':0}},"
                    + "'b':{'input':{'type':'integer','minimum':0,'maximum':9}}}"))
            .model();

    assertThat(model.action("a").checkInput(Documents.json("1e308"))).isEmpty();
    assertThat(model.action("a").checkInput(Documents.json("-1e308")))
        .containsExactly(new Fault(Fault.Reason.OUT_OF_RANGE, "", "It must be at least 0."));
    assertThat(model.action("b").checkInput(Documents.json("9"))).isEmpty();
    assertThat(model.action("b").checkInput(Documents.json("10"))).hasSize(1);
    assertThat(model.action("b").checkInput(Documents.json("1e308"))).isNotEmpty();
    assertThat(model.action("b").checkInput(Documents.json("99999999999999999999"))).isNotEmpty();
    assertThat(refusal("'actions':{'a':{'input':{'minLength':1e308}}}").code())
        .isEqualTo(ProblemCode.INVALID_VALUE);
  }

  @Test
  void shouldReadTheLargestDocuments() {
    ObjectNode document = model("");
    ObjectNode members = document.putObject("properties");
    for (int i = 0; i < 1_000; i++) {
      members
          .putObject("property_" + i)
          .put("type", "number")
          .put("title", "Property " + i)
          .put("description", "A description of some length, for the size of it: " + i)
          .put("unit", "°C")
          .put("minimum", -i)
          .put("maximum", i)
          .put("multipleOf", 0.5)
          .put("readOnly", true)
          .put("observable", true);
    }

    assertThat(document.toString().length()).isBetween(200_000, ThingModelReader.LARGEST);
    assertThat(read(document).model().properties()).hasSize(1_000);
  }

  @Test
  void shouldTellAtMostAHandfulOfFaults() {
    ThingModel model =
        read(model("'actions':{'a':{'input':{'type':'array','items':{'type':'number'}}}}")).model();
    JsonNode input = Json.mapper().valueToTree("x".repeat(1_000).split(""));

    assertThat(model.action("a").checkInput(input)).hasSizeLessThanOrEqualTo(10).isNotEmpty();
  }
}
