package org.pilothouse.ingest;

import java.util.List;

/**
 * The verdict on a body whose accepted lines the backbone has acknowledged.
 *
 * @param accepted lines on the backbone
 * @param rejected the first {@value #MOST_LISTED} lines that were refused
 * @param rejectedTotal all lines that were refused
 */
public record IngestResult(int accepted, List<Rejection> rejected, int rejectedTotal) {
  public static final int MOST_LISTED = 1_000;

  /**
   * Why a line was refused.
   *
   * @param line from 1; for events the position in the batch
   * @param code a problem code
   */
  public record Rejection(int line, String code, String detail) {}
}
