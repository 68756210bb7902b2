package org.pilothouse.platform.kafka.consume;

/** Something that reads the backbone on this node, for people to watch and to hold. */
public interface Steered {
  String name();

  ReaderStatus status();

  /** Applies nothing more from now on, until it may again; what is under way ends. */
  void pause();

  void resume();
}
