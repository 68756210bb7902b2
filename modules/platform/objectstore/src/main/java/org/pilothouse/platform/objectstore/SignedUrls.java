package org.pilothouse.platform.objectstore;

import java.net.URI;
import java.time.Clock;
import java.util.List;
import java.util.Map;
import software.amazon.awssdk.auth.credentials.AwsBasicCredentials;
import software.amazon.awssdk.http.SdkHttpMethod;
import software.amazon.awssdk.http.SdkHttpRequest;
import software.amazon.awssdk.http.auth.aws.signer.AwsV4FamilyHttpSigner;
import software.amazon.awssdk.http.auth.aws.signer.AwsV4HttpSigner;
import software.amazon.awssdk.http.auth.spi.signer.HttpSigner;
import software.amazon.awssdk.utils.http.SdkHttpUtils;

/**
 * URLs that whoever has them may use for a while: AWS Signature Version 4 in query parameters. The
 * SDK's own presigner always asks the system's clock, and a store refuses what a clock that is off
 * has signed.
 */
final class SignedUrls {
  private final AwsV4HttpSigner signer = AwsV4HttpSigner.create();
  private final ObjectStoreConfig config;
  private final AwsBasicCredentials credentials;
  private final Clock clock;

  SignedUrls(ObjectStoreConfig config, AwsBasicCredentials credentials, Clock clock) {
    this.config = config;
    this.credentials = credentials;
    this.clock = clock;
  }

  /** To put exactly this many bytes. */
  URI put(String key, Map<String, String> parameters, long size) {
    return signed(SdkHttpMethod.PUT, key, parameters, Map.of("Content-Length", size + ""));
  }

  URI get(String key, Map<String, String> parameters) {
    return signed(SdkHttpMethod.GET, key, parameters, Map.of());
  }

  private URI signed(
      SdkHttpMethod method,
      String key,
      Map<String, String> parameters,
      Map<String, String> headers) {
    SdkHttpRequest.Builder request =
        SdkHttpRequest.builder().method(method).uri(config.publicEndpoint()).encodedPath(path(key));
    parameters.forEach(request::putRawQueryParameter);
    headers.forEach((name, value) -> request.putHeader(name, List.of(value)));
    return signer
        .sign(sign ->
            sign.identity(credentials)
                .request(request.build())
                .putProperty(AwsV4HttpSigner.REGION_NAME, config.region())
                .putProperty(AwsV4FamilyHttpSigner.SERVICE_SIGNING_NAME, "s3")
                .putProperty(
                    AwsV4FamilyHttpSigner.AUTH_LOCATION,
                    AwsV4FamilyHttpSigner.AuthLocation.QUERY_STRING)
                .putProperty(AwsV4FamilyHttpSigner.EXPIRATION_DURATION, config.urlLifetime())
                .putProperty(AwsV4FamilyHttpSigner.PAYLOAD_SIGNING_ENABLED, false)
                // A key is taken as it is (Signature Version 4, "Task 1", the exception of S3).
                .putProperty(AwsV4FamilyHttpSigner.NORMALIZE_PATH, false)
                .putProperty(AwsV4FamilyHttpSigner.DOUBLE_URL_ENCODE, false)
                .putProperty(HttpSigner.SIGNING_CLOCK, clock))
        .request()
        .getUri();
  }

  private String path(String key) {
    String before = config.publicEndpoint().getRawPath();
    return (before.endsWith("/") ? before.substring(0, before.length() - 1) : before)
        + "/"
        + SdkHttpUtils.urlEncode(config.bucket())
        + "/"
        + SdkHttpUtils.urlEncodeIgnoreSlashes(key);
  }
}
