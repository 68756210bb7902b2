package org.pilothouse.webapp;

import com.fasterxml.jackson.core.JsonProcessingException;
import jakarta.servlet.http.HttpServlet;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.Locale;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.pilothouse.platform.web.Json;
import org.yaml.snakeyaml.LoaderOptions;
import org.yaml.snakeyaml.Yaml;
import org.yaml.snakeyaml.constructor.SafeConstructor;

/**
 * The OpenAPI document as it was written: YAML, or JSON for who asks for it by {@code Accept} or by
 * {@code ?format=json}.
 */
public class ApiDocument extends HttpServlet {
  private static final long serialVersionUID = 1L;
  private static final String RESOURCE = "/META-INF/openapi.yaml";

  private transient byte @Nullable [] yaml;
  private transient byte @Nullable [] json;

  @Override
  protected void doGet(HttpServletRequest request, HttpServletResponse response)
      throws IOException {
    boolean asJson = wantsJson(request);
    byte[] document = asJson ? json() : yaml();
    response.setContentType(asJson ? "application/json" : "application/yaml");
    response.setCharacterEncoding(StandardCharsets.UTF_8.name());
    response.setHeader("Cache-Control", "no-cache");
    response.setHeader("Vary", "Accept");
    response.setContentLength(document.length);
    response.getOutputStream().write(document);
  }

  private static boolean wantsJson(HttpServletRequest request) {
    String format = request.getParameter("format");
    if (format != null) {
      return format.equalsIgnoreCase("json");
    }
    String accept = Objects.requireNonNullElse(request.getHeader("Accept"), "");
    String wanted = accept.toLowerCase(Locale.ROOT);
    return wanted.contains("json") && !wanted.contains("yaml");
  }

  private synchronized byte[] yaml() {
    byte[] read = yaml;
    if (read == null) {
      try (InputStream in =
          Objects.requireNonNull(ApiDocument.class.getResourceAsStream(RESOURCE), RESOURCE)) {
        read = in.readAllBytes();
        yaml = read;
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }
    return read;
  }

  private synchronized byte[] json() throws JsonProcessingException {
    byte[] made = json;
    if (made == null) {
      Object document =
          new Yaml(new SafeConstructor(new LoaderOptions()))
              .load(new String(yaml(), StandardCharsets.UTF_8));
      made = Json.mapper().writeValueAsBytes(document);
      json = made;
    }
    return made;
  }
}
