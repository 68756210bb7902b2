package org.pilothouse.platform.web;

import jakarta.servlet.FilterChain;
import jakarta.servlet.ServletException;
import jakarta.servlet.http.HttpFilter;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.util.regex.Pattern;
import org.pilothouse.kernel.Problem;
import org.pilothouse.kernel.ProblemCode;

/**
 * Refuses a {@code Content-Type} that is none (RFC 9110, section 8.3.1) before the container looks
 * for a character set in it: on a quotation mark that is never closed it breaks, its error page
 * too.
 */
public class ReadableContentType extends HttpFilter {
  private static final long serialVersionUID = 1L;
  private static final String TOKEN = "[A-Za-z0-9!#$%&'*+.^_`|~-]+";
  private static final int LONGEST = 256;

  private static final Pattern MEDIA_TYPE =
      Pattern.compile(
          TOKEN
              + "/"
              + TOKEN
              + "(?:\\s*;\\s*"
              + TOKEN
              + "=(?:"
              + TOKEN
              + "|\"[^\"\\\\]*\"))*\\s*;?\\s*");

  @Override
  protected void doFilter(
      HttpServletRequest request, HttpServletResponse response, FilterChain chain)
      throws IOException, ServletException {
    String type = request.getHeader("Content-Type");
    if (type == null || (type.length() <= LONGEST && MEDIA_TYPE.matcher(type).matches())) {
      chain.doFilter(request, response);
      return;
    }
    Problem problem =
        Problem.at(
            ProblemCode.UNSUPPORTED_MEDIA_TYPE, "Content-Type", "The header is not a media type.");
    response.setStatus(problem.code().status());
    response.setContentType(ProblemBody.MEDIA_TYPE);
    Json.mapper().writeValue(response.getOutputStream(), ProblemBody.of(problem, null));
  }
}
