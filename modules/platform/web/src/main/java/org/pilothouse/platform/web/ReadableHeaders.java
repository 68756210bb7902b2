package org.pilothouse.platform.web;

import jakarta.annotation.Priority;
import jakarta.enterprise.context.Dependent;
import jakarta.ws.rs.container.ContainerRequestContext;
import jakarta.ws.rs.container.ContainerRequestFilter;
import jakarta.ws.rs.container.PreMatching;
import jakarta.ws.rs.ext.Provider;
import java.util.List;
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
  private record Header(String name, Runnable reading) {}

  @Override
  public void filter(ContainerRequestContext request) {
    List<Header> headers =
        List.of(
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
