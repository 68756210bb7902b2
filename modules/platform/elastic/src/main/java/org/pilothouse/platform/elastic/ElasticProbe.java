package org.pilothouse.platform.elastic;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;

/** Asks Elasticsearch whether its cluster has a master; red indices do not count as away. */
public final class ElasticProbe {
  private final HttpClient http;
  private final HttpRequest request;

  /**
   * @param url the cluster's base URL
   * @param timeout for one question
   */
  public ElasticProbe(URI url, Duration timeout) {
    this.http = HttpClient.newBuilder().connectTimeout(timeout).build();
    this.request =
        HttpRequest.newBuilder(url.resolve("/_cluster/health")).timeout(timeout).GET().build();
  }

  /**
   * @throws IOException when it does not answer, or answers that it cannot
   */
  public void check() throws IOException, InterruptedException {
    int status = http.send(request, HttpResponse.BodyHandlers.discarding()).statusCode();
    if (status != 200) {
      throw new IOException("the cluster answered " + status);
    }
  }
}
