package org.pilothouse.platform.objectstore;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;

/** Asks whether an S3 endpoint answers at all; an unsigned request that it refuses is an answer. */
public final class S3Probe {
  private final HttpClient http;
  private final HttpRequest request;

  /**
   * @param timeout for one question
   */
  public S3Probe(URI endpoint, Duration timeout) {
    this.http = HttpClient.newBuilder().connectTimeout(timeout).build();
    this.request = HttpRequest.newBuilder(endpoint).timeout(timeout).GET().build();
  }

  /**
   * @throws IOException when it does not answer, or answers that it is broken
   */
  public void check() throws IOException, InterruptedException {
    int status = http.send(request, HttpResponse.BodyHandlers.discarding()).statusCode();
    if (status >= 500) {
      throw new IOException("the endpoint answered " + status);
    }
  }
}
