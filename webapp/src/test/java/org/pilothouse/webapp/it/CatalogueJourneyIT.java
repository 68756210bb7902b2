package org.pilothouse.webapp.it;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.net.URLEncoder;
import java.util.Locale;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The catalogue, products and lineage over HTTP, as other programs read and write them. */
@Timeout(120)
class CatalogueJourneyIT {
  private static final String YAML = "application/yaml";

  private final Consortium consortium = Consortium.get();
  private final Api operator = consortium.caller("pilot-operator");
  private final Api steward = consortium.caller("data-steward");
  private final String base = "/api/v1/pilots/" + consortium.own();

  @Test
  void shouldKeepAProductFromItsFirstDraftToItsEnd() {
    String product = base + "/products/journey-" + System.nanoTime();
    String stream = "a/b \"journey\" " + System.nanoTime();
    String contract =
        "apiVersion: v3.1.0\nkind: DataContract\nid: j-1\nname: Journey\nversion: 1.0.0\nstatus: active\n"
            + "slaProperties:\n- {property: frequency, value: 1, unit: d}\n"
            + "schema:\n- name: t\n  properties:\n  - {name: a, logicalType: integer}\n";

    Answer unnamed = yaml("PUT", product, "", contract);
    assertThat(unnamed.code()).as("%s", unnamed).isEqualTo("missing_field");
    Answer made =
        yaml(
            "PUT",
            product,
            "",
            contract + "customProperties:\n- property: datasetName\n  value: '" + stream + "'\n");
    assertThat(made.status()).as("%s", made).isEqualTo(201);
    assertThat(made.header("location")).endsWith(product);
    assertThat(made.json().path("dataset_name").asText()).isEqualTo(stream);
    assertThat(made.json().at("/promises/0/state").asText()).isEqualTo("not_met");

    Answer export = operator.get(product + "/contract");
    assertThat(export.header("content-type")).startsWith(YAML);
    assertThat(export.text()).contains("tenant: " + consortium.own());
    Answer again = yaml("PUT", product, made.header("etag"), export.text());
    assertThat(again.status()).as("%s", again).isEqualTo(200);
    assertThat(yaml("PUT", product, made.header("etag"), export.text()).status()).isEqualTo(412);
    assertThat(yaml("PUT", product, "", export.text()).status()).isEqualTo(428);

    JsonNode less =
        steward
            .json(
                "POST",
                product + "/check",
                Map.of("contract", Map.of("id", "j-1", "version", "1.1.0", "status", "active")))
            .json();
    assertThat(less.path("faults").findValuesAsText("path"))
        .startsWith("/version")
        .contains("/schema", "/slaProperties");
    Answer wrong =
        steward.json("PUT", product, Map.of("contract", Map.of("version", "x", "status", "y")));
    assertThat(wrong.status()).isEqualTo(400);
    assertThat(wrong.json().path("path").asText()).startsWith("/contract/");

    assertThat(operator.get(product + "/revisions").json().path("items")).hasSize(2);
    assertThat(
            operator.get(base + "/products?dataset_name=" + encoded(stream)).json().path("items"))
        .hasSize(1);
    assertThat(yaml("PUT", product, "*", "x: 1").status()).isEqualTo(400);
    assertThat(operator.json("PUT", product, Map.of()).status()).isEqualTo(403);
    Map<String, String> current = Map.of("If-Match", again.header("etag"));
    assertThat(steward.call("DELETE", product, current, new byte[0]).status()).isEqualTo(204);
    assertThat(operator.get(product).status()).isEqualTo(404);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "a: &x [1]\nb: [*x]",
        "!!javax.script.ScriptEngineManager [!!java.net.URLClassLoader [[!!java.net.URL [\"http://127.0.0.1/\"]]]]",
        "a: !!binary x",
        "--- {}\n--- {}"
      })
  void shouldRefuseYamlThatIsMoreThanADocument(String yaml) {
    Answer answer = yaml("PUT", base + "/products/refused", "", yaml);

    assertThat(answer.status()).as("%s", answer).isEqualTo(400);
    assertThat(answer.code()).isEqualTo("malformed_request");
    assertThat(answer.isProblem()).isTrue();
  }

  @Test
  void shouldRefuseAContractThatIsTooLarge() {
    Answer answer = yaml("PUT", base + "/products/refused", "", "a: " + "x".repeat(300 * 1024));

    assertThat(answer.status()).isEqualTo(413);
  }

  @Test
  void shouldDescribeTheCatalogueInLinkedData() {
    Answer answer =
        operator.call(
            "GET",
            base + "/catalogue?limit=1",
            Map.of("Accept", "application/ld+json"),
            new byte[0]);

    assertThat(answer.status()).as("%s", answer).isEqualTo(200);
    assertThat(answer.header("content-type")).startsWith("application/ld+json");
    assertThat(answer.json().path("@type").asText()).isEqualTo("dcat:Catalog");
    assertThat(answer.json().path("@id").asText()).endsWith(base + "/catalogue");
    assertThat(operator.get(base + "/catalogue?cursor=x").code()).isEqualTo("invalid_cursor");
    assertThat(operator.get(base + "/openlineage").json().path("items").isArray()).isTrue();
    assertThat(operator.get(base + "/openlineage?state=uploading").code())
        .isEqualTo("invalid_value");
  }

  @Test
  void shouldFindADatasetByAPartOfItsName() {
    String name = "Journey of the needle " + System.nanoTime();
    Answer declared =
        operator.json(
            "POST",
            base + "/datasets",
            Map.of("name", name, "media_type", "text/csv", "size_bytes", 1));
    assertThat(declared.status()).as("%s", declared).isEqualTo(201);

    Answer found =
        operator.get(
            base
                + "/datasets?state=uploading&q="
                + encoded(name.substring(8).toUpperCase(Locale.ROOT)));

    assertThat(found.json().path("items").findValuesAsText("name")).containsExactly(name);
    String dataset = base + "/datasets/" + declared.json().path("dataset_id").asText();
    assertThat(operator.get(dataset + "/dcat").code()).isEqualTo("conflict");
    assertThat(operator.get(dataset + "/openlineage").json().path("items")).isEmpty();
  }

  private Answer yaml(String method, String product, String ifMatch, String body) {
    return steward.call(
        method,
        product + "/contract",
        ifMatch.isEmpty()
            ? Map.of("Content-Type", YAML)
            : Map.of("Content-Type", YAML, "If-Match", ifMatch),
        body.getBytes(UTF_8));
  }

  private static String encoded(String text) {
    return URLEncoder.encode(text, UTF_8);
  }
}
