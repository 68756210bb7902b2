package org.pilothouse.datasets.internal;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;

/** Contracts for tests. */
final class Contracts {
  private static final ObjectMapper JSON = new ObjectMapper();

  private Contracts() {}

  /** With some of everything. */
  static ObjectNode whole() {
    return read(
        """
        {"apiVersion":"v3.1.0","kind":"DataContract","id":"c-1","name":"Press runs","version":"1.2.0","status":"active",
         "domain":"quality","tenant":"aurora","dataProduct":"presses","tags":["presses"],
         "description":{"purpose":"Wear of the tools","usage":"By shift","limitations":"No nights"},
         "schema":[{"name":"runs","physicalType":"file","properties":[
           {"name":"time","logicalType":"timestamp","physicalType":"text","required":true,"primaryKey":true},
           {"name":"rpm","logicalType":"number","classification":"internal","unique":false,
            "quality":[{"metric":"nullValues","mustBe":0,"unit":"rows"}]}],
           "quality":[{"metric":"rowCount","mustBeGreaterThan":100},
             {"type":"custom","engine":"pilothouse","implementation":{"metric":"sizeBytes","mustBeBetween":[1000,2000]}}]}],
         "slaProperties":[{"property":"frequency","value":1,"unit":"d"},{"property":"retention","value":1,"unit":"y"},
           {"property":"endOfSupport","value":"2030-01-01"},{"property":"availability","value":"99.5","unit":"%"}],
         "support":[{"channel":"presses","tool":"email","url":"mailto:presses@aurora.example"}],
         "team":{"name":"Press shop","members":[{"username":"ada","role":"owner","dateIn":"2026-01-01"}]},
         "roles":[{"role":"reader","access":"read"}],
         "servers":[{"server":"lake","type":"s3","location":"s3://lake/presses","format":"csv"}],
         "price":{"priceAmount":0,"priceCurrency":"EUR"}}
        """);
  }

  static ObjectNode read(String json) {
    try {
      return (ObjectNode) JSON.readTree(json);
    } catch (JsonProcessingException e) {
      throw new IllegalArgumentException(e);
    }
  }

  static ObjectNode at(JsonNode document, String pointer) {
    return (ObjectNode) document.at(pointer);
  }
}
