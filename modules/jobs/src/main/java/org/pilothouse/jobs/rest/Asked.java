package org.pilothouse.jobs.rest;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.UUID;
import org.pilothouse.jobs.JobId;
import org.pilothouse.jobs.internal.Priority;
import org.pilothouse.kernel.Problem;
import org.pilothouse.kernel.ProblemCode;
import org.pilothouse.platform.web.JsonFields;

/** Reads what requests about jobs have in common. */
final class Asked {
  private Asked() {}

  /** A malformed id is not found rather than explained. */
  static UUID job(String path) {
    return JobId.of(path)
        .map(JobId::value)
        .orElseThrow(() -> Problem.of(ProblemCode.NOT_FOUND, "There is no such job."));
  }

  static Priority priority(JsonFields fields) {
    return fields
        .optionalText("priority", 1, 16)
        .map(word ->
            Priority.of(word)
                .orElseThrow(() -> fields.invalid("priority", "must be normal or urgent")))
        .orElse(Priority.NORMAL);
  }

  /** An object; what is in it the type's schema says. */
  static JsonNode parameters(JsonFields fields, JsonNode body) {
    if (!fields.has("parameters")) {
      throw fields.missing("parameters");
    }
    JsonNode parameters = body.get("parameters");
    if (!parameters.isObject()) {
      throw fields.invalid("parameters", "must be an object");
    }
    return parameters;
  }
}
