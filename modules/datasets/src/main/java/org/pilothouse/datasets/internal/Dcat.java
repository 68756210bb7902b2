package org.pilothouse.datasets.internal;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.time.Instant;
import java.util.Collection;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;
import org.pilothouse.datasets.Dataset;
import org.pilothouse.datasets.DatasetId;
import org.pilothouse.pilots.Pilot;

/**
 * Datasets in the words of DCAT 3, as JSON-LD 1.1 with its context inside. Texts of callers are
 * only ever literals, except those that {@link Iris#absolute} takes for IRIs.
 */
public final class Dcat {
  public static final String MEDIA_TYPE = "application/ld+json";

  private static final JsonNodeFactory JSON = JsonNodeFactory.instance;
  private static final String ACCESS =
      "http://publications.europa.eu/resource/authority/access-right/";
  private static final String IANA = "https://www.iana.org/assignments/media-types/";
  private static final Pattern EMAIL =
      Pattern.compile("[A-Za-z0-9._+-]{1,64}@[A-Za-z0-9-]{1,63}(\\.[A-Za-z0-9-]{1,63}){1,8}");

  private final Iris iris;
  private final Pilot pilot;

  public Dcat(Iris iris, Pilot pilot) {
    this.iris = iris;
    this.pilot = pilot;
  }

  /**
   * A catalogue that lists these. All pages describe one catalogue: taken together, their
   * statements are those of the whole.
   */
  public ObjectNode catalogue(List<Offers.Offer> offers) {
    ObjectNode catalogue = document();
    catalogue.put("@id", iris.catalogue());
    catalogue.put("@type", "dcat:Catalog");
    catalogue.set("dcterms:title", literal("Datasets of " + pilot.name()));
    catalogue.set(
        "dcterms:description",
        literal("What " + pilot.name() + " offers in object storage, verified"));
    catalogue.set("dcterms:publisher", publisher());
    ArrayNode listed = catalogue.putArray("dcat:dataset");
    offers.forEach(offer -> listed.add(node(offer)));
    series(offers).forEach(listed::add);
    return catalogue;
  }

  public ObjectNode dataset(Offers.Offer offer) {
    ObjectNode document = document();
    ArrayNode graph = document.putArray("@graph");
    graph.add(node(offer));
    series(List.of(offer)).forEach(graph::add);
    graph.add(publisher());
    return document;
  }

  private static ObjectNode document() {
    ObjectNode document = JSON.objectNode();
    ObjectNode context = document.putObject("@context");
    context.put("@version", 1.1);
    Map.of(
            "dcat", "http://www.w3.org/ns/dcat#",
            "dcterms", "http://purl.org/dc/terms/",
            "foaf", "http://xmlns.com/foaf/0.1/",
            "prov", "http://www.w3.org/ns/prov#",
            "rdfs", "http://www.w3.org/2000/01/rdf-schema#",
            "spdx", "http://spdx.org/rdf/terms#",
            "vcard", "http://www.w3.org/2006/vcard/ns#",
            "xsd", "http://www.w3.org/2001/XMLSchema#")
        .entrySet()
        .stream()
        .sorted(Map.Entry.comparingByKey())
        .forEach(each -> context.put(each.getKey(), each.getValue()));
    return document;
  }

  private ObjectNode node(Offers.Offer offer) {
    Dataset dataset = offer.dataset();
    ObjectNode node = JSON.objectNode();
    node.put("@id", iris.dataset(dataset.id()));
    node.put("@type", "dcat:Dataset");
    node.set("dcterms:identifier", literal(dataset.id().value()));
    node.set("dcterms:title", literal(dataset.name() + " (version " + dataset.version() + ")"));
    text(dataset, "purpose")
        .ifPresent(purpose -> node.set("dcterms:description", literal(purpose)));
    node.set("dcat:version", literal(Integer.toString(dataset.version())));
    node.set("dcat:inSeries", reference(iris.series(dataset.name())));
    offer
        .previous()
        .ifPresent(previous -> {
          node.set("dcat:prev", reference(iris.dataset(previous)));
          node.set("dcat:previousVersion", reference(iris.dataset(previous)));
        });
    node.set("dcterms:issued", time(issued(dataset)));
    node.set("dcterms:modified", time(offer.modified()));
    node.set("dcterms:publisher", reference(iris.pilot()));
    node.set("dcat:contactPoint", contact(dataset));
    text(dataset, "classification")
        .ifPresent(word -> node.set("dcterms:accessRights", access(word)));
    text(dataset, "licence").ifPresent(licence -> node.set("dcterms:license", licence(licence)));
    ArrayNode keywords = JSON.arrayNode();
    dataset.tags().forEach((name, value) -> keywords.add(literal(name + ":" + value)));
    if (!keywords.isEmpty()) {
      node.set("dcat:keyword", keywords);
    }
    ArrayNode inputs = JSON.arrayNode();
    for (DatasetId input : dataset.lineage().inputs()) {
      inputs.add(reference(iris.dataset(input)));
    }
    if (!inputs.isEmpty()) {
      node.set("prov:wasDerivedFrom", inputs);
    }
    node.set("prov:wasGeneratedBy", activity(dataset));
    node.set("dcat:distribution", distribution(dataset));
    return node;
  }

  private ObjectNode distribution(Dataset dataset) {
    ObjectNode node = JSON.objectNode();
    node.put("@id", iris.distribution(dataset.id()));
    node.put("@type", "dcat:Distribution");
    node.set("dcterms:title", literal(dataset.name()));
    node.set("dcat:accessURL", reference(iris.content(dataset.id())));
    node.set("dcat:byteSize", typed(Long.toString(dataset.size()), "xsd:nonNegativeInteger"));
    node.set("dcat:mediaType", reference(IANA + mediaType(dataset.mediaType())));
    dataset
        .checksum()
        .ifPresent(checksum -> {
          ObjectNode sum = node.putObject("spdx:checksum");
          sum.put("@type", "spdx:Checksum");
          sum.set(
              "spdx:algorithm", reference("http://spdx.org/rdf/terms#checksumAlgorithm_sha256"));
          sum.set(
              "spdx:checksumValue",
              typed(HexFormat.of().formatHex(checksum.digest()), "xsd:hexBinary"));
        });
    text(dataset, "licence").ifPresent(licence -> node.set("dcterms:license", licence(licence)));
    Optional.ofNullable(dataset.schemaRef())
        .ifPresent(schema -> node.set("dcterms:conformsTo", named(schema, "dcterms:Standard")));
    return node;
  }

  private Collection<ObjectNode> series(List<Offers.Offer> offers) {
    Map<String, ObjectNode> series = new LinkedHashMap<>();
    for (Offers.Offer offer : offers) {
      String name = offer.dataset().name();
      ObjectNode node =
          series.computeIfAbsent(
              name,
              absent -> {
                ObjectNode made = JSON.objectNode();
                made.put("@id", iris.series(name));
                made.put("@type", "dcat:DatasetSeries");
                made.set("dcterms:title", literal(name));
                made.set("dcterms:publisher", reference(iris.pilot()));
                made.set("dcat:first", reference(iris.dataset(offer.first())));
                made.set("dcat:last", reference(iris.dataset(offer.last())));
                made.set("dcat:hasCurrentVersion", reference(iris.dataset(offer.last())));
                made.putArray("dcat:hasVersion");
                return made;
              });
      node.withArray("dcat:hasVersion").add(reference(iris.dataset(offer.dataset().id())));
    }
    return series.values();
  }

  private ObjectNode publisher() {
    ObjectNode agent = reference(iris.pilot());
    agent.put("@type", "foaf:Agent");
    agent.set("foaf:name", literal(pilot.name()));
    return agent;
  }

  private ObjectNode contact(Dataset dataset) {
    ObjectNode contact = JSON.objectNode();
    contact.put("@type", "vcard:Kind");
    String who = text(dataset, "owner").orElse(pilot.name());
    contact.set("vcard:fn", literal(who));
    if (EMAIL.matcher(who).matches()) {
      contact.set("vcard:hasEmail", reference("mailto:" + who));
    }
    return contact;
  }

  private static ObjectNode activity(Dataset dataset) {
    ObjectNode activity = JSON.objectNode();
    activity.put("@type", "prov:Activity");
    activity.set(
        "dcterms:type", literal(dataset.lineage().maker().name().toLowerCase(Locale.ROOT)));
    Optional.ofNullable(dataset.lineage().id())
        .ifPresent(id -> activity.set("dcterms:identifier", literal(id)));
    activity.set("prov:endedAtTime", time(issued(dataset)));
    return activity;
  }

  /** The authority's table has no word for each of ours; the word itself is among the keywords. */
  private static ObjectNode access(String classification) {
    String right =
        switch (classification) {
          case "public" -> "PUBLIC";
          case "internal" -> "RESTRICTED";
          default -> "NON_PUBLIC";
        };
    ObjectNode rights = reference(ACCESS + right);
    rights.put("@type", "dcterms:RightsStatement");
    return rights;
  }

  private static ObjectNode licence(String licence) {
    return Licences.iri(licence)
        .map(Dcat::reference)
        .orElseGet(() -> named(licence, "dcterms:LicenseDocument"));
  }

  /** What is no IRI is a thing without one, which has the text for a label. */
  private static ObjectNode named(String text, String type) {
    return Iris.absolute(text)
        .map(Dcat::reference)
        .orElseGet(() -> {
          ObjectNode node = JSON.objectNode();
          node.put("@type", type);
          node.set("rdfs:label", literal(text));
          return node;
        });
  }

  /** Without parameters; what an IRI cannot hold is encoded. */
  private static String mediaType(String type) {
    String[] parts = type.split(";", 2)[0].strip().toLowerCase(Locale.ROOT).split("/", 2);
    return parts.length == 2
        ? Iris.encoded(parts[0]) + "/" + Iris.encoded(parts[1]).replace("%2B", "+")
        : "application/octet-stream";
  }

  private static Instant issued(Dataset dataset) {
    Instant available = dataset.availableAt();
    return available == null ? dataset.createdAt() : available;
  }

  private static Optional<String> text(Dataset dataset, String tag) {
    return dataset.tags().get(tag) instanceof String text && !text.isBlank()
        ? Optional.of(text)
        : Optional.empty();
  }

  private static ObjectNode literal(String text) {
    return JSON.objectNode().put("@value", text);
  }

  private static ObjectNode typed(String text, String type) {
    return JSON.objectNode().put("@value", text).put("@type", type);
  }

  private static ObjectNode time(Instant time) {
    return typed(time.toString(), "xsd:dateTime");
  }

  private static ObjectNode reference(String iri) {
    return JSON.objectNode().put("@id", iri);
  }
}
