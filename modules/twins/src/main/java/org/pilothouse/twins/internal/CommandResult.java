package org.pilothouse.twins.internal;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;
import org.pilothouse.kernel.Problem;
import org.pilothouse.platform.web.Json;

/**
 * What a device says came of a command.
 *
 * @param error what it says went wrong; only of one that failed
 */
public record CommandResult(boolean succeeded, @Nullable JsonNode output, @Nullable String error) {
  /** Of a result, in bytes of JSON. */
  public static final int LARGEST = 64 * 1024;

  private static final int LONGEST_ERROR = 500;

  /**
   * {@code {"state": "succeeded" | "failed", "output": …, "error": "…"}}; without a state it
   * succeeded, unless there is an error. By MQTT nobody can be told that a result is malformed, so
   * one that cannot be read says that the command failed, and why.
   */
  static CommandResult read(byte[] payload) {
    if (payload.length > LARGEST) {
      return failed("the device's answer is larger than 64 KiB");
    }
    if (payload.length == 0) {
      return new CommandResult(true, null, null);
    }
    try {
      JsonNode answer = Json.mapper().readTree(new String(payload, StandardCharsets.UTF_8));
      if (answer == null || !answer.isObject()) {
        return failed("the device's answer is not a JSON object");
      }
      String state = answer.path("state").asText(answer.path("status").asText(""));
      String error = answer.path("error").isTextual() ? answer.path("error").textValue() : null;
      return of(state, answer.get("output"), error);
    } catch (IOException e) {
      return failed("the device's answer is not JSON");
    } catch (Problem unstorable) {
      return failed(unstorable.detail());
    }
  }

  /**
   * @param state empty where the device named none
   * @throws Problem {@code invalid_value} or {@code too_large} for an output that the store cannot
   *     keep
   */
  public static CommandResult of(String state, @Nullable JsonNode output, @Nullable String error) {
    String reason = error == null ? null : shown(error);
    boolean succeeded = state.isEmpty() ? reason == null : state.equals("succeeded");
    return new CommandResult(
        succeeded,
        output == null || output.isNull()
            ? null
            : FreeObjects.checkedValue("/output", output, LARGEST),
        succeeded ? null : reason);
  }

  private static CommandResult failed(String why) {
    return new CommandResult(false, null, why);
  }

  private static String shown(String text) {
    String shown =
        text.codePoints()
            .filter(
                c -> c >= 0x20 && !(c >= Character.MIN_SURROGATE && c <= Character.MAX_SURROGATE))
            .limit(LONGEST_ERROR)
            .collect(StringBuilder::new, StringBuilder::appendCodePoint, StringBuilder::append)
            .toString();
    return shown.isEmpty() ? "the device named no reason" : shown;
  }
}
