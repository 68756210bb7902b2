package org.pilothouse.models.internal;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.HashMap;
import java.util.Map;
import org.pilothouse.platform.web.Json;

/** Models to try things on; written with single quotes. */
final class Documents {
  static final ThingModelReader READER = new ThingModelReader();
  static final Bases NONE = id -> null;

  private Documents() {}

  static JsonNode json(String text) {
    try {
      return Json.mapper().readTree(text.replace('\'', '"'));
    } catch (JsonProcessingException e) {
      throw new IllegalArgumentException(e);
    }
  }

  /** A model with these members beside what every model has. */
  static ObjectNode model(String members) {
    return (ObjectNode)
        json(
            "{'@context':'https://www.w3.org/2022/wot/td/v1.1','@type':'tm:ThingModel'"
                + (members.isEmpty() ? "" : ",")
                + members
                + "}");
  }

  static ObjectNode pump() {
    return model(
        """
        'title':'Pump','description':'Moves water','version':{'model':'1.2'},
        'properties':{
          'temperature':{'type':'number','unit':'°C','minimum':-40,'maximum':120,'readOnly':true},
          'speed':{'type':'integer','unit':'rpm','minimum':0,'exclusiveMaximum':6000},
          'state':{'type':'string','enum':['on','off'],'maxLength':8},
          'running':{'type':'boolean'},
          'place':{'type':'object','properties':{'line':{'type':'string'}},'required':['line']}},
        'actions':{
          'start':{'input':{'type':'object','properties':{'speed':{'type':'number','minimum':0,'maximum':6000}},
            'required':['speed']},'output':{'type':'boolean'}},
          'stop':{}},
        'events':{'leak':{'data':{'type':'string'}}}\
        """);
  }

  static ThingModelReader.Sound read(JsonNode document) {
    return READER.read("pump", 1, document, NONE);
  }

  /** Models of a pilot, each sound, in the order in which they are put. */
  static final class Pilot implements Bases {
    private final Map<String, Base> models = new HashMap<>();

    ThingModelReader.Sound put(String id, JsonNode document) {
      ThingModelReader.Sound sound = READER.read(id, 1, document, this);
      models.put(id, new Base(sound.resolved(), sound.base()));
      return sound;
    }

    @Override
    public Base find(String modelId) {
      return models.get(modelId);
    }
  }
}
