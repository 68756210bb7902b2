package org.pilothouse.webapp.engines;

/**
 * An engine of the platform and how to ask it.
 *
 * @param name as the API calls it
 * @param role what it is for, in a few words for people
 * @param essential a node without it is not ready
 */
public record Engine(String name, String role, boolean essential, Question question) {

  /** One bounded question; returns when the engine answered. */
  @FunctionalInterface
  public interface Question {
    void ask() throws Exception;
  }
}
