package org.pilothouse.datasets.internal;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.net.URI;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.apache.jena.graph.Graph;
import org.apache.jena.rdf.model.Model;
import org.apache.jena.rdf.model.ModelFactory;
import org.apache.jena.rdf.model.Property;
import org.apache.jena.rdf.model.RDFNode;
import org.apache.jena.rdf.model.Resource;
import org.apache.jena.rdf.model.ResourceFactory;
import org.apache.jena.riot.Lang;
import org.apache.jena.riot.RDFDataMgr;
import org.apache.jena.riot.RDFParser;
import org.apache.jena.shacl.ShaclValidator;
import org.apache.jena.shacl.Shapes;
import org.apache.jena.shacl.ValidationReport;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.pilothouse.datasets.Dataset;
import org.pilothouse.datasets.DatasetId;

/** Exports as a reader of RDF sees them, held against shapes of the recommendation. */
class DcatTest {
  private static final String BASE = "https://pilothouse.example/api/v1/pilots/aurora";
  private static final String DCAT = "http://www.w3.org/ns/dcat#";
  private static final String DCTERMS = "http://purl.org/dc/terms/";
  private static final String HOSTILE =
      "\"} , {\"@id\": \"urn:evil\"} @id \\u0022 \u202Egnp.exe\u2066 </script><script>alert(1)</script> '";

  private final Dcat dcat =
      new Dcat(
          new Iris(URI.create("https://pilothouse.example"), Examples.PILOT.id()), Examples.PILOT);

  @Test
  void shouldKeepToTheRecommendation() {
    Model catalogue =
        read(
            dcat.catalogue(
                List.of(
                    offer(
                        dataset("d-2", 2, Map.of("classification", "internal", "licence", "mit")),
                        "d-1"),
                    offer(dataset("d-1", 1, Map.of("owner", "ada@aurora.example")), null),
                    offer(
                        Examples.dataset(
                            "e-1", "other", 1, Map.of("licence", "ours alone", "purpose", "x")),
                        null))));

    assertThat(faults(catalogue)).isEmpty();
    assertThat(catalogue.listSubjectsWithProperty(type(), resource(DCAT + "Dataset")).toList())
        .hasSize(3);
    assertThat(objects(catalogue, BASE + "/catalogue", DCAT + "dataset")).hasSize(5);
  }

  @Test
  void shouldKeepToTheRecommendationAlone() {
    Model model = read(dcat.dataset(offer(dataset("d-2", 2, Map.of()), "d-1")));

    assertThat(faults(model)).isEmpty();
    assertThat(objects(model, BASE + "/datasets/d-2", DCAT + "prev"))
        .containsExactly(resource(BASE + "/datasets/d-1"));
    assertThat(objects(model, BASE + "/datasets/d-2", "http://www.w3.org/ns/prov#wasDerivedFrom"))
        .containsExactlyInAnyOrder(
            resource(BASE + "/datasets/raw-1"), resource(BASE + "/datasets/raw-2"));
    assertThat(objects(model, BASE + "/datasets?name=run%207", DCAT + "hasVersion"))
        .containsExactly(resource(BASE + "/datasets/d-2"));
  }

  /** Shapes that nothing could break would prove nothing. */
  @Test
  void shouldBeToldWhereAnExportDoesNotKeepToIt() {
    ObjectNode broken = dcat.dataset(offer(dataset("d-2", 2, Map.of()), "d-1"));
    ObjectNode node = (ObjectNode) broken.at("/@graph/0");
    node.put("dcterms:issued", "yesterday");
    ((ObjectNode) node.get("dcat:distribution")).remove("dcat:accessURL");

    assertThat(faults(read(broken)))
        .anyMatch(fault -> fault.contains("issued"))
        .anyMatch(fault -> fault.contains("accessURL"));
  }

  @Test
  void shouldKeepTextsOfCallersLiterals() {
    Dataset dataset =
        Examples.dataset(
            "d-1",
            HOSTILE,
            1,
            Map.of("owner", HOSTILE, "purpose", HOSTILE, "licence", HOSTILE, "other", HOSTILE));

    Model model = read(dcat.catalogue(List.of(offer(dataset, null))));

    assertThat(faults(model)).isEmpty();
    assertThat(objects(model, BASE + "/datasets/d-1", DCTERMS + "title"))
        .containsExactly(ResourceFactory.createStringLiteral(HOSTILE + " (version 1)"));
    assertThat(objects(model, BASE + "/datasets/d-1", DCAT + "keyword"))
        .hasSize(4)
        .contains(ResourceFactory.createStringLiteral("other:" + HOSTILE))
        .allMatch(RDFNode::isLiteral);
    assertThat(model.listSubjects().toList())
        .filteredOn(Resource::isURIResource)
        .extracting(Resource::getURI)
        .allMatch(uri -> uri.startsWith(BASE) || uri.startsWith("http://publications.europa.eu/"));
  }

  @ParameterizedTest
  @CsvSource({
    "cc-by-4.0, http://spdx.org/licenses/CC-BY-4.0",
    "Apache-2.0, http://spdx.org/licenses/Apache-2.0",
    "https://aurora.example/terms, https://aurora.example/terms"
  })
  void shouldNameALicenceThatHasAnIri(String licence, String iri) {
    Model model = read(dcat.dataset(offer(dataset("d-1", 1, Map.of("licence", licence)), null)));

    assertThat(objects(model, BASE + "/datasets/d-1", DCTERMS + "license"))
        .containsExactly(resource(iri));
  }

  @ParameterizedTest
  @CsvSource({
    "public, PUBLIC",
    "internal, RESTRICTED",
    "confidential, NON_PUBLIC",
    "restricted, NON_PUBLIC"
  })
  void shouldSayWhoMayHaveIt(String classification, String right) {
    Model model =
        read(
            dcat.dataset(offer(dataset("d-1", 1, Map.of("classification", classification)), null)));

    assertThat(objects(model, BASE + "/datasets/d-1", DCTERMS + "accessRights"))
        .containsExactly(
            resource("http://publications.europa.eu/resource/authority/access-right/" + right));
  }

  private static Dataset dataset(String id, int version, Map<String, Object> tags) {
    return Examples.dataset(id, "run 7", version, tags);
  }

  private static Offers.Offer offer(Dataset dataset, String previous) {
    return new Offers.Offer(
        dataset,
        Examples.AVAILABLE.plusSeconds(60),
        Optional.ofNullable(previous).map(DatasetId::new),
        new DatasetId(previous == null ? dataset.id().value() : previous),
        dataset.id());
  }

  private static Model read(ObjectNode document) {
    Model model = ModelFactory.createDefaultModel();
    RDFParser.fromString(document.toString(), Lang.JSONLD11).strict(true).parse(model);
    return model;
  }

  private static List<String> faults(Model model) {
    Graph shapes = RDFDataMgr.loadGraph(DcatTest.class.getResource("/dcat-shapes.ttl").toString());
    ValidationReport report = ShaclValidator.get().validate(Shapes.parse(shapes), model.getGraph());
    return report.getEntries().stream()
        .map(entry -> entry.focusNode() + " " + entry.resultPath() + " " + entry.message())
        .toList();
  }

  private static List<RDFNode> objects(Model model, String subject, String property) {
    return model.listObjectsOfProperty(resource(subject), property(property)).toList();
  }

  private static Property type() {
    return property("http://www.w3.org/1999/02/22-rdf-syntax-ns#type");
  }

  private static Property property(String iri) {
    return ResourceFactory.createProperty(iri);
  }

  private static Resource resource(String iri) {
    return ResourceFactory.createResource(iri);
  }
}
