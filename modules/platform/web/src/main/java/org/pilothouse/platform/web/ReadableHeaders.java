package org.pilothouse.platform.web;

import jakarta.annotation.Priority;
import jakarta.enterprise.context.Dependent;
import jakarta.ws.rs.container.ContainerRequestContext;
import jakarta.ws.rs.container.ContainerRequestFilter;
import jakarta.ws.rs.container.PreMatching;
import jakarta.ws.rs.ext.Provider;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.pilothouse.kernel.Problem;
import org.pilothouse.kernel.ProblemCode;

/**
 * Refuses headers that the runtime would only stumble over while it matches: to it a broken {@code
 * Accept} is a fault of the server.
 */
@Provider
@Dependent
@PreMatching
@Priority(3)
public class ReadableHeaders implements ContainerRequestFilter {
  /** A weight and the runtime's own server-side one, with what stands behind them. */
  private static final Pattern WEIGHT =
      Pattern.compile(";\\s*(?:q|qs)\\s*=\\s*([^;,]*)", Pattern.CASE_INSENSITIVE);

  /** RFC 9110, section 12.4.2. */
  private static final Pattern VALUE = Pattern.compile("0(\\.[0-9]{0,3})?|1(\\.0{0,3})?");

  private record Header(String name, Runnable reading) {}

  private static void checkWeights(@Nullable String accept) {
    Matcher weights = WEIGHT.matcher(accept == null ? "" : accept);
    while (weights.find()) {
      if (!VALUE.matcher(weights.group(1).strip()).matches()) {
        throw new IllegalArgumentException("not a weight");
      }
    }
  }

  @Override
  public void filter(ContainerRequestContext request) {
    List<Header> headers =
        List.of(
            new Header("Accept", () -> checkWeights(request.getHeaderString("Accept"))),
            new Header("Accept", request::getAcceptableMediaTypes),
            new Header("Accept-Language", request::getAcceptableLanguages),
            new Header("Content-Type", request::getMediaType),
            new Header("Content-Length", request::getLength),
            new Header("Cookie", request::getCookies));
    for (Header header : headers) {
      try {
        header.reading().run();
      } catch (RuntimeException e) {
        throw Problem.at(
            ProblemCode.MALFORMED_REQUEST, header.name(), "The header cannot be read.");
      }
    }
  }
}
