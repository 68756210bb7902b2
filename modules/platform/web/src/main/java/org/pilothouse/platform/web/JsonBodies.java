package org.pilothouse.platform.web;

import com.fasterxml.jackson.databind.ObjectMapper;
import jakarta.enterprise.context.Dependent;
import jakarta.ws.rs.Consumes;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.core.MultivaluedMap;
import jakarta.ws.rs.core.StreamingOutput;
import jakarta.ws.rs.ext.MessageBodyReader;
import jakarta.ws.rs.ext.MessageBodyWriter;
import jakarta.ws.rs.ext.Provider;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.lang.annotation.Annotation;
import java.lang.reflect.Type;
import org.pilothouse.kernel.Problem;
import org.pilothouse.kernel.ProblemCode;

/** Bodies to and from JSON, by {@link Json}. */
@Provider
@Dependent
@Consumes({
  "application/json",
  "application/merge-patch+json",
  "application/tm+json",
  "application/dtdl+json"
})
@Produces({
  "application/json",
  "application/ld+json",
  "application/tm+json",
  ProblemBody.MEDIA_TYPE
})
public class JsonBodies implements MessageBodyReader<Object>, MessageBodyWriter<Object> {
  private final ObjectMapper mapper = Json.mapper();

  @Override
  public boolean isReadable(
      Class<?> type, Type genericType, Annotation[] annotations, MediaType mediaType) {
    return isJson(type);
  }

  @Override
  public Object readFrom(
      Class<Object> type,
      Type genericType,
      Annotation[] annotations,
      MediaType mediaType,
      MultivaluedMap<String, String> headers,
      InputStream body)
      throws IOException {
    String encoding = headers.getFirst("Content-Encoding");
    if (encoding != null && !encoding.equalsIgnoreCase("identity")) {
      throw Problem.of(
          ProblemCode.UNSUPPORTED_MEDIA_TYPE, "The body must not be encoded (Content-Encoding).");
    }
    byte[] bytes = BoundedBody.read(body, BoundedBody.ORDINARY);
    if (bytes.length == 0) {
      throw Problem.of(ProblemCode.MALFORMED_JSON, "The body is empty.");
    }
    Object read = mapper.readValue(bytes, mapper.constructType(genericType));
    if (read == null) {
      throw Problem.of(ProblemCode.INVALID_VALUE, "The body must not be null.");
    }
    return read;
  }

  @Override
  public boolean isWriteable(
      Class<?> type, Type genericType, Annotation[] annotations, MediaType mediaType) {
    return isJson(type);
  }

  @Override
  public void writeTo(
      Object value,
      Class<?> type,
      Type genericType,
      Annotation[] annotations,
      MediaType mediaType,
      MultivaluedMap<String, Object> headers,
      OutputStream body)
      throws IOException {
    mapper.writeValue(body, value);
  }

  private static boolean isJson(Class<?> type) {
    return !(CharSequence.class.isAssignableFrom(type)
        || type == byte[].class
        || InputStream.class.isAssignableFrom(type)
        || java.io.Reader.class.isAssignableFrom(type)
        || java.io.File.class.isAssignableFrom(type)
        || StreamingOutput.class.isAssignableFrom(type));
  }
}
