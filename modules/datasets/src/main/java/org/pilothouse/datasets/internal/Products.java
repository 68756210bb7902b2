package org.pilothouse.datasets.internal;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.charset.StandardCharsets;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import org.jdbi.v3.core.Handle;
import org.jspecify.annotations.Nullable;
import org.pilothouse.datasets.Dataset;
import org.pilothouse.kernel.PilotId;
import org.pilothouse.kernel.Problem;
import org.pilothouse.kernel.ProblemCode;
import org.pilothouse.pilots.AuditEvent;
import org.pilothouse.pilots.AuditTrail;
import org.pilothouse.platform.postgres.Database;
import org.pilothouse.platform.web.Caller;
import org.pilothouse.platform.web.Json;
import org.pilothouse.platform.web.Revision;

/**
 * Keeps products: a named stream of datasets and its data contract, with what the contract said
 * before.
 */
public final class Products {
  /** The custom property that names the stream in a contract that comes from elsewhere. */
  static final String DATASET_NAME = "datasetName";

  private static final String HOLD = "hold";
  private static final int MOST_OF_A_PILOT = 2_000;
  private static final int REVISIONS_KEPT = 100;
  private static final int LONGEST_NAME = 256;
  private static final int SHOWN = 256;

  /** The upper half of the advisory lock's key; the lower is the pilot. */
  private static final int LOCK = 0x0b0c0401;

  private static final String COLUMNS =
      "p.product, p.dataset_name, p.title, p.domain, p.owner, p.purpose, p.version, p.status,"
          + " p.revision, p.created_at, p.created_by, p.updated_at, p.updated_by";

  private final Database database;
  private final AuditTrail trail;
  private final Stores stores;
  private final Promises promises;
  private final ContractSchema schema = new ContractSchema();

  Products(Database database, AuditTrail trail, Stores stores, ContentFacts facts) {
    this.database = database;
    this.trail = trail;
    this.stores = stores;
    this.promises = new Promises(facts);
  }

  /**
   * A product without its contract.
   *
   * @param datasetName whose datasets are its versions
   * @param version of the contract
   */
  public record Listed(
      String name,
      String datasetName,
      String title,
      @Nullable String domain,
      @Nullable String owner,
      @Nullable String purpose,
      String version,
      String status,
      long revision,
      Instant createdAt,
      String createdBy,
      Instant updatedAt,
      String updatedBy) {}

  /**
   * A product with what can be said of it now.
   *
   * @param newest the newest version that is available
   */
  public record Product(
      Listed listed,
      JsonNode contract,
      Optional<Dataset> newest,
      List<Promises.Promise> promises) {}

  /** What a contract said. */
  public record Past(
      long revision, String version, String status, Instant changedAt, String changedBy) {}

  /**
   * What is asked of a product.
   *
   * @param datasetName null to leave it, or to take it from the contract
   * @param place of the contract in what was sent, for the paths of faults
   */
  public record Wanted(@Nullable String datasetName, JsonNode contract, String place) {}

  /** What a put did. */
  public record Put(Product product, boolean created) {}

  /** Products by name, after one. */
  public List<Listed> page(PilotId pilot, String after, Optional<String> datasetName, int limit) {
    return database.inPilot(
        pilot,
        transaction -> {
          var query =
              transaction
                  .createQuery(
                      "SELECT "
                          + COLUMNS
                          + " FROM datasets.product p WHERE p.pilot_id = :pilot AND p.product >"
                          + " :after"
                          + (datasetName.isPresent() ? " AND p.dataset_name = :dataset" : "")
                          + " ORDER BY p.product LIMIT :limit")
                  .bind("pilot", pilot.value())
                  .bind("after", after)
                  .bind("limit", limit);
          datasetName.ifPresent(name -> query.bind("dataset", name));
          return query.map((row, context) -> listed(row)).list();
        });
  }

  public Optional<Product> find(PilotId pilot, String name) {
    return database
        .inPilot(
            pilot,
            transaction ->
                read(transaction, pilot, name, "").map(row -> found(transaction, pilot, row)))
        .map(this::product);
  }

  /** Newest first, at most a hundred. */
  public List<Past> revisions(PilotId pilot, String name) {
    return database.inPilot(
        pilot,
        transaction ->
            transaction
                .createQuery(
                    "SELECT revision, version, status, changed_at, changed_by FROM"
                        + " datasets.product_revision WHERE pilot_id = :pilot AND product = :name"
                        + " ORDER BY revision DESC LIMIT :most")
                .bind("pilot", pilot.value())
                .bind("name", name)
                .bind("most", REVISIONS_KEPT)
                .map((row, context) ->
                    new Past(
                        row.getLong("revision"),
                        row.getString("version"),
                        row.getString("status"),
                        DatasetRows.instant(row, "changed_at"),
                        row.getString("changed_by")))
                .list());
  }

  /** What the contract said in a revision. */
  public Optional<JsonNode> contract(PilotId pilot, String name, long revision) {
    return database.inPilot(
        pilot,
        transaction ->
            transaction
                .createQuery(
                    "SELECT contract FROM datasets.product_revision WHERE pilot_id = :pilot AND"
                        + " product = :name AND revision = :revision")
                .bind("pilot", pilot.value())
                .bind("name", name)
                .bind("revision", revision)
                .mapTo(String.class)
                .findOne()
                .map(Products::json));
  }

  /** What would be wrong with it; changes nothing. */
  public List<Fault> check(PilotId pilot, String name, Wanted wanted) {
    JsonNode contract = completed(pilot, name, wanted);
    List<Fault> faults = schema.faults(contract);
    if (!faults.isEmpty()) {
      return faults;
    }
    return database.inPilot(
        pilot,
        transaction ->
            read(transaction, pilot, name, "")
                .map(before -> Compatibility.faults(before.contract(), contract))
                .orElse(List.of()));
  }

  /**
   * Makes the product, or changes what it promises.
   *
   * @param ifMatch the header; required where the product is there
   * @throws Problem {@code invalid_value} and its kin with the path; {@code conflict} where the
   *     version does not fit the change, or the stream is another product's
   */
  public Put put(
      Caller caller, PilotId pilot, String name, @Nullable String ifMatch, Wanted wanted) {
    JsonNode contract = completed(pilot, name, wanted);
    refuse(schema.faults(contract), wanted.place());
    if (contract.toString().getBytes(StandardCharsets.UTF_8).length > ContractYaml.MOST) {
      throw Problem.of(
          ProblemCode.TOO_LARGE, "A contract may hold at most " + ContractYaml.MOST + " bytes.");
    }
    Written written =
        database.inPilot(
            pilot, transaction -> put(transaction, caller, pilot, name, ifMatch, wanted, contract));
    return new Put(product(written.found()), written.created());
  }

  /** What a put did, before anybody looked into the newest version. */
  private record Written(Found found, boolean created) {}

  private Written put(
      Handle transaction,
      Caller caller,
      PilotId pilot,
      String name,
      @Nullable String ifMatch,
      Wanted wanted,
      JsonNode contract) {
    transaction.execute("SELECT pg_advisory_xact_lock(?, hashtext(?))", LOCK, pilot.value());
    Optional<Row> before = read(transaction, pilot, name, " FOR UPDATE");
    before.ifPresentOrElse(
        there -> new Revision(there.listed().revision()).check(ifMatch),
        () -> {
          if (ifMatch != null && !ifMatch.isBlank()) {
            throw Problem.of(
                ProblemCode.PRECONDITION_FAILED, "There is no such product to change.");
          }
        });
    before.ifPresent(
        there -> refuse(Compatibility.faults(there.contract(), contract), wanted.place()));
    String dataset = datasetName(wanted, contract, before.map(there -> there.listed()));
    requireFree(transaction, pilot, name, dataset);
    if (before.isEmpty()) {
      requireRoom(transaction, pilot);
    }
    write(transaction, caller, pilot, name, dataset, contract, before.isEmpty());
    Row now = read(transaction, pilot, name, "").orElseThrow();
    remember(transaction, pilot, now);
    trail.record(
        transaction,
        AuditEvent.allowed(
                caller,
                pilot,
                before.isEmpty() ? "product.create" : "product.change",
                "product:" + pilot + "/" + name)
            .with(Map.of("version", now.listed().version())));
    return new Written(found(transaction, pilot, now), before.isEmpty());
  }

  /**
   * Removes the product and what its contract said; datasets stay.
   *
   * @throws Problem {@code not_found}, and of the precondition
   */
  public void delete(Caller caller, PilotId pilot, String name, @Nullable String ifMatch) {
    database.runInPilot(
        pilot,
        transaction -> {
          Row row = read(transaction, pilot, name, " FOR UPDATE").orElseThrow(Products::notFound);
          new Revision(row.listed().revision()).check(ifMatch);
          for (String table : List.of("product_revision", "product")) {
            transaction
                .createUpdate(
                    "DELETE FROM datasets."
                        + table
                        + " WHERE pilot_id = :pilot AND product = :name")
                .bind("pilot", pilot.value())
                .bind("name", name)
                .execute();
          }
          trail.record(
              transaction,
              AuditEvent.allowed(caller, pilot, "product.delete", "product:" + pilot + "/" + name));
        });
  }

  /** The contract as others take it: with the stream's name and where its bytes are. */
  public JsonNode exported(PilotId pilot, Product product) {
    ObjectNode contract = product.contract().deepCopy();
    ArrayNode servers = contract.arrayNode();
    ObjectNode hold = servers.addObject();
    hold.put("server", HOLD).put("type", "s3");
    hold.put(
        "location",
        product
            .newest()
            .map(newest -> stores.uriOf(newest).toString())
            .orElseGet(() -> stores.centre().uriOf(pilot + "/").toString()));
    product
        .newest()
        .flatMap(newest -> format(newest.mediaType()))
        .ifPresent(format -> hold.put("format", format));
    for (JsonNode server : contract.path("servers")) {
      if (!server.path("server").asText().equals(HOLD)) {
        servers.add(server);
      }
    }
    contract.set("servers", servers);
    ArrayNode custom = contract.arrayNode();
    for (JsonNode each : contract.path("customProperties")) {
      if (!each.path("property").asText().equals(DATASET_NAME)) {
        custom.add(each);
      }
    }
    custom.addObject().put("property", DATASET_NAME).put("value", product.listed().datasetName());
    contract.set("customProperties", custom);
    return contract;
  }

  /** The formats that the standard names for S3. */
  private static Optional<String> format(String mediaType) {
    return switch (mediaType) {
      case "text/csv" -> Optional.of("csv");
      case "application/json", "application/x-ndjson" -> Optional.of("json");
      case "application/vnd.apache.parquet", "application/x-parquet" -> Optional.of("parquet");
      default -> Optional.empty();
    };
  }

  /** What the platform knows itself need not be given, and cannot be given otherwise. */
  private static JsonNode completed(PilotId pilot, String name, Wanted wanted) {
    if (!wanted.contract().isObject()) {
      throw Problem.at(
          ProblemCode.INVALID_VALUE, wanted.place(), "The contract must be an object.");
    }
    ObjectNode contract = wanted.contract().deepCopy();
    if (!contract.has("apiVersion")) {
      contract.put("apiVersion", "v3.1.0");
    }
    if (!contract.has("kind")) {
      contract.put("kind", "DataContract");
    }
    if (!contract.has("id")) {
      contract.put("id", "urn:pilothouse:" + pilot + ":product:" + name);
    }
    contract.put("tenant", pilot.value());
    return asStored(contract, wanted.place());
  }

  private static void refuse(List<Fault> faults, String place) {
    if (!faults.isEmpty()) {
      Fault first = faults.getFirst();
      ProblemCode code = ProblemCode.valueOf(first.code().toUpperCase(Locale.ROOT));
      int more = faults.size() - 1;
      throw Problem.at(
          code,
          place + first.path(),
          first.detail() + (more > 0 ? " And " + more + " more: ask for a check." : ""));
    }
  }

  private static String datasetName(Wanted wanted, JsonNode contract, Optional<Listed> before) {
    if (wanted.datasetName() != null) {
      return wanted.datasetName();
    }
    for (JsonNode each : contract.path("customProperties")) {
      if (each.path("property").asText().equals(DATASET_NAME) && each.path("value").isTextual()) {
        String name = each.path("value").textValue();
        if (name.isEmpty() || name.codePointCount(0, name.length()) > LONGEST_NAME) {
          throw Problem.at(
              ProblemCode.INVALID_VALUE,
              wanted.place() + "/customProperties",
              "datasetName must hold 1 to " + LONGEST_NAME + " characters.");
        }
        return name;
      }
    }
    return before
        .map(Listed::datasetName)
        .orElseThrow(() ->
            Problem.at(
                ProblemCode.MISSING_FIELD,
                "/dataset_name",
                "Say whose datasets are the versions: dataset_name, or the custom property"
                    + " datasetName in the contract."));
  }

  private static void requireFree(
      Handle transaction, PilotId pilot, String name, String datasetName) {
    transaction
        .createQuery(
            "SELECT product FROM datasets.product WHERE pilot_id = :pilot AND dataset_name ="
                + " :dataset AND product <> :name")
        .bind("pilot", pilot.value())
        .bind("dataset", datasetName)
        .bind("name", name)
        .mapTo(String.class)
        .findOne()
        .ifPresent(other -> {
          throw Problem.at(
              ProblemCode.ALREADY_EXISTS,
              "/dataset_name",
              "Those datasets are versions of the product " + other + ".");
        });
  }

  private static void requireRoom(Handle transaction, PilotId pilot) {
    int there =
        transaction
            .createQuery("SELECT count(*) FROM datasets.product WHERE pilot_id = :pilot")
            .bind("pilot", pilot.value())
            .mapTo(Integer.class)
            .one();
    if (there >= MOST_OF_A_PILOT) {
      throw Problem.of(
          ProblemCode.LIMIT_REACHED, "A pilot may have " + MOST_OF_A_PILOT + " products.");
    }
  }

  private static void write(
      Handle transaction,
      Caller caller,
      PilotId pilot,
      String name,
      String datasetName,
      JsonNode contract,
      boolean anew) {
    transaction
        .createUpdate(
            anew
                ? "INSERT INTO datasets.product (pilot_id, product, dataset_name, title, domain,"
                    + " owner, purpose, version, status, contract, revision, created_at,"
                    + " created_by, updated_at, updated_by) VALUES (:pilot, :name, :dataset,"
                    + " :title, :domain, :owner, :purpose, :version, :status, :contract, 1, now(),"
                    + " :actor, now(), :actor)"
                : "UPDATE datasets.product SET dataset_name = :dataset, title = :title, domain ="
                    + " :domain, owner = :owner, purpose = :purpose, version = :version, status ="
                    + " :status, contract = :contract, revision = revision + 1, updated_at ="
                    + " now(), updated_by = :actor WHERE pilot_id = :pilot AND product = :name")
        .bind("pilot", pilot.value())
        .bind("name", name)
        .bind("dataset", datasetName)
        .bind("title", shown(contract.path("name")).orElse(name))
        .bind("domain", shown(contract.path("domain")).orElse(null))
        .bind("owner", owner(contract).orElse(null))
        .bind("purpose", shown(contract.at("/description/purpose")).orElse(null))
        .bind("version", contract.path("version").asText())
        .bind("status", contract.path("status").asText())
        .bind("contract", contract.toString())
        .bind("actor", caller.actor())
        .execute();
  }

  private static Optional<String> shown(JsonNode text) {
    return text.isTextual() && !text.textValue().isBlank()
        ? Optional.of(
            text.textValue()
                .codePoints()
                .limit(SHOWN)
                .collect(StringBuilder::new, StringBuilder::appendCodePoint, StringBuilder::append)
                .toString())
        : Optional.empty();
  }

  /** The team, or the member that is called the owner, or the first. */
  private static Optional<String> owner(JsonNode contract) {
    JsonNode team = contract.path("team");
    Optional<String> named = shown(team.path("name"));
    if (named.isPresent()) {
      return named;
    }
    JsonNode members = team.isArray() ? team : team.path("members");
    List<JsonNode> all = new ArrayList<>();
    members.forEach(all::add);
    return all.stream()
        .filter(member -> member.path("role").asText().equalsIgnoreCase("owner"))
        .findFirst()
        .or(() -> all.stream().findFirst())
        .flatMap(member -> shown(member.path("name")).or(() -> shown(member.path("username"))));
  }

  private static void remember(Handle transaction, PilotId pilot, Row now) {
    transaction
        .createUpdate(
            "INSERT INTO datasets.product_revision (pilot_id, product, revision, version, status,"
                + " contract, changed_at, changed_by) SELECT pilot_id, product, revision, version,"
                + " status, contract, updated_at, updated_by FROM datasets.product WHERE pilot_id"
                + " = :pilot AND product = :name")
        .bind("pilot", pilot.value())
        .bind("name", now.listed().name())
        .execute();
    transaction
        .createUpdate(
            "DELETE FROM datasets.product_revision WHERE pilot_id = :pilot AND product = :name"
                + " AND revision <= :old")
        .bind("pilot", pilot.value())
        .bind("name", now.listed().name())
        .bind("old", now.listed().revision() - REVISIONS_KEPT)
        .execute();
  }

  private record Row(Listed listed, JsonNode contract) {}

  private static Optional<Row> read(Handle transaction, PilotId pilot, String name, String lock) {
    return transaction
        .createQuery(
            "SELECT p.contract, "
                + COLUMNS
                + " FROM datasets.product p WHERE p.pilot_id = :pilot AND p.product = :name"
                + lock)
        .bind("pilot", pilot.value())
        .bind("name", name)
        .map((row, context) -> new Row(listed(row), json(row.getString("contract"))))
        .findOne();
  }

  /** A product in its transaction; what its newest version holds is looked at outside of it. */
  private record Found(Row row, Optional<Dataset> newest, Instant now) {}

  private static Found found(Handle transaction, PilotId pilot, Row row) {
    return new Found(
        row, newest(transaction, pilot, row.listed().datasetName()), DatasetRows.now(transaction));
  }

  private Product product(Found found) {
    JsonNode contract = found.row().contract();
    return new Product(
        found.row().listed(),
        contract,
        found.newest(),
        promises.of(contract, found.newest(), found.now()));
  }

  private static Optional<Dataset> newest(Handle transaction, PilotId pilot, String datasetName) {
    return transaction
        .createQuery(
            "SELECT "
                + DatasetRows.COLUMNS
                + " FROM datasets.dataset d WHERE d.pilot_id = :pilot AND d.name = :name AND"
                + " d.state = 'available' ORDER BY d.version DESC LIMIT 1")
        .bind("pilot", pilot.value())
        .bind("name", datasetName)
        .map((row, context) -> DatasetRows.read(row))
        .findOne();
  }

  private static Listed listed(ResultSet row) throws SQLException {
    return new Listed(
        row.getString("product"),
        row.getString("dataset_name"),
        row.getString("title"),
        row.getString("domain"),
        row.getString("owner"),
        row.getString("purpose"),
        row.getString("version"),
        row.getString("status"),
        row.getLong("revision"),
        DatasetRows.instant(row, "created_at"),
        row.getString("created_by"),
        DatasetRows.instant(row, "updated_at"),
        row.getString("updated_by"));
  }

  /** As it will be read again: 1 is the same whether it came as JSON or as YAML. */
  private static JsonNode asStored(JsonNode contract, String place) {
    try {
      return Json.mapper().readTree(contract.toString());
    } catch (JsonProcessingException e) {
      throw Problem.at(
          ProblemCode.INVALID_VALUE,
          place,
          "The contract holds a name or a text that is too long.");
    }
  }

  private static JsonNode json(String contract) {
    try {
      return Json.mapper().readTree(contract);
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("a stored contract cannot be read", e);
    }
  }

  public static Problem notFound() {
    return Problem.of(ProblemCode.NOT_FOUND, "There is no such product.");
  }
}
