package org.pilothouse.models;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What a model says of one action.
 *
 * @param input the data schema of what is sent along; null when nothing is. It is shared: nobody
 *     changes it
 * @param output the data schema of the result; null when there is none
 * @param safe it changes nothing
 * @param idempotent sent twice it does the same as sent once
 */
public record ActionModel(
    String name,
    @Nullable String title,
    @Nullable String description,
    @Nullable JsonNode input,
    @Nullable JsonNode output,
    boolean safe,
    boolean idempotent,
    ValueCheck inputCheck) {

  /**
   * What is wrong with an input, at most a handful; empty when nothing is. An action without an
   * input takes nothing, null or an empty object.
   *
   * @param value null where none was sent
   */
  public List<Fault> checkInput(@Nullable JsonNode value) {
    return inputCheck.faults(value);
  }
}
