package org.pilothouse.platform.web;

import jakarta.ws.rs.core.EntityTag;
import org.jspecify.annotations.Nullable;
import org.pilothouse.kernel.Problem;
import org.pilothouse.kernel.ProblemCode;

/** A resource's revision as a strong entity tag, and the check against it (RFC 9110, 13.1.1). */
public record Revision(long number) {
  public EntityTag tag() {
    return new EntityTag(Long.toString(number));
  }

  /**
   * @throws Problem {@code precondition_required} when the header is missing, {@code
   *     precondition_failed} when none of its tags is this revision's
   */
  public void check(@Nullable String ifMatch) {
    if (ifMatch == null || ifMatch.isBlank()) {
      throw Problem.of(
          ProblemCode.PRECONDITION_REQUIRED, "Send If-Match with the ETag that was read.");
    }
    if (ifMatch.strip().equals("*")) {
      return;
    }
    for (String tag : ifMatch.split(",", 64)) {
      if (tag.strip().equals("\"" + number + "\"")) {
        return;
      }
    }
    throw Problem.of(ProblemCode.PRECONDITION_FAILED, "It was changed meanwhile; read it again.");
  }
}
