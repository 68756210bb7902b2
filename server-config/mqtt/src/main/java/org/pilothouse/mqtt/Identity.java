package org.pilothouse.mqtt;

/** Who a connection belongs to. */
sealed interface Identity {
  /** A device of a pilot; the pilot comes from the credential, never from a topic. */
  record Device(String pilot, String device) implements Identity {}

  /** The deployable's bridge between this broker and the backbone. */
  record Bridge() implements Identity {}
}
