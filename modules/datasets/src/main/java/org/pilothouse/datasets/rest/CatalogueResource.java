package org.pilothouse.datasets.rest;

import jakarta.enterprise.context.Dependent;
import jakarta.inject.Inject;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.PathParam;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.QueryParam;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.core.Response;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.pilothouse.datasets.DatasetId;
import org.pilothouse.datasets.DatasetsModule;
import org.pilothouse.datasets.internal.Catalogue;
import org.pilothouse.datasets.internal.Dcat;
import org.pilothouse.datasets.internal.Iris;
import org.pilothouse.datasets.internal.Offers;
import org.pilothouse.datasets.internal.Wiring;
import org.pilothouse.pilots.Pilot;
import org.pilothouse.platform.web.Access;
import org.pilothouse.platform.web.CurrentCaller;
import org.pilothouse.platform.web.Cursor;
import org.pilothouse.platform.web.PageRequest;
import org.pilothouse.platform.web.WebConfig;

/** A pilot's catalogue as other catalogues read it. */
@Path("/pilots/{pilot}/catalogue")
@Dependent
public class CatalogueResource {
  private final Wiring room;
  private final WebConfig web;

  @Inject
  public CatalogueResource(DatasetsModule module, WebConfig web) {
    this.room = module.inside();
    this.web = web;
  }

  /**
   * DCAT has no pages. Each answer describes the one catalogue with some of its datasets, and the
   * next is named by a link (RFC 8288), outside of the description.
   */
  @GET
  @Produces({Dcat.MEDIA_TYPE, MediaType.APPLICATION_JSON})
  @Access(
      scope = Access.Scope.PILOT,
      roles = {"pilot-operator", "pilot-admin", "data-steward", "platform-admin"})
  public Response getCatalogue(
      @PathParam("pilot") String pilot,
      @QueryParam("limit") @Nullable String limit,
      @QueryParam("cursor") @Nullable String cursor) {
    Pilot found = room.pilots().require(CurrentCaller.pilotOf(pilot));
    PageRequest page = PageRequest.of(limit, cursor);
    String list = "catalogue/" + found.id();
    Iris iris = new Iris(web.baseUrl(), found.id());
    Offers.Page offers =
        room.offers().page(found.id(), page.cursor().map(c -> before(list, c)), page.limit());
    Response.ResponseBuilder answer =
        Response.ok(new Dcat(iris, found).catalogue(offers.offers())).type(Dcat.MEDIA_TYPE);
    Optional<Catalogue.Before> next = offers.next();
    next.ifPresent(position ->
        answer.header(
            "Link",
            "<"
                + iris.catalogue()
                + "?limit="
                + page.limit()
                + "&cursor="
                + Cursor.of(list, position.created().toString(), position.id().value())
                + ">; rel=\"next\""));
    return answer.build();
  }

  private static Catalogue.Before before(String list, String cursor) {
    List<String> position = Cursor.read(list, cursor, 2);
    return new Catalogue.Before(
        Cursor.time(position.getFirst()), new DatasetId(position.getLast()));
  }
}
