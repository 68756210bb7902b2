package org.pilothouse.datasets.rest;

import com.fasterxml.jackson.databind.JsonNode;
import jakarta.enterprise.context.Dependent;
import jakarta.inject.Inject;
import jakarta.ws.rs.Consumes;
import jakarta.ws.rs.DELETE;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.HeaderParam;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.PUT;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.PathParam;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.QueryParam;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.core.Response;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;
import org.pilothouse.datasets.DatasetsModule;
import org.pilothouse.datasets.internal.ContractYaml;
import org.pilothouse.datasets.internal.Fault;
import org.pilothouse.datasets.internal.Products;
import org.pilothouse.datasets.internal.Wiring;
import org.pilothouse.kernel.Names;
import org.pilothouse.kernel.PilotId;
import org.pilothouse.kernel.Problem;
import org.pilothouse.kernel.ProblemCode;
import org.pilothouse.platform.web.Access;
import org.pilothouse.platform.web.BoundedBody;
import org.pilothouse.platform.web.CurrentCaller;
import org.pilothouse.platform.web.Cursor;
import org.pilothouse.platform.web.JsonFields;
import org.pilothouse.platform.web.Page;
import org.pilothouse.platform.web.PageRequest;
import org.pilothouse.platform.web.Parameters;
import org.pilothouse.platform.web.Revision;

/** A pilot's data products and their contracts. */
@Path("/pilots/{pilot}/products")
@Dependent
@Produces(MediaType.APPLICATION_JSON)
public class ProductsResource {
  private static final int LONGEST_NAME = 256;
  private static final int LAST_REVISION = 1_000_000_000;

  private final Wiring room;
  private final CurrentCaller current;

  @Inject
  public ProductsResource(DatasetsModule module, CurrentCaller current) {
    this.room = module.inside();
    this.current = current;
  }

  /** The newest version of a product that is available. */
  public record NewestBody(
      String datasetId, int version, Instant availableAt, long sizeBytes, String mediaType) {}

  /** A promise of the contract, and whether it is kept. */
  public record PromiseBody(
      String path, String subject, String expected, String state, @Nullable String found) {}

  /** A product as callers see it. */
  public record ProductBody(
      String name,
      String datasetName,
      String title,
      String version,
      String status,
      long revision,
      JsonNode contract,
      @Nullable NewestBody newest,
      List<PromiseBody> promises,
      Instant createdAt,
      String createdBy,
      Instant updatedAt,
      String updatedBy) {
    static ProductBody of(Products.Product product) {
      Products.Listed listed = product.listed();
      return new ProductBody(
          listed.name(),
          listed.datasetName(),
          listed.title(),
          listed.version(),
          listed.status(),
          listed.revision(),
          product.contract(),
          product
              .newest()
              .map(newest -> {
                Instant available = newest.availableAt();
                return new NewestBody(
                    newest.id().value(),
                    newest.version(),
                    available == null ? newest.createdAt() : available,
                    newest.size(),
                    newest.mediaType());
              })
              .orElse(null),
          product.promises().stream()
              .map(promise ->
                  new PromiseBody(
                      promise.path(),
                      promise.subject(),
                      promise.expected(),
                      promise.state().name().toLowerCase(Locale.ROOT),
                      promise.found()))
              .toList(),
          listed.createdAt(),
          listed.createdBy(),
          listed.updatedAt(),
          listed.updatedBy());
    }
  }

  /** What would be wrong with a contract. */
  public record CheckBody(List<Fault> faults) {}

  @GET
  @Access(
      scope = Access.Scope.PILOT,
      roles = {"pilot-operator", "pilot-admin", "data-steward", "platform-admin"})
  public Page<Products.Listed> listProducts(
      @PathParam("pilot") String pilot,
      @QueryParam("limit") @Nullable String limit,
      @QueryParam("cursor") @Nullable String cursor,
      @QueryParam("dataset_name") @Nullable String datasetName) {
    PilotId id = pilot(pilot);
    PageRequest page = PageRequest.of(limit, cursor);
    String list = "products/" + id;
    return Page.of(
        room.products()
            .page(
                id,
                page.cursor().map(c -> Cursor.read(list, c, 1).getFirst()).orElse(""),
                Parameters.text("dataset_name", datasetName, LONGEST_NAME),
                page.limit() + 1),
        page.limit(),
        product -> product,
        product -> Cursor.of(list, product.name()));
  }

  @GET
  @Path("/{product}")
  @Access(
      scope = Access.Scope.PILOT,
      roles = {"pilot-operator", "pilot-admin", "data-steward", "platform-admin"})
  public Response getProduct(
      @PathParam("pilot") String pilot, @PathParam("product") String product) {
    return answer(Response.ok(), existing(pilot(pilot), product));
  }

  @PUT
  @Path("/{product}")
  @Consumes(MediaType.APPLICATION_JSON)
  @Access(
      scope = Access.Scope.PILOT,
      roles = {"pilot-admin", "data-steward", "platform-admin"})
  public Response putProduct(
      @PathParam("pilot") String pilot,
      @PathParam("product") String product,
      @HeaderParam("If-Match") @Nullable String ifMatch,
      JsonNode body) {
    return put(pilot(pilot), product, ifMatch, wanted(body));
  }

  @DELETE
  @Path("/{product}")
  @Access(
      scope = Access.Scope.PILOT,
      roles = {"pilot-admin", "data-steward", "platform-admin"})
  public Response deleteProduct(
      @PathParam("pilot") String pilot,
      @PathParam("product") String product,
      @HeaderParam("If-Match") @Nullable String ifMatch) {
    PilotId id = pilot(pilot);
    room.products().delete(current.person(), id, known(product), ifMatch);
    return Response.noContent().build();
  }

  @GET
  @Path("/{product}/contract")
  @Produces({ContractYaml.MEDIA_TYPE, MediaType.APPLICATION_JSON})
  @Access(
      scope = Access.Scope.PILOT,
      roles = {"pilot-operator", "pilot-admin", "data-steward", "platform-admin"})
  public Response getContract(
      @PathParam("pilot") String pilot,
      @PathParam("product") String product,
      @QueryParam("revision") @Nullable String revision) {
    PilotId id = pilot(pilot);
    Products.Product there = existing(id, product);
    int asked = Parameters.number("revision", revision, 0, 1, LAST_REVISION);
    JsonNode contract =
        asked == 0
            ? room.products().exported(id, there)
            : room.products().contract(id, product, asked).orElseThrow(Products::notFound);
    return Response.ok(ContractYaml.write(contract))
        .type(ContractYaml.MEDIA_TYPE + ";charset=utf-8")
        .tag(new Revision(there.listed().revision()).tag())
        .header("Content-Disposition", "attachment; filename=\"" + product + ".odcs.yaml\"")
        .build();
  }

  @PUT
  @Path("/{product}/contract")
  @Consumes({ContractYaml.MEDIA_TYPE, "application/x-yaml", "text/yaml"})
  @Access(
      scope = Access.Scope.PILOT,
      roles = {"pilot-admin", "data-steward", "platform-admin"})
  public Response putContract(
      @PathParam("pilot") String pilot,
      @PathParam("product") String product,
      @HeaderParam("If-Match") @Nullable String ifMatch,
      InputStream body)
      throws IOException {
    PilotId id = pilot(pilot);
    return put(id, product, ifMatch, new Products.Wanted(null, ContractYaml.read(text(body)), ""));
  }

  @POST
  @Path("/{product}/check")
  @Consumes(MediaType.APPLICATION_JSON)
  @Access(
      scope = Access.Scope.PILOT,
      roles = {"pilot-admin", "data-steward", "platform-admin"})
  public CheckBody checkProduct(
      @PathParam("pilot") String pilot, @PathParam("product") String product, JsonNode body) {
    PilotId id = pilot(pilot);
    requireName(product);
    return new CheckBody(room.products().check(id, product, wanted(body)));
  }

  @GET
  @Path("/{product}/revisions")
  @Access(
      scope = Access.Scope.PILOT,
      roles = {"pilot-operator", "pilot-admin", "data-steward", "platform-admin"})
  public Page<Products.Past> listProductRevisions(
      @PathParam("pilot") String pilot, @PathParam("product") String product) {
    PilotId id = pilot(pilot);
    return new Page<>(room.products().revisions(id, existing(id, product).listed().name()), null);
  }

  private Response put(
      PilotId pilot, String product, @Nullable String ifMatch, Products.Wanted wanted) {
    requireName(product);
    Products.Put put = room.products().put(current.person(), pilot, product, ifMatch, wanted);
    return answer(
        put.created()
            ? Response.created(URI.create("pilots/" + pilot + "/products/" + product))
            : Response.ok(),
        put.product());
  }

  private static Products.Wanted wanted(JsonNode body) {
    JsonFields fields = JsonFields.of(body);
    @Nullable String datasetName =
        fields.optionalText("dataset_name", 1, LONGEST_NAME).orElse(null);
    if (!fields.has("contract") || fields.isNull("contract")) {
      throw fields.missing("contract");
    }
    fields.refuseOthers();
    return new Products.Wanted(datasetName, body.get("contract"), "/contract");
  }

  private static String text(InputStream body) throws IOException {
    byte[] bytes = BoundedBody.read(body, ContractYaml.MOST);
    try {
      return StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes)).toString();
    } catch (CharacterCodingException e) {
      throw Problem.of(ProblemCode.MALFORMED_REQUEST, "The body is not UTF-8.");
    }
  }

  private static void requireName(String product) {
    if (!Names.isId(product)) {
      throw Problem.at(
          ProblemCode.INVALID_ID,
          "product",
          "A product's name begins with a letter or digit and holds at most 63 small letters,"
              + " digits and -.");
    }
  }

  /** A malformed name in a path is one that nobody has. */
  private static String known(String product) {
    if (!Names.isId(product)) {
      throw Products.notFound();
    }
    return product;
  }

  private Products.Product existing(PilotId pilot, String product) {
    return room.products().find(pilot, known(product)).orElseThrow(Products::notFound);
  }

  private PilotId pilot(String path) {
    return room.pilots().require(CurrentCaller.pilotOf(path)).id();
  }

  private static Response answer(Response.ResponseBuilder answer, Products.Product product) {
    return answer
        .tag(new Revision(product.listed().revision()).tag())
        .entity(ProductBody.of(product))
        .build();
  }
}
