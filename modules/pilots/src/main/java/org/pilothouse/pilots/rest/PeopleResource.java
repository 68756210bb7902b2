package org.pilothouse.pilots.rest;

import com.fasterxml.jackson.databind.JsonNode;
import jakarta.enterprise.context.Dependent;
import jakarta.inject.Inject;
import jakarta.ws.rs.Consumes;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.HeaderParam;
import jakarta.ws.rs.PATCH;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.PathParam;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.QueryParam;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.core.Response;
import java.net.URI;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.pilothouse.kernel.PilotId;
import org.pilothouse.kernel.Problem;
import org.pilothouse.kernel.ProblemCode;
import org.pilothouse.pilots.Person;
import org.pilothouse.pilots.PilotsModule;
import org.pilothouse.pilots.internal.People;
import org.pilothouse.platform.web.Access;
import org.pilothouse.platform.web.CurrentCaller;
import org.pilothouse.platform.web.Cursor;
import org.pilothouse.platform.web.JsonFields;
import org.pilothouse.platform.web.Page;
import org.pilothouse.platform.web.PageRequest;
import org.pilothouse.platform.web.Revision;

/** People and their roles. */
@Path("/people")
@Dependent
@Produces(MediaType.APPLICATION_JSON)
public class PeopleResource {
  private static final String LIST = "people";

  private final People people;
  private final CurrentCaller current;

  @Inject
  public PeopleResource(PilotsModule module, CurrentCaller current) {
    this.people = module.inside().people();
    this.current = current;
  }

  /** A person as callers see them. */
  public record PersonBody(
      String username,
      String displayName,
      List<String> roles,
      @Nullable String pilot,
      boolean disabled,
      boolean totpEnrolled,
      Instant createdAt,
      @Nullable Instant lastSignInAt) {
    static PersonBody of(Person person) {
      return new PersonBody(
          person.username(),
          person.displayName(),
          RoleWords.words(person.roles()),
          person.pilot().map(PilotId::value).orElse(null),
          person.disabled(),
          person.totpEnrolled(),
          person.createdAt(),
          person.lastSignInAt().orElse(null));
    }
  }

  @GET
  @Access(
      scope = Access.Scope.PERSON,
      roles = {"pilot-admin", "platform-admin"})
  public Page<PersonBody> listPeople(
      @QueryParam("limit") @Nullable String limit, @QueryParam("cursor") @Nullable String cursor) {
    PageRequest page = PageRequest.of(limit, cursor);
    String after = page.cursor().map(c -> Cursor.read(LIST, c, 1).getFirst()).orElse("");
    return Page.of(
        people.page(current.person(), after, page.limit() + 1),
        page.limit(),
        PersonBody::of,
        person -> Cursor.of(LIST, person.username()));
  }

  @POST
  @Consumes(MediaType.APPLICATION_JSON)
  @Access(
      scope = Access.Scope.PERSON,
      roles = {"pilot-admin", "platform-admin"})
  public Response createPerson(JsonNode body) {
    JsonFields fields = JsonFields.of(body);
    String username = fields.text("username", 1, 128);
    if (!People.isUsername(username)) {
      throw Problem.at(
          ProblemCode.INVALID_ID, "/username", "The name must match [a-z0-9][a-z0-9._-]{0,62}.");
    }
    People.Addition addition =
        new People.Addition(
            username,
            fields.optionalText("display_name", 0, 128).orElse(""),
            RoleWords.roles(
                fields.optionalTexts("roles", 5, 64).orElseThrow(() -> fields.missing("roles"))),
            fields.optionalText("pilot", 0, 128).map(PeopleResource::pilot),
            fields.text("password", 0, 1024));
    fields.refuseOthers();
    Person person = people.add(current.person(), addition);
    return Response.created(URI.create("people/" + person.username()))
        .tag(new Revision(person.revision()).tag())
        .entity(PersonBody.of(person))
        .build();
  }

  @GET
  @Path("/{username}")
  @Access(
      scope = Access.Scope.PERSON,
      roles = {"pilot-admin", "platform-admin"})
  public Response getPerson(@PathParam("username") String username) {
    return answer(people.find(current.person(), known(username)).orElseThrow(People::notFound));
  }

  @PATCH
  @Path("/{username}")
  @Consumes({"application/merge-patch+json", MediaType.APPLICATION_JSON})
  @Access(
      scope = Access.Scope.PERSON,
      roles = {"pilot-admin", "platform-admin"})
  public Response updatePerson(
      @PathParam("username") String username,
      @HeaderParam("If-Match") @Nullable String ifMatch,
      JsonNode body) {
    String name = known(username);
    return answer(people.update(current.person(), name, ifMatch, change(JsonFields.of(body))));
  }

  private static People.Change change(JsonFields fields) {
    for (String field : List.of("roles", "disabled", "password", "totp_enrolled")) {
      if (fields.isNull(field)) {
        throw fields.invalid(field, "cannot be removed");
      }
    }
    // A removed display name falls back to the user name, which an empty text stands for.
    Optional<String> displayName =
        fields.isNull("display_name")
            ? Optional.of("")
            : fields.optionalText("display_name", 0, 128);
    Optional<Boolean> totp = fields.optionalBoolean("totp_enrolled");
    if (totp.orElse(false)) {
      throw fields.invalid("totp_enrolled", "can only be set to false; people enrol themselves");
    }
    People.Change change =
        new People.Change(
            displayName,
            fields.optionalTexts("roles", 5, 64).map(RoleWords::roles),
            fields.optionalBoolean("disabled"),
            fields.optionalText("password", 0, 1024),
            totp.isPresent());
    fields.refuseOthers();
    return change;
  }

  private static PilotId pilot(String text) {
    try {
      return new PilotId(text);
    } catch (Problem e) {
      throw Problem.at(ProblemCode.INVALID_ID, "/pilot", e.detail());
    }
  }

  /** A malformed name in a path is one that nobody has. */
  private static String known(String username) {
    if (!People.isUsername(username)) {
      throw People.notFound();
    }
    return username;
  }

  private static Response answer(Person person) {
    return Response.ok(PersonBody.of(person)).tag(new Revision(person.revision()).tag()).build();
  }
}
