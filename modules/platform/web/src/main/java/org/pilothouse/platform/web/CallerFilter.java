package org.pilothouse.platform.web;

import jakarta.annotation.Priority;
import jakarta.enterprise.context.Dependent;
import jakarta.inject.Inject;
import jakarta.ws.rs.Priorities;
import jakarta.ws.rs.container.ContainerRequestContext;
import jakarta.ws.rs.container.ContainerRequestFilter;
import jakarta.ws.rs.container.ResourceInfo;
import jakarta.ws.rs.core.Context;
import jakarta.ws.rs.core.Cookie;
import jakarta.ws.rs.core.HttpHeaders;
import jakarta.ws.rs.ext.Provider;
import java.lang.reflect.Method;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;
import org.pilothouse.kernel.Names;
import org.pilothouse.kernel.Problem;
import org.pilothouse.kernel.ProblemCode;

/** Finds the caller of a request and asks the operation's {@link Access} whether it may. */
@Provider
@Dependent
@Priority(Priorities.AUTHENTICATION)
public class CallerFilter implements ContainerRequestFilter {
  private static final Set<String> SAFE = Set.of("GET", "HEAD", "OPTIONS");
  private static final int LONGEST_TOKEN = 256;

  private final Authentication authentication;
  private final CurrentCaller current;
  private final Map<Method, Operation> operations = new ConcurrentHashMap<>();

  @Context @Nullable ResourceInfo resource;

  /**
   * What a method's annotations say, read once.
   *
   * @param rule null where the method has none: nobody may call it
   */
  private record Operation(String name, String route, @Nullable AccessRule rule) {
    static Operation of(Method method) {
      Access access = method.getAnnotation(Access.class);
      return new Operation(
          method.getName(),
          RequestMetrics.route(method),
          access == null ? null : AccessRule.of(access));
    }
  }

  @Inject
  public CallerFilter(Authentication authentication, CurrentCaller current) {
    this.authentication = authentication;
    this.current = current;
  }

  @Override
  public void filter(ContainerRequestContext request) {
    Method method = resource == null ? null : resource.getResourceMethod();
    Operation operation = method == null ? null : operations.computeIfAbsent(method, Operation::of);
    if (operation == null || operation.rule() == null) {
      throw Problem.of(ProblemCode.FORBIDDEN, "The operation is not open to anybody.");
    }
    AccessRule rule = operation.rule();
    request.setProperty(RequestMetrics.ROUTE, operation.route());
    if (rule.scope() == Access.Scope.PUBLIC || rule.scope() == Access.Scope.INTERNAL) {
      return;
    }
    Caller caller = identify(request);
    current.set(caller);
    try {
      rule.check(caller, request.getUriInfo().getPathParameters().getFirst("pilot"));
    } catch (Problem refusal) {
      if (!(caller instanceof Caller.Anonymous)) {
        authentication.refused(
            caller, operation.name(), Names.shown(request.getUriInfo().getPath()), refusal);
      }
      throw refusal;
    }
  }

  private Caller identify(ContainerRequestContext request) {
    String authorization = request.getHeaderString(HttpHeaders.AUTHORIZATION);
    if (authorization != null) {
      return authentication.byBearer(bearer(authorization));
    }
    Cookie session = request.getCookies().get(SessionCookie.NAME);
    if (session != null && !session.getValue().isEmpty()) {
      boolean changing = !SAFE.contains(request.getMethod().toUpperCase(Locale.ROOT));
      return authentication.bySession(
          session.getValue(), request.getHeaderString("X-CSRF-Token"), changing);
    }
    return new Caller.Anonymous();
  }

  private static String bearer(String authorization) {
    if (authorization.length() > 7
        && authorization.length() <= LONGEST_TOKEN
        && authorization.regionMatches(true, 0, "Bearer ", 0, 7)) {
      return authorization.substring(7).strip();
    }
    throw Problem.of(
        ProblemCode.UNAUTHENTICATED, "The Authorization header must be 'Bearer' and a token.");
  }
}
