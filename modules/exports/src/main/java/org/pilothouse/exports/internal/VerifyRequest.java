package org.pilothouse.exports.internal;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.List;
import org.pilothouse.datasets.DatasetId;
import org.pilothouse.kernel.Problem;

/**
 * What is to be verified.
 *
 * @param datasets none: all that are available
 * @param percent of them, 1 to 100
 * @param count of them at most; 0: all of these
 */
record VerifyRequest(List<DatasetId> datasets, int percent, int count) {
  VerifyRequest {
    datasets = List.copyOf(datasets);
  }

  /**
   * @throws Problem with the path below {@code /parameters}
   */
  static VerifyRequest of(JsonNode parameters) {
    return new RequestReading(parameters, "/parameters").verification();
  }
}
