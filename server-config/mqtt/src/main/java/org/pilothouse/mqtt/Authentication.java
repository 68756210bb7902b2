package org.pilothouse.mqtt;

/** What the deployable says about a user name and password. */
sealed interface Authentication {
  record Accepted(Identity.Device device) implements Authentication {}

  record Refused() implements Authentication {}

  /** Nobody can say now; the client should try again later. */
  record Unavailable(String why) implements Authentication {}

  /** More questions are under way than the deployable should be asked at once. */
  record Busy() implements Authentication {}
}
