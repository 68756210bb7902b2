package org.pilothouse.platform.objectstore;

import java.io.InputStream;
import java.net.InetAddress;
import java.net.URI;
import java.net.UnknownHostException;
import java.time.Duration;
import java.util.Optional;
import org.apache.hc.client5.http.DnsResolver;
import software.amazon.awssdk.core.interceptor.Context;
import software.amazon.awssdk.core.interceptor.ExecutionAttributes;
import software.amazon.awssdk.core.interceptor.ExecutionInterceptor;
import software.amazon.awssdk.http.SdkHttpClient;
import software.amazon.awssdk.http.apache5.Apache5HttpClient;
import software.amazon.awssdk.http.apache5.ProxyConfiguration;
import software.amazon.awssdk.services.s3.model.GetObjectRequest;

/**
 * How stores are connected to: the consortium's own, and a pilot's, which may be anybody's and may
 * answer anything.
 */
final class Connections {
  /** Each answer that is being read has one. */
  private static final int TO_THE_HOLD = 128;

  private static final int TO_A_SITE = 16;
  private static final Duration IDLE = Duration.ofSeconds(30);
  private static final Duration OLDEST = Duration.ofMinutes(5);

  private Connections() {}

  /**
   * Connections that were kept are looked at before they are used again: one in ten of them was
   * closed by the store, which the JDK's client shows only when it has written a body to it.
   */
  static SdkHttpClient toTheHold(ObjectStoreConfig config) {
    return client(config, TO_THE_HOLD).build();
  }

  static SdkHttpClient toASite(ObjectStoreConfig config, EndpointRules rules) {
    return client(config, TO_A_SITE)
        .dnsResolver(new Resolver(config.endpoint(), rules))
        .proxyConfiguration(
            ProxyConfiguration.builder()
                .useSystemPropertyValues(false)
                .useEnvironmentVariableValues(false)
                .build())
        .build();
  }

  private static Apache5HttpClient.Builder client(ObjectStoreConfig config, int most) {
    return Apache5HttpClient.builder()
        .connectionTimeout(config.connectTimeout())
        .connectionAcquisitionTimeout(config.callTimeout())
        .socketTimeout(config.readTimeout())
        .maxConnections(most)
        .connectionMaxIdleTime(IDLE)
        .connectionTimeToLive(OLDEST)
        .expectContinueEnabled(false);
  }

  /** Asked at every connect, also for a literal address. */
  private record Resolver(URI endpoint, EndpointRules rules) implements DnsResolver {
    @Override
    public InetAddress[] resolve(String host) throws UnknownHostException {
      if (!bare(host).equalsIgnoreCase(bare(endpoint.getHost()))) {
        throw new EndpointRules.RefusedAddress();
      }
      return rules.resolve(endpoint);
    }

    private static String bare(String host) {
      return host.replace("[", "").replace("]", "");
    }

    @Override
    public String resolveCanonicalHostname(String host) {
      return host;
    }
  }

  /**
   * What is parsed in memory ends after a bound. The bytes of objects are streamed by their reader,
   * who stops by itself.
   */
  static final class BoundedAnswers implements ExecutionInterceptor {
    static final int MOST = 8 << 20;

    @Override
    public Optional<InputStream> modifyHttpResponseContent(
        Context.ModifyHttpResponse context, ExecutionAttributes attributes) {
      boolean streamed =
          context.request() instanceof GetObjectRequest && context.httpResponse().isSuccessful();
      return streamed
          ? context.responseBody()
          : context.responseBody().map(in -> new BoundedInput(in, MOST));
    }
  }
}
