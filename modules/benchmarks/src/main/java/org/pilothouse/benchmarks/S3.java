package org.pilothouse.benchmarks;

import com.fasterxml.jackson.databind.JsonNode;
import java.net.URI;
import software.amazon.awssdk.auth.credentials.AwsBasicCredentials;
import software.amazon.awssdk.auth.credentials.StaticCredentialsProvider;
import software.amazon.awssdk.core.checksums.RequestChecksumCalculation;
import software.amazon.awssdk.http.apache5.Apache5HttpClient;
import software.amazon.awssdk.regions.Region;
import software.amazon.awssdk.services.s3.S3Client;

/** Object storage, asked by itself. */
final class S3 {
  private S3() {}

  static S3Client client(Stack stack) {
    JsonNode s3 = stack.s3();
    return S3Client.builder()
        .endpointOverride(URI.create(s3.path("endpoint").asText()))
        .region(Region.of(s3.path("region").asText()))
        .credentialsProvider(
            StaticCredentialsProvider.create(
                AwsBasicCredentials.create(
                    s3.path("access_key").asText(), s3.path("secret_key").asText())))
        .forcePathStyle(true)
        .requestChecksumCalculation(RequestChecksumCalculation.WHEN_REQUIRED)
        .httpClientBuilder(Apache5HttpClient.builder())
        .build();
  }
}
