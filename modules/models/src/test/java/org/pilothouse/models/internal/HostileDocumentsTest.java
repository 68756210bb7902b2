package org.pilothouse.models.internal;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import org.pilothouse.kernel.Problem;
import org.pilothouse.models.PropertyModel;
import org.pilothouse.platform.web.Json;

/** Whatever is in a document: it is read, or refused with a place that can be shown. */
class HostileDocumentsTest {
  private static final List<String> VALUES =
      List.of(
          "null",
          "true",
          "-1",
          "1e308",
          "1e999",
          "99999999999999999999999999",
          "''",
          "'{{X}}'",
          "'\\u0000'",
          "'\\u202e'",
          "'\\ud800'",
          "'#/properties/temperature'",
          "'\\'; DROP TABLE models.model; --'",
          "[]",
          "[[[[]]]]",
          "[null]",
          "{}",
          "{'tm:ref':'#/properties/speed'}",
          "{'tm:ref':'#'}",
          "{'$ref':'#'}",
          "{'__proto__':{'type':'number'}}",
          "{'type':'object','properties':{'a':{'tm:ref':'#/properties/place'}}}",
          "{'enum':[{'a':1},null]}",
          "{'pattern':'(a+)+$','type':'string'}",
          "{'':1}");

  private static final List<String> NAMES =
      List.of(
          "type",
          "enum",
          "const",
          "minimum",
          "maximum",
          "required",
          "properties",
          "items",
          "oneOf",
          "not",
          "pattern",
          "links",
          "tm:ref",
          "tm:optional",
          "$ref",
          "__proto__",
          "a\u200fb",
          "");

  private static final String DTDL =
      """
      {'@context':'dtmi:dtdl:context;2','@id':'dtmi:x:Pump;1','@type':'Interface','displayName':{'en':'Pump'},
       'schemas':[{'@id':'dtmi:x:S;1','@type':'Array','elementSchema':'double'}],
       'contents':[{'@type':['Telemetry','Temperature'],'name':'t','schema':'double','unit':'kelvin'},
        {'@type':'Property','name':'m','schema':{'@type':'Enum','valueSchema':'integer','enumValues':[{'name':'a','enumValue':1}]}},
        {'@type':'Property','name':'o','schema':{'@type':'Object','fields':[{'name':'f','schema':'dtmi:x:S;1'}]}},
        {'@type':'Command','name':'c','request':{'name':'r','schema':'long'}},
        {'@type':'Component','name':'k','schema':{'@type':'Interface','contents':[]}},
        {'@type':'Relationship','name':'l','target':'dtmi:x:Tank;1'}]}\
      """;

  /** Puts a value, or a member of a name, somewhere into a document. */
  record Change(int place, String value, Optional<String> name) {
    void on(JsonNode document) {
      List<JsonNode> places = new ArrayList<>();
      collect(document, places);
      JsonNode at = places.get(Math.floorMod(place, places.size()));
      JsonNode node = parsed();
      if (at instanceof ObjectNode object) {
        List<String> names = new ArrayList<>();
        object.fieldNames().forEachRemaining(names::add);
        String other = names.isEmpty() ? "a" : names.get(Math.floorMod(place, names.size()));
        object.set(name.orElse(other), node);
      } else if (at instanceof ArrayNode list) {
        list.insert(0, node);
      }
    }

    private JsonNode parsed() {
      try {
        return Json.mapper()
            .readTree(value.replace("\\'", "\u0001").replace('\'', '"').replace('\u0001', '\''));
      } catch (JsonProcessingException e) {
        throw new IllegalArgumentException(e);
      }
    }

    private static void collect(JsonNode node, List<JsonNode> places) {
      if (node.isContainerNode()) {
        places.add(node);
        node.forEach(child -> collect(child, places));
      }
    }
  }

  @Provide
  Arbitrary<List<Change>> changes() {
    Arbitrary<Change> change =
        Combinators.combine(
                Arbitraries.integers().between(0, 1_000),
                Arbitraries.of(VALUES),
                Arbitraries.of(NAMES).optional(0.5))
            .as(Change::new);
    return change.list().ofMinSize(1).ofMaxSize(4);
  }

  private static <T> Optional<T> attempt(Supplier<T> reading) {
    try {
      return Optional.of(reading.get());
    } catch (Problem e) {
      String told = e.path() + e.detail();
      assertThat(e.code().status()).isBetween(400, 499);
      assertThat(told.codePoints().noneMatch(Character::isISOControl)).isTrue();
      assertThat(told).doesNotContain("\u200f", "\u202e");
      return Optional.empty();
    }
  }

  @Property(tries = 600)
  void modelsAreReadOrRefused(@ForAll("changes") List<Change> changes) {
    ObjectNode document = Documents.pump();
    changes.forEach(change -> change.on(document));

    attempt(() -> Documents.read(document))
        .ifPresent(sound -> {
          for (PropertyModel property : sound.model().properties().values()) {
            property.check(1.5);
            property.check("x");
            property.check(true);
            property.check(Documents.json("{'a':[null]}"));
          }
          sound
              .model()
              .actions()
              .values()
              .forEach(action -> action.checkInput(Documents.json("{'speed':{}}")));
          Compatibility.breaks(sound.resolved(), Documents.pump());
          Compatibility.breaks(Documents.pump(), sound.resolved());
          assertThat(Compatibility.breaks(sound.resolved(), sound.resolved())).isEmpty();
          reread(sound);
        });
  }

  /** What is kept can be read again, and says the same. */
  private static void reread(ThingModelReader.Sound sound) {
    try {
      JsonNode document = Json.mapper().readTree(sound.document().toString());
      JsonNode resolved = Json.mapper().readTree(sound.resolved().toString());
      assertThat(Canonical.digest(document, resolved)).isEqualTo(sound.digest());
      ThingModelReader.model("pump", 1, document, resolved);
    } catch (JsonProcessingException e) {
      throw new AssertionError(e);
    }
  }

  @Property(tries = 600)
  void interfacesAreImportedOrRefused(@ForAll("changes") List<Change> changes) {
    JsonNode dtdl = Documents.json(DTDL);
    changes.forEach(change -> change.on(dtdl));

    attempt(() -> DtdlImport.toThingModel(dtdl))
        .ifPresent(imported -> {
          String told = String.join(" ", imported.warnings());
          assertThat(told.codePoints().noneMatch(Character::isISOControl)).isTrue();
          attempt(() -> Documents.read(imported.document()));
        });
  }
}
