package org.pilothouse.platform.web;

import jakarta.servlet.RequestDispatcher;
import jakarta.servlet.http.HttpServlet;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import org.pilothouse.kernel.Problem;
import org.pilothouse.kernel.ProblemCode;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The server's error page: what the container refuses before any resource sees it is a problem like
 * every other, and the server's own pages, which name its parts, are never shown.
 */
public class RefusalServlet extends HttpServlet {
  private static final long serialVersionUID = 1L;
  private static final Logger LOG = LoggerFactory.getLogger(RefusalServlet.class);

  @Override
  protected void service(HttpServletRequest request, HttpServletResponse response)
      throws IOException {
    Object status = request.getAttribute(RequestDispatcher.ERROR_STATUS_CODE);
    ProblemCode code = code(status instanceof Integer number ? number : 404);
    if (code == ProblemCode.INTERNAL) {
      LOG.error(
          "the server refused a request status={}",
          status,
          request.getAttribute(RequestDispatcher.ERROR_EXCEPTION) instanceof Throwable thrown
              ? thrown
              : null);
    }
    if (response.isCommitted()) {
      return;
    }
    response.setStatus(code.status());
    response.setContentType(ProblemBody.MEDIA_TYPE);
    response.setHeader("Cache-Control", "no-store");
    Json.mapper()
        .writeValue(
            response.getOutputStream(),
            ProblemBody.of(Problem.of(code, "The server refused the request."), null));
  }

  static ProblemCode code(int status) {
    return switch (status) {
      case 401 -> ProblemCode.UNAUTHENTICATED;
      case 403 -> ProblemCode.FORBIDDEN;
      case 404 -> ProblemCode.NOT_FOUND;
      case 405 -> ProblemCode.METHOD_NOT_ALLOWED;
      case 406 -> ProblemCode.NOT_ACCEPTABLE;
      case 408 -> ProblemCode.REQUEST_TIMEOUT;
      case 413 -> ProblemCode.TOO_LARGE;
      case 415 -> ProblemCode.UNSUPPORTED_MEDIA_TYPE;
      case 503 -> ProblemCode.UNAVAILABLE;
      default -> status >= 500 ? ProblemCode.INTERNAL : ProblemCode.MALFORMED_REQUEST;
    };
  }
}
