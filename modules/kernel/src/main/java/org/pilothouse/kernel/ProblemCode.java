package org.pilothouse.kernel;

import java.util.Locale;

/**
 * Every error that people and programs outside can meet. The code (the constant in lower case) is
 * stable: it is part of the API and documented in {@code docs/problems.md}; the HTTP status goes
 * with it.
 */
public enum ProblemCode {
  MALFORMED_JSON(400, "The body is not JSON"),
  MALFORMED_REQUEST(400, "The request cannot be read"),
  MALFORMED_GZIP(400, "The body is not valid gzip"),
  UNKNOWN_FIELD(400, "A field is not known here"),
  INVALID_VALUE(400, "A value is out of its range or of the wrong type"),
  MISSING_FIELD(400, "A required field is missing"),
  DUPLICATE_KEY(400, "A JSON object names one key twice"),
  INVALID_CURSOR(400, "The cursor is not one that this list gave"),
  INVALID_TIME(400, "A time is not RFC 3339 or outside the accepted range"),
  INVALID_ID(400, "An id has a form that is not allowed"),
  ENDPOINT_NOT_ALLOWED(400, "The installation does not connect to that endpoint"),
  UNAUTHENTICATED(401, "Sign in first"),
  WRONG_CREDENTIALS(401, "User name or password is wrong"),
  TOTP_REQUIRED(401, "A one-time code is required"),
  FORBIDDEN(403, "The role does not allow this"),
  CSRF_REJECTED(403, "The request does not carry the session's CSRF token"),
  TICKET_REQUIRED(403, "A support search needs a ticket reference"),
  NOT_FOUND(404, "There is no such thing"),
  METHOD_NOT_ALLOWED(405, "The method is not offered here"),
  NOT_ACCEPTABLE(406, "None of the accepted media types can be given"),
  REQUEST_TIMEOUT(408, "The body came too slowly"),
  ALREADY_EXISTS(409, "It exists already"),
  CONFLICT(409, "The state does not allow this"),
  LIMIT_REACHED(409, "There are as many as there may be"),
  CHECKSUM_MISMATCH(409, "The bytes are not those that were declared"),
  SIZE_MISMATCH(409, "There are more or fewer bytes than declared"),
  PART_MISMATCH(409, "A part is not stored as named"),
  REFERENCED(409, "Something needs it"),
  ENDPOINT_UNREACHABLE(409, "The pilot's endpoint does not answer as it should"),
  CREDENTIALS_REFUSED(409, "The pilot's endpoint refuses the credentials"),
  AGREEMENT_ENDED(409, "The agreement about the pilot's endpoint has ended"),
  OBJECT_MISSING(409, "There is no such object at the pilot's endpoint"),
  NOT_WRITABLE(409, "The pilot's endpoint cannot be written"),
  MIGRATION_REQUIRED(409, "The pilot's datasets have to be moved first"),
  PRECONDITION_FAILED(412, "It was changed meanwhile"),
  TOO_LARGE(413, "The body or a part of it is larger than allowed"),
  UNSUPPORTED_MEDIA_TYPE(415, "The media type is not supported here"),
  INVALID_PARAMETERS(422, "The parameters are not what the type of job takes"),
  NOT_PREVIEWABLE(422, "The content cannot be shown"),
  PRECONDITION_REQUIRED(428, "If-Match is required"),
  TOO_MANY_REQUESTS(429, "Slow down and try again"),
  BACKBONE_BUSY(429, "The backbone takes no more at the moment"),
  LOCKED_OUT(429, "Too many failed sign-ins"),
  INTERNAL(500, "Something broke inside"),
  UNAVAILABLE(503, "A part that is needed does not answer");

  private final int status;
  private final String title;

  ProblemCode(int status, String title) {
    this.status = status;
    this.title = title;
  }

  /** The HTTP status that goes with the code. */
  public int status() {
    return status;
  }

  /** One short sentence for people. */
  public String title() {
    return title;
  }

  /** The code as it stands in answers, for example {@code unknown_field}. */
  public String code() {
    return name().toLowerCase(Locale.ROOT);
  }
}
