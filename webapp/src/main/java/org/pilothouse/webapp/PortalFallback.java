package org.pilothouse.webapp;

import jakarta.servlet.FilterChain;
import jakarta.servlet.ServletException;
import jakarta.servlet.http.HttpFilter;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.util.List;

/**
 * The portal's own addresses: a page such as {@code /overview} is index.html, in which the portal
 * finds its way by itself. Bundled files carry a hash in their name and may be kept for ever; the
 * page that names them may not.
 */
public class PortalFallback extends HttpFilter {
  private static final long serialVersionUID = 1L;
  private static final List<String> SERVERS =
      List.of("/api/", "/health", "/metrics", "/openapi", "/internal/");

  @Override
  protected void doFilter(
      HttpServletRequest request, HttpServletResponse response, FilterChain chain)
      throws IOException, ServletException {
    String path = request.getRequestURI();
    if (SERVERS.stream().anyMatch(path::startsWith)) {
      chain.doFilter(request, response);
    } else if (path.startsWith("/assets/")) {
      response.setHeader("Cache-Control", "public, max-age=31536000, immutable");
      chain.doFilter(request, response);
    } else if (path.lastIndexOf('.') > path.lastIndexOf('/')) {
      chain.doFilter(request, response);
    } else {
      response.setHeader("Cache-Control", "no-cache");
      request.getRequestDispatcher("/index.html").forward(request, response);
    }
  }
}
