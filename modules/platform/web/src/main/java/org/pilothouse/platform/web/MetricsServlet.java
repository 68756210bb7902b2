package org.pilothouse.platform.web;

import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import jakarta.inject.Inject;
import jakarta.servlet.annotation.WebServlet;
import jakarta.servlet.http.HttpServlet;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import org.jspecify.annotations.Nullable;

/** The metrics as Prometheus reads them. Labels hold no tenant and no person. */
@WebServlet(urlPatterns = "/metrics")
public class MetricsServlet extends HttpServlet {
  private static final long serialVersionUID = 1L;
  private static final String TEXT = "text/plain; version=0.0.4; charset=utf-8";

  @Inject private transient @Nullable PrometheusMeterRegistry registry;

  @Override
  protected void doGet(HttpServletRequest request, HttpServletResponse response)
      throws IOException {
    PrometheusMeterRegistry known = registry;
    if (known == null) {
      response.sendError(HttpServletResponse.SC_SERVICE_UNAVAILABLE);
      return;
    }
    response.setContentType(TEXT);
    response.setHeader("Cache-Control", "no-store");
    known.scrape(response.getOutputStream(), TEXT);
  }
}
