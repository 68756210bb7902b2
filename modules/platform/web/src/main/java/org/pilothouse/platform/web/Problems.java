package org.pilothouse.platform.web;

import com.fasterxml.jackson.core.JsonParseException;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.exc.StreamConstraintsException;
import com.fasterxml.jackson.core.io.JsonEOFException;
import com.fasterxml.jackson.databind.JsonMappingException;
import com.fasterxml.jackson.databind.exc.MismatchedInputException;
import com.fasterxml.jackson.databind.exc.UnrecognizedPropertyException;
import jakarta.ws.rs.WebApplicationException;
import java.io.CharConversionException;
import java.net.SocketTimeoutException;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.pilothouse.kernel.Names;
import org.pilothouse.kernel.Problem;
import org.pilothouse.kernel.ProblemCode;

/**
 * Which problem an exception is. What libraries say never reaches a caller: their messages repeat
 * payloads and name classes.
 */
public final class Problems {
  private Problems() {}

  /** The problem, or nothing when the exception was not expected at all. */
  public static Optional<Problem> of(Throwable thrown) {
    int depth = 0;
    for (Throwable t = thrown; t != null && depth < 8; t = t.getCause(), depth++) {
      if (t instanceof Problem problem) {
        return Optional.of(problem);
      }
      if (t instanceof SocketTimeoutException) {
        return Optional.of(Problem.of(ProblemCode.REQUEST_TIMEOUT, "The body came too slowly."));
      }
    }
    if (thrown instanceof JsonProcessingException json) {
      return Optional.of(json(json));
    }
    if (thrown instanceof CharConversionException) {
      return Optional.of(Problem.of(ProblemCode.MALFORMED_JSON, "The body is not valid UTF-8."));
    }
    if (thrown instanceof WebApplicationException web) {
      return Optional.of(web(web.getResponse().getStatus()));
    }
    return Optional.empty();
  }

  private static Problem json(JsonProcessingException e) {
    if (e instanceof StreamConstraintsException) {
      return Problem.of(
          ProblemCode.MALFORMED_JSON,
          "The body nests too deep, or holds a number or a text that is too long.");
    }
    if (e instanceof JsonEOFException) {
      return Problem.of(ProblemCode.MALFORMED_JSON, "The body ends in the middle.");
    }
    if (e instanceof JsonParseException) {
      String said = String.valueOf(e.getOriginalMessage());
      if (said.startsWith("Duplicate field")) {
        return Problem.of(ProblemCode.DUPLICATE_KEY, "An object names one key twice" + where(e));
      }
      return Problem.of(ProblemCode.MALFORMED_JSON, "The body is not JSON" + where(e));
    }
    if (e instanceof UnrecognizedPropertyException unknown) {
      String path = pointer(unknown);
      return Problem.at(ProblemCode.UNKNOWN_FIELD, path, "The field " + path + " is not known.");
    }
    if (e instanceof MismatchedInputException mismatched) {
      String path = pointer(mismatched);
      if (String.valueOf(mismatched.getOriginalMessage()).startsWith("Missing required creator")) {
        return Problem.at(ProblemCode.MISSING_FIELD, path, "A required field is missing.");
      }
      return Problem.at(ProblemCode.INVALID_VALUE, path, "The value has the wrong type.");
    }
    if (e instanceof JsonMappingException mapping) {
      return Problem.at(ProblemCode.INVALID_VALUE, pointer(mapping), "The value is not allowed.");
    }
    return Problem.of(ProblemCode.MALFORMED_JSON, "The body is not JSON.");
  }

  private static String where(JsonProcessingException e) {
    return e.getLocation() == null
        ? "."
        : " (line "
            + e.getLocation().getLineNr()
            + ", column "
            + e.getLocation().getColumnNr()
            + ").";
  }

  private static String pointer(JsonMappingException e) {
    StringBuilder pointer = new StringBuilder();
    for (JsonMappingException.Reference step : e.getPath()) {
      @Nullable String name = step.getFieldName();
      pointer.append('/');
      if (name == null) {
        pointer.append(step.getIndex());
      } else {
        pointer.append(Names.shown(name).replace("~", "~0").replace("/", "~1"));
      }
    }
    return pointer.toString();
  }

  private static Problem web(int status) {
    return switch (status) {
      case 401 -> Problem.of(ProblemCode.UNAUTHENTICATED, "Sign in first.");
      case 403 ->
          Problem.of(ProblemCode.FORBIDDEN, "The credential does not allow this operation.");
      case 404 -> Problem.of(ProblemCode.NOT_FOUND, "There is no such thing.");
      case 405 -> Problem.of(ProblemCode.METHOD_NOT_ALLOWED, "The method is not offered here.");
      case 406 -> Problem.of(ProblemCode.NOT_ACCEPTABLE, "No accepted media type can be given.");
      case 408 -> Problem.of(ProblemCode.REQUEST_TIMEOUT, "The body came too slowly.");
      case 413 -> Problem.of(ProblemCode.TOO_LARGE, "The body is larger than allowed.");
      case 415 ->
          Problem.of(ProblemCode.UNSUPPORTED_MEDIA_TYPE, "The media type is not read here.");
      case 429 -> Problem.of(ProblemCode.TOO_MANY_REQUESTS, "Slow down and try again.");
      case 503 -> Problem.of(ProblemCode.UNAVAILABLE, "A part that is needed does not answer.");
      default ->
          status >= 400 && status < 500
              ? Problem.of(ProblemCode.MALFORMED_REQUEST, "The request cannot be read.")
              : Problem.of(ProblemCode.INTERNAL, "Something broke inside; it is in the log.");
    };
  }
}
