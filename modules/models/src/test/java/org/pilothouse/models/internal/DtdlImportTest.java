package org.pilothouse.models.internal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;
import static org.pilothouse.models.internal.Documents.json;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.pilothouse.kernel.Problem;
import org.pilothouse.models.PropertyModel;
import org.pilothouse.models.ThingModel;

@Timeout(30)
class DtdlImportTest {
  private static final String HEAD =
      "'@context':'dtmi:dtdl:context;2','@id':'dtmi:com:example:Pump;3','@type':'Interface'";

  private static DtdlImport.Imported imported(String contents) {
    return DtdlImport.toThingModel(json("{" + HEAD + ",'contents':[" + contents + "]}"));
  }

  private static ThingModel model(DtdlImport.Imported imported) {
    return Documents.read(imported.document()).model();
  }

  @Test
  void shouldMakeASoundModel() {
    DtdlImport.Imported imported =
        imported(
            """
            {'@type':['Telemetry','Temperature'],'name':'temperature','schema':'double','unit':'degreeCelsius'},
            {'@type':'Property','name':'target','schema':'integer','writable':true,'displayName':{'it':'Meta','en':'Target'}},
            {'@type':'Property','name':'serial','schema':'string'},
            {'@type':'Command','name':'start','request':{'name':'how','schema':{'@type':'Object','fields':[
              {'name':'speed','schema':'long'},{'name':'until','schema':'dateTime'}]}},
              'response':{'name':'done','schema':'boolean'}},
            {'@type':'Relationship','name':'feeds','target':'dtmi:com:example:Tank;1'}\
            """);
    ThingModel model = model(imported);

    assertThat(imported.warnings()).isEmpty();
    assertThat(model.title()).isEqualTo("Pump");
    assertThat(model.version()).isEqualTo("3");
    assertThat(model.properties().keySet()).containsExactly("temperature", "target", "serial");
    assertThat(model.property("temperature").unit()).isEqualTo("°C");
    assertThat(model.property("temperature").readOnly()).isTrue();
    assertThat(model.property("target").readOnly()).isFalse();
    assertThat(model.property("target").title()).isEqualTo("Target");
    assertThat(model.property("target").type()).isEqualTo(PropertyModel.Type.INTEGER);
    assertThat(model.property("serial").readOnly()).isTrue();
    assertThat(imported.document().at("/properties/temperature/@type").path(0).asText())
        .isEqualTo("dtdl:Temperature");
    assertThat(model.action("start").checkInput(json("{'speed':3,'until':'2026-01-01T00:00:00Z'}")))
        .isEmpty();
    assertThat(model.action("start").checkInput(json("{'speed':'fast'}"))).hasSize(1);
    assertThat(imported.document().path("links"))
        .contains(json("{'rel':'feeds','href':'dtmi:com:example:Tank;1'}"));
  }

  @Test
  void shouldCarryEveryKindOfSchema() {
    DtdlImport.Imported imported =
        imported(
            """
            {'@type':'Property','name':'mode','writable':true,'schema':{'@type':'Enum','valueSchema':'integer',
              'enumValues':[{'name':'off','enumValue':0,'displayName':'Off'},{'name':'on','enumValue':1}]}},
            {'@type':'Property','name':'limits','schema':{'@type':'Array','elementSchema':'float'}},
            {'@type':'Property','name':'tags','schema':{'@type':'Map','mapKey':{'name':'k','schema':'string'},
              'mapValue':{'name':'v','schema':'boolean'}}},
            {'@type':'Property','name':'spot','schema':'point'},
            {'@type':'Property','name':'day','schema':'date'}\
            """);
    ThingModel model = model(imported);

    assertThat(model.property("mode").check(1)).isNull();
    assertThat(model.property("mode").check(2)).isNotNull();
    assertThat(model.property("limits").check(json("[1,2.5]"))).isNull();
    assertThat(model.property("limits").check(json("['x']"))).isNotNull();
    assertThat(model.property("tags").check(json("{'a':true}"))).isNull();
    assertThat(model.property("tags").check(json("{'a':1}"))).isNotNull();
    assertThat(imported.document().at("/properties/mode/oneOf/0/title").asText()).isEqualTo("Off");
    assertThat(imported.warnings()).hasSize(1).first().asString().contains("geospatial");
  }

  @Test
  void shouldTakeComponentsAndParentsFromTheSameDocument() {
    JsonNode document =
        json(
            """
            [{'@context':['dtmi:dtdl:context;3','dtmi:dtdl:extension:quantitativeTypes;1'],'@id':'dtmi:x:Skid;1',
              '@type':'Interface','extends':'dtmi:x:Asset;1',
              'contents':[{'@type':'Component','name':'pump','schema':'dtmi:x:Pump;1'},
                {'@type':'Component','name':'valve','schema':'dtmi:x:Valve;1'}]},
             {'@id':'dtmi:x:Asset;1','@type':'Interface','contents':{'@type':'Property','name':'owner','schema':'string'}},
             {'@id':'dtmi:x:Pump;1','@type':'Interface','contents':[{'@type':'Telemetry','name':'speed','schema':'dtmi:x:Rpm;1'}],
              'schemas':[{'@id':'dtmi:x:Rpm;1','@type':'Array','elementSchema':'double'}]}]\
            """);

    DtdlImport.Imported imported = DtdlImport.toThingModel(document);
    ThingModel model = model(imported);

    assertThat(model.properties().keySet()).containsExactly("owner", "pump.speed");
    assertThat(model.property("pump.speed").type()).isEqualTo(PropertyModel.Type.ARRAY);
    assertThat(imported.warnings()).hasSize(1).first().asString().contains("valve");
  }

  @Test
  void shouldNameWhatCannotBeCarriedOver() {
    List<String> warnings =
        imported(
                """
                {'@type':'Property','name':'a','schema':'dtmi:x:Unknown;1','comment':'why','accessRule':'x'},
                {'@type':'Relationship','name':'feeds','maxMultiplicity':1},
                {'@type':'Wish','name':'w'}\
                """)
            .warnings();

    assertThat(warnings)
        .anyMatch(w -> w.contains("dtmi:x:Unknown;1"))
        .anyMatch(w -> w.contains("comment"))
        .anyMatch(w -> w.contains("accessRule"))
        .anyMatch(w -> w.contains("names no target"))
        .anyMatch(w -> w.contains("maxMultiplicity"))
        .anyMatch(w -> w.contains("w is of a kind"));
  }

  private static Problem refusal(String document) {
    return catchThrowableOfType(Problem.class, () -> DtdlImport.toThingModel(json(document)));
  }

  @Test
  void shouldRefuseWhatIsNoInterface() {
    assertThat(refusal("{}").path()).isEqualTo("/@type");
    assertThat(refusal("[]").path()).isEqualTo("/0/@type");
    assertThat(refusal("7").path()).isEqualTo("/@type");
    assertThat(refusal("{'@type':'Interface','@context':'dtmi:dtdl:context;9'}").path())
        .isEqualTo("/@context");
    assertThat(refusal("{" + HEAD + ",'contents':[7]}").path()).isEqualTo("/contents/0");
    assertThat(
            refusal("{" + HEAD + ",'contents':[{'@type':'Property','name':'a b','schema':'long'}]}")
                .path())
        .isEqualTo("/contents/0/name");
    assertThat(
            refusal("{" + HEAD + ",'contents':[{'@type':'Property','name':'a','schema':7}]}")
                .path())
        .isEqualTo("/contents/0/schema");
  }

  @Test
  void shouldRefuseNamesThatGoRoundOrMultiply() {
    assertThat(refusal("{" + HEAD + ",'extends':'dtmi:com:example:Pump;3','contents':[]}"))
        .isNotNull();
    assertThat(
            refusal(
                "{"
                    + HEAD
                    + ",'schemas':[{'@id':'dtmi:x:A;1','@type':'Object','fields':["
                    + "{'name':'a','schema':'dtmi:x:A;1'},{'name':'b','schema':'dtmi:x:A;1'},"
                    + "{'name':'c','schema':'dtmi:x:A;1'},{'name':'d','schema':'dtmi:x:A;1'}]}],"
                    + "'contents':[{'@type':'Property','name':'p','schema':'dtmi:x:A;1'}]}"))
        .isNotNull();
  }
}
