package org.pilothouse.pilots.rest;

import jakarta.enterprise.context.Dependent;
import jakarta.inject.Inject;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.ws.rs.CookieParam;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.QueryParam;
import jakarta.ws.rs.core.Context;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.core.NewCookie;
import jakarta.ws.rs.core.Response;
import java.time.Duration;
import org.jspecify.annotations.Nullable;
import org.pilothouse.kernel.Problem;
import org.pilothouse.kernel.ProblemCode;
import org.pilothouse.pilots.PilotsModule;
import org.pilothouse.pilots.internal.Oidc;
import org.pilothouse.pilots.internal.Wiring;
import org.pilothouse.platform.web.Access;
import org.pilothouse.platform.web.SessionCookie;

/** The way to the identity provider and back. */
@Path("/auth")
@Dependent
public class OidcResource {
  private final Wiring inside;

  @Inject
  public OidcResource(PilotsModule pilots) {
    this.inside = pilots.inside();
  }

  @GET
  @Path("/oidc/login")
  @Produces(MediaType.WILDCARD)
  @Access(scope = Access.Scope.PUBLIC)
  public Response beginOidc(@QueryParam("return_to") @Nullable String returnTo) {
    Oidc.Departure departure = oidc().depart(returnTo == null ? "/" : returnTo);
    return Response.seeOther(departure.to())
        .cookie(journey(departure.cookie(), Oidc.PATIENCE))
        .build();
  }

  /**
   * Answers with a page that goes on by itself rather than a redirect: the browser comes from
   * another site, and along a chain of redirects it would not send a SameSite=Strict cookie.
   */
  @GET
  @Path("/oidc/callback")
  @Produces(MediaType.TEXT_HTML)
  @Access(scope = Access.Scope.PUBLIC)
  public Response finishOidc(
      @QueryParam("state") @Nullable String state,
      @QueryParam("code") @Nullable String code,
      @CookieParam(Oidc.COOKIE) @Nullable String cookie,
      @Context HttpServletRequest request) {
    Oidc.Arrival arrival = oidc().arrive(cookie, state, code, AuthResource.address(request));
    String page =
        "<!doctype html><meta charset=utf-8><title>Pilothouse</title>"
            + "<meta http-equiv=refresh content=\"0;url="
            + arrival.returnTo().replace("&", "&amp;")
            + "\"><p>Signed in.</p>";
    return Response.ok(page)
        .cookie(
            SessionCookie.of(
                arrival.in().secret(),
                inside.signIn().until(arrival.in().expiresAt()),
                inside.web().secure()),
            journey("", Duration.ZERO))
        .build();
  }

  private Oidc oidc() {
    return inside
        .oidc()
        .orElseThrow(
            () -> Problem.of(ProblemCode.NOT_FOUND, "No identity provider is configured."));
  }

  /** Lax, because it has to come along when the provider sends the browser back. */
  private NewCookie journey(String value, Duration lifetime) {
    return new NewCookie.Builder(Oidc.COOKIE)
        .value(value)
        .path("/api/v1/auth/oidc")
        .httpOnly(true)
        .secure(inside.web().secure())
        .sameSite(NewCookie.SameSite.LAX)
        .maxAge(Math.toIntExact(lifetime.toSeconds()))
        .build();
  }
}
