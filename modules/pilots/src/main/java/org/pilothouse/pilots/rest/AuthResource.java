package org.pilothouse.pilots.rest;

import com.fasterxml.jackson.databind.JsonNode;
import jakarta.enterprise.context.Dependent;
import jakarta.inject.Inject;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.ws.rs.Consumes;
import jakarta.ws.rs.CookieParam;
import jakarta.ws.rs.DELETE;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.PUT;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.core.Context;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.core.Response;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.pilothouse.kernel.PilotId;
import org.pilothouse.pilots.Person;
import org.pilothouse.pilots.PilotsConfig;
import org.pilothouse.pilots.PilotsModule;
import org.pilothouse.pilots.internal.SignIn;
import org.pilothouse.pilots.internal.Wiring;
import org.pilothouse.platform.web.Access;
import org.pilothouse.platform.web.CurrentCaller;
import org.pilothouse.platform.web.JsonFields;
import org.pilothouse.platform.web.SessionCookie;

/** Signing in and out, and what one signs in with. */
@Path("/auth")
@Dependent
@Produces(MediaType.APPLICATION_JSON)
@Consumes(MediaType.APPLICATION_JSON)
public class AuthResource {
  private final Wiring inside;
  private final CurrentCaller current;

  @Inject
  public AuthResource(PilotsModule pilots, CurrentCaller current) {
    this.inside = pilots.inside();
    this.current = current;
  }

  /** A bearer token. */
  public record Token(
      String token, Instant expiresAt, List<String> roles, @Nullable String pilot) {}

  /** Who is calling. */
  public record Session(
      String username,
      String displayName,
      List<String> roles,
      @Nullable String pilot,
      Instant expiresAt,
      @Nullable String csrfToken,
      boolean totpEnrolled,
      boolean totpRequired) {}

  /** A generator to enrol. */
  public record Enrolment(String secret, String otpauthUri) {}

  /** The identity provider. */
  public record Oidc(boolean enabled, @Nullable String name, @Nullable String loginPath) {}

  @POST
  @Path("/token")
  @Access(scope = Access.Scope.PUBLIC)
  public Response createToken(JsonNode body, @Context HttpServletRequest request) {
    SignIn.SignedIn in = inside.signIn().token(attempt(body, request));
    return Response.ok(
            new Token(
                in.secret(),
                in.expiresAt(),
                RoleWords.words(in.person().roles()),
                in.person().pilot().map(PilotId::value).orElse(null)))
        .build();
  }

  @DELETE
  @Path("/token")
  @Access(scope = Access.Scope.PERSON, beforeEnrolment = true)
  public Response revokeToken() {
    inside.signIn().signOut(current.person());
    return Response.noContent().build();
  }

  @POST
  @Path("/session")
  @Access(scope = Access.Scope.PUBLIC)
  public Response createSession(
      JsonNode body,
      @CookieParam(SessionCookie.NAME) @Nullable String before,
      @Context HttpServletRequest request) {
    SignIn.SignedIn in =
        inside.signIn().session(attempt(body, request), Optional.ofNullable(before));
    return Response.ok(session(in.person(), in.expiresAt(), in.csrfToken(), in.mustEnrol()))
        .cookie(
            SessionCookie.of(
                in.secret(), inside.signIn().until(in.expiresAt()), inside.web().secure()))
        .build();
  }

  @GET
  @Path("/session")
  @Access(scope = Access.Scope.PERSON, beforeEnrolment = true)
  public Session getSession() {
    SignIn.Standing standing = inside.signIn().standing(current.person());
    return session(
        standing.person(), standing.expiresAt(), standing.csrfToken(), standing.mustEnrol());
  }

  @DELETE
  @Path("/session")
  @Access(scope = Access.Scope.PERSON, beforeEnrolment = true)
  public Response deleteSession() {
    inside.signIn().signOut(current.person());
    return Response.noContent().cookie(SessionCookie.gone(inside.web().secure())).build();
  }

  @POST
  @Path("/password")
  @Access(scope = Access.Scope.PERSON, beforeEnrolment = true)
  public Response changePassword(JsonNode body, @Context HttpServletRequest request) {
    JsonFields fields = JsonFields.of(body);
    String now = fields.text("current_password", 0, 256);
    String next = fields.text("new_password", 0, 1024);
    fields.refuseOthers();
    inside.signIn().changePassword(current.person(), now, next, address(request));
    return Response.noContent().build();
  }

  @POST
  @Path("/totp")
  @Consumes(MediaType.WILDCARD)
  @Access(scope = Access.Scope.PERSON, beforeEnrolment = true)
  public Response enrolTotp() {
    SignIn.Enrolment enrolment = inside.signIn().enrol(current.person());
    return Response.status(Response.Status.CREATED)
        .entity(new Enrolment(enrolment.secret(), enrolment.uri()))
        .build();
  }

  @PUT
  @Path("/totp")
  @Access(scope = Access.Scope.PERSON, beforeEnrolment = true)
  public Response confirmTotp(JsonNode body, @Context HttpServletRequest request) {
    JsonFields fields = JsonFields.of(body);
    String code = fields.text("code", 1, 16);
    fields.refuseOthers();
    inside.signIn().confirm(current.person(), code, address(request));
    return Response.noContent().build();
  }

  @GET
  @Path("/oidc")
  @Access(scope = Access.Scope.PUBLIC)
  public Oidc getOidc() {
    return inside
        .config()
        .provider()
        .map(PilotsConfig.Provider::name)
        .map(name -> new Oidc(true, name, "/api/v1/auth/oidc/login"))
        .orElseGet(() -> new Oidc(false, null, null));
  }

  private static Session session(
      Person person, Instant expiresAt, @Nullable String csrfToken, boolean mustEnrol) {
    return new Session(
        person.username(),
        person.displayName(),
        RoleWords.words(person.roles()),
        person.pilot().map(PilotId::value).orElse(null),
        expiresAt,
        csrfToken,
        person.totpEnrolled(),
        mustEnrol);
  }

  private static SignIn.Attempt attempt(JsonNode body, HttpServletRequest request) {
    JsonFields fields = JsonFields.of(body);
    SignIn.Attempt attempt =
        new SignIn.Attempt(
            fields.text("username", 0, 63),
            fields.text("password", 0, 256),
            fields.optionalText("totp", 0, 6).filter(code -> !code.isEmpty()),
            address(request));
    fields.refuseOthers();
    return attempt;
  }

  static String address(HttpServletRequest request) {
    String address = request.getRemoteAddr();
    return address == null ? "unknown" : address;
  }
}
