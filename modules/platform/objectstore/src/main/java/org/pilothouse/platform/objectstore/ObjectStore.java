package org.pilothouse.platform.objectstore;

import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.net.URISyntaxException;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Base64;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.pilothouse.kernel.Problem;
import software.amazon.awssdk.auth.credentials.AwsBasicCredentials;
import software.amazon.awssdk.auth.credentials.StaticCredentialsProvider;
import software.amazon.awssdk.awscore.retry.AwsRetryStrategy;
import software.amazon.awssdk.core.ResponseInputStream;
import software.amazon.awssdk.core.checksums.RequestChecksumCalculation;
import software.amazon.awssdk.core.checksums.ResponseChecksumValidation;
import software.amazon.awssdk.core.exception.SdkClientException;
import software.amazon.awssdk.core.exception.SdkException;
import software.amazon.awssdk.core.sync.RequestBody;
import software.amazon.awssdk.http.SdkHttpClient;
import software.amazon.awssdk.http.auth.spi.scheme.AuthSchemeOption;
import software.amazon.awssdk.http.auth.spi.signer.HttpSigner;
import software.amazon.awssdk.regions.Region;
import software.amazon.awssdk.services.s3.S3Client;
import software.amazon.awssdk.services.s3.auth.scheme.S3AuthSchemeParams;
import software.amazon.awssdk.services.s3.auth.scheme.S3AuthSchemeProvider;
import software.amazon.awssdk.services.s3.model.CORSRule;
import software.amazon.awssdk.services.s3.model.ChecksumMode;
import software.amazon.awssdk.services.s3.model.ChecksumType;
import software.amazon.awssdk.services.s3.model.CompletedPart;
import software.amazon.awssdk.services.s3.model.GetObjectResponse;
import software.amazon.awssdk.services.s3.model.HeadObjectResponse;
import software.amazon.awssdk.services.s3.model.ListMultipartUploadsResponse;
import software.amazon.awssdk.services.s3.model.ListObjectsV2Response;
import software.amazon.awssdk.services.s3.model.ListPartsResponse;
import software.amazon.awssdk.services.s3.model.S3Exception;

/**
 * One bucket behind the S3 API. Every call has a timeout and few retries; a store that does not
 * answer is {@code unavailable}. What is read or written is streamed.
 */
public final class ObjectStore implements AutoCloseable {
  /** Of an upload; S3 takes no more. */
  private static final int MOST_PARTS = 10_000;

  private static final int SHA256 = 32;

  private final ObjectStoreConfig config;
  private final SdkHttpClient http;
  private final S3Client client;
  private final SignedUrls urls;
  private final MeterRegistry metrics;
  private final Failures failures;

  /** The consortium's own. */
  public ObjectStore(ObjectStoreConfig config, Clock clock, MeterRegistry metrics) {
    this(config, clock, metrics, new Failures.OfTheHold(), 3, Connections.toTheHold(config));
  }

  /** A pilot's own, which is connected to by these rules and may answer anything. */
  public static ObjectStore ofSite(
      ObjectStoreConfig config, EndpointRules rules, Clock clock, MeterRegistry metrics) {
    return new ObjectStore(
        config, clock, metrics, new Failures.OfSites(), 2, Connections.toASite(config, rules));
  }

  private ObjectStore(
      ObjectStoreConfig config,
      Clock clock,
      MeterRegistry metrics,
      Failures failures,
      int attempts,
      SdkHttpClient http) {
    this.config = config;
    this.metrics = metrics;
    this.failures = failures;
    this.http = http;
    AwsBasicCredentials credentials =
        AwsBasicCredentials.create(config.accessKey(), config.secretKey());
    StoreClock signing = new StoreClock(clock);
    this.urls = new SignedUrls(config, credentials, signing);
    this.client =
        S3Client.builder()
            .endpointOverride(config.endpoint())
            .region(Region.of(config.region()))
            .credentialsProvider(StaticCredentialsProvider.create(credentials))
            .authSchemeProvider(asked -> signedBy(signing, asked))
            .forcePathStyle(true)
            .httpClient(http)
            .overrideConfiguration(options ->
                options
                    .apiCallTimeout(config.callTimeout())
                    .addExecutionInterceptor(new Connections.BoundedAnswers())
                    .addExecutionInterceptor(signing)
                    .retryStrategy(
                        AwsRetryStrategy.standardRetryStrategy().toBuilder()
                            .maxAttempts(attempts)
                            .build()))
            // The whole is verified by its SHA-256; other stores than Amazon's know no trailers.
            .requestChecksumCalculation(RequestChecksumCalculation.WHEN_REQUIRED)
            .responseChecksumValidation(ResponseChecksumValidation.WHEN_REQUIRED)
            .build();
  }

  private static List<AuthSchemeOption> signedBy(Clock clock, S3AuthSchemeParams asked) {
    return S3AuthSchemeProvider.defaultProvider().resolveAuthScheme(asked).stream()
        .map(
            option -> option.toBuilder().putSignerProperty(HttpSigner.SIGNING_CLOCK, clock).build())
        .toList();
  }

  /** An object as the store knows it. */
  public record Stored(String key, long size, Instant modified) {}

  /**
   * An object as its store describes it.
   *
   * @param etag another one, when the object was put again; empty where the store has none
   * @param sha256 of the whole object, where the store was asked for it and keeps it
   */
  public record Head(long size, String etag, Optional<byte[]> sha256) {}

  /** A part of an upload under way. */
  public record Part(int number, long size, String etag) {}

  /** An upload that was begun and neither completed nor aborted. */
  public record OpenUpload(String key, String uploadId, Instant begun) {}

  /** A page of a listing. */
  public record Listing<T>(List<T> items, boolean more) {}

  /** What came of a completion. */
  public enum Completion {
    COMPLETED,
    /** The store knows no such upload: it was completed or aborted. */
    NO_SUCH_UPLOAD,
    /** A part is absent, or is not the one that the etag names. */
    PART_MISMATCH
  }

  /** Whether browsers from elsewhere may use the bucket. */
  public enum PortalAnswer {
    ALLOWED,
    ALLOWED_BEFORE,
    /** The store cannot be told. */
    NOT_SUPPORTED,
    /** The credentials may not. */
    REFUSED
  }

  /**
   * Lets browsers at the portal put and get by signed URLs, and read the etag of what they put. One
   * rule of the bucket is the portal's; others stay as they are.
   */
  public PortalAnswer allow(PortalOrigins portal) {
    return this.<PortalAnswer>call(
        "cors",
        () -> {
          try {
            return allowed(PortalRule.of(portal));
          } catch (S3Exception e) {
            return switch (e.statusCode()) {
              case 405, 501 -> PortalAnswer.NOT_SUPPORTED;
              case 401, 403 -> PortalAnswer.REFUSED;
              default -> throw e;
            };
          }
        });
  }

  private PortalAnswer allowed(CORSRule rule) {
    List<CORSRule> there = corsRules();
    if (there.contains(rule)) {
      return PortalAnswer.ALLOWED_BEFORE;
    }
    List<CORSRule> rules = new ArrayList<>(List.of(rule));
    there.stream().filter(other -> !PortalRule.isOurs(other)).forEach(rules::add);
    var unused =
        client.putBucketCors(request ->
            request.bucket(config.bucket()).corsConfiguration(cors -> cors.corsRules(rules)));
    return PortalAnswer.ALLOWED;
  }

  private List<CORSRule> corsRules() {
    try {
      return client.getBucketCors(request -> request.bucket(config.bucket())).corsRules();
    } catch (S3Exception e) {
      if (code(e).equals("NoSuchCORSConfiguration")) {
        return List.of();
      }
      throw e;
    }
  }

  /** The form of a pointer to an object of this store. */
  public URI uriOf(String key) {
    return uriOf(config.bucket(), key);
  }

  /** What a URI may not hold is encoded by RFC 3986, section 2.1. */
  public static URI uriOf(String bucket, String key) {
    try {
      return URI.create(new URI("s3", bucket, "/" + key, null, null).toASCIIString());
    } catch (URISyntaxException e) {
      throw new IllegalArgumentException("no bucket or no key", e);
    }
  }

  /**
   * Asks for the bucket.
   *
   * @throws Problem what keeps it from answering
   */
  public void reach() {
    var unused = call("reach", () -> client.headBucket(request -> request.bucket(config.bucket())));
  }

  /**
   * @param checksum whether to ask for the store's own; there are stores that cannot be asked
   */
  public Optional<Head> describe(String key, boolean checksum) {
    return find(
        "head",
        () -> {
          HeadObjectResponse head =
              client.headObject(request ->
                  request
                      .bucket(config.bucket())
                      .key(key)
                      .checksumMode(checksum ? ChecksumMode.ENABLED : null));
          return new Head(
              head.contentLength() == null ? -1 : head.contentLength(),
              head.eTag() == null ? "" : bare(head.eTag()),
              wholeSha256(head));
        });
  }

  /** A checksum of the parts' checksums says nothing of the whole. */
  private static Optional<byte[]> wholeSha256(HeadObjectResponse head) {
    if (head.checksumType() != ChecksumType.FULL_OBJECT || head.checksumSHA256() == null) {
      return Optional.empty();
    }
    try {
      byte[] digest = Base64.getDecoder().decode(head.checksumSHA256());
      return digest.length == SHA256 ? Optional.of(digest) : Optional.empty();
    } catch (IllegalArgumentException e) {
      return Optional.empty();
    }
  }

  /** Begins a multipart upload and returns its id. */
  public String begin(String key, String mediaType) {
    return call(
        "begin",
        () ->
            client
                .createMultipartUpload(
                    request -> request.bucket(config.bucket()).key(key).contentType(mediaType))
                .uploadId());
  }

  /** Where one part of exactly this size can be put for a while. */
  public URI partUrl(String key, String uploadId, int number, long size) {
    return urls.put(
        key, Map.of("partNumber", Integer.toString(number), "uploadId", uploadId), size);
  }

  /**
   * The parts that are stored, by number; empty where there is no such upload. Some stores answer
   * with no parts for an upload that was completed.
   */
  public Optional<List<Part>> parts(String key, String uploadId) {
    return find(
        "parts",
        () -> {
          List<Part> parts = new ArrayList<>();
          ListPartsResponse page;
          // Not before it is needed: there are stores that know no marker, and answer whole.
          @Nullable Integer after = null;
          do {
            page = partsPage(key, uploadId, after);
            page.parts()
                .forEach(
                    part -> parts.add(new Part(part.partNumber(), part.size(), bare(part.eTag()))));
            after = page.nextPartNumberMarker();
          } while (Boolean.TRUE.equals(page.isTruncated())
              && after != null
              && parts.size() < MOST_PARTS);
          parts.sort(Comparator.comparingInt(Part::number));
          return parts;
        });
  }

  private ListPartsResponse partsPage(String key, String uploadId, @Nullable Integer after) {
    return client.listParts(request ->
        request.bucket(config.bucket()).key(key).uploadId(uploadId).partNumberMarker(after));
  }

  /** Puts a part that is held in memory, and returns its etag. */
  public String putPart(String key, String uploadId, int number, byte[] bytes) {
    return call(
        "part",
        () ->
            bare(
                client
                    .uploadPart(
                        request ->
                            request
                                .bucket(config.bucket())
                                .key(key)
                                .uploadId(uploadId)
                                .partNumber(number),
                        RequestBody.fromBytes(bytes))
                    .eTag()));
  }

  /** Makes the object of its parts, which come by number. */
  public Completion complete(String key, String uploadId, List<Part> parts) {
    List<CompletedPart> completed = new ArrayList<>(parts.size());
    parts.forEach(part ->
        completed.add(CompletedPart.builder().partNumber(part.number()).eTag(part.etag()).build()));
    return this.<Completion>call(
        "complete",
        () -> {
          try {
            client.completeMultipartUpload(request ->
                request
                    .bucket(config.bucket())
                    .key(key)
                    .uploadId(uploadId)
                    .multipartUpload(upload -> upload.parts(completed)));
            return Completion.COMPLETED;
          } catch (S3Exception e) {
            return switch (code(e)) {
              case "NoSuchUpload" -> Completion.NO_SUCH_UPLOAD;
              case "InvalidPart", "InvalidPartOrder", "EntityTooSmall" -> Completion.PART_MISMATCH;
              default -> throw e;
            };
          }
        });
  }

  /** Forgets an upload and its parts; none is none. */
  public void abort(String key, String uploadId) {
    var unused =
        find(
            "abort",
            () ->
                client.abortMultipartUpload(
                    request -> request.bucket(config.bucket()).key(key).uploadId(uploadId)));
  }

  public Optional<Stored> find(String key) {
    return find(
        "head",
        () -> {
          HeadObjectResponse head =
              client.headObject(request -> request.bucket(config.bucket()).key(key));
          return new Stored(key, head.contentLength(), head.lastModified());
        });
  }

  /**
   * The bytes from one on, or nothing where there is no such object. Whoever opens it closes it;
   * closing early gives the connection up.
   */
  public Optional<InputStream> open(String key, long from) {
    return find(
        "get",
        () ->
            new GivenUp(
                from == 0
                    ? client.getObject(request -> request.bucket(config.bucket()).key(key))
                    : ranged(key, from, "")));
  }

  /** There are servers that answer with the whole, which would be taken for the rest. */
  private ResponseInputStream<GetObjectResponse> ranged(String key, long from, String last) {
    ResponseInputStream<GetObjectResponse> answer =
        client.getObject(request ->
            request.bucket(config.bucket()).key(key).range("bytes=" + from + "-" + last));
    String range = answer.response().contentRange();
    if (range == null || !range.startsWith("bytes " + from + "-")) {
      answer.abort();
      throw SdkClientException.create("the store does not answer ranges");
    }
    return answer;
  }

  /** Closing would read to the end, which may be far away or nowhere. */
  private static final class GivenUp extends FilterInputStream {
    private final ResponseInputStream<?> answer;
    private boolean ended;

    GivenUp(ResponseInputStream<?> answer) {
      super(answer);
      this.answer = answer;
    }

    @Override
    public int read() throws IOException {
      int read = super.read();
      ended |= read < 0;
      return read;
    }

    @Override
    public int read(byte[] buffer, int offset, int length) throws IOException {
      int read = super.read(buffer, offset, length);
      ended |= read < 0;
      return read;
    }

    @Override
    public void close() throws IOException {
      if (ended) {
        super.close();
      } else {
        answer.abort();
      }
    }
  }

  /** Like {@link #open(String, long)}, and no more than {@code length} bytes, at least one. */
  public Optional<InputStream> open(String key, long from, long length) {
    return find("get", () -> new GivenUp(ranged(key, from, Long.toString(from + length - 1))));
  }

  /** Where the bytes can be got for a while, to be saved under a name. */
  public URI contentUrl(String key, String fileName, String mediaType) {
    return urls.get(
        key,
        Map.of(
            "response-content-type",
            mediaType,
            "response-content-disposition",
            attachment(fileName)));
  }

  /** Writes a small object that is held in memory anyway. */
  public void put(String key, String mediaType, byte[] bytes) {
    var unused =
        call(
            "put",
            () ->
                client.putObject(
                    request -> request.bucket(config.bucket()).key(key).contentType(mediaType),
                    RequestBody.fromBytes(bytes)));
  }

  /**
   * Writes a small object where there is none.
   *
   * @return false when there is one, which may be this one: an answer can be lost on its way
   */
  public boolean putNew(String key, String mediaType, byte[] bytes) {
    return call(
        "put",
        () -> {
          try {
            var unused =
                client.putObject(
                    request ->
                        request
                            .bucket(config.bucket())
                            .key(key)
                            .contentType(mediaType)
                            .ifNoneMatch("*"),
                    RequestBody.fromBytes(bytes));
            return true;
          } catch (S3Exception e) {
            // 409: another is being put at this moment.
            if (e.statusCode() == 412 || e.statusCode() == 409) {
              return false;
            }
            throw e;
          }
        });
  }

  /** Removes an object; none is none. */
  public void remove(String key) {
    var unused =
        find(
            "remove",
            () -> client.deleteObject(request -> request.bucket(config.bucket()).key(key)));
  }

  /** Objects by key, after one. */
  public Listing<Stored> list(String prefix, String after, int limit) {
    return call(
        "list",
        () -> {
          ListObjectsV2Response answer =
              client.listObjectsV2(request ->
                  request
                      .bucket(config.bucket())
                      .prefix(prefix)
                      .startAfter(after.isEmpty() ? null : after)
                      .maxKeys(limit));
          return new Listing<>(
              answer.contents().stream()
                  .map(found -> new Stored(found.key(), found.size(), found.lastModified()))
                  .toList(),
              Boolean.TRUE.equals(answer.isTruncated()));
        });
  }

  /** Uploads under way whose key begins so; at most 1,000. */
  public Listing<OpenUpload> uploads(String prefix) {
    return call(
        "uploads",
        () -> {
          ListMultipartUploadsResponse answer =
              client.listMultipartUploads(
                  request -> request.bucket(config.bucket()).prefix(prefix));
          return new Listing<>(
              answer.uploads().stream()
                  .filter(upload -> upload.key().startsWith(prefix))
                  .map(upload ->
                      new OpenUpload(
                          upload.key(),
                          upload.uploadId(),
                          upload.initiated() == null ? Instant.EPOCH : upload.initiated()))
                  .toList(),
              Boolean.TRUE.equals(answer.isTruncated()));
        });
  }

  /** RFC 6266, section 4.1, with the name in the form of RFC 8187. */
  static String attachment(String fileName) {
    return "attachment; filename*=UTF-8''"
        + URLEncoder.encode(fileName, StandardCharsets.UTF_8)
            .replace("+", "%20")
            .replace("*", "%2A");
  }

  private static String bare(String etag) {
    return etag.replace("\"", "");
  }

  static String code(S3Exception e) {
    return e.awsErrorDetails() == null ? "" : String.valueOf(e.awsErrorDetails().errorCode());
  }

  private <T> Optional<T> find(String operation, Supplier<T> work) {
    return this.<Optional<T>>call(
        operation,
        () -> {
          try {
            return Optional.of(work.get());
          } catch (S3Exception e) {
            if (e.statusCode() == 404 && !code(e).equals("NoSuchBucket")) {
              return Optional.empty();
            }
            throw e;
          }
        });
  }

  private <T extends @Nullable Object> T call(String operation, Supplier<T> work) {
    Timer.Sample sample = Timer.start(metrics);
    String outcome = "failed";
    try {
      T result = work.get();
      outcome = "done";
      return result;
    } catch (SdkException e) {
      throw failures.of(operation, e);
    } finally {
      sample.stop(
          Timer.builder(failures.meter())
              .description("Calls to object storage")
              .tag("operation", operation)
              .tag("outcome", outcome)
              .register(metrics));
    }
  }

  @Override
  public void close() {
    client.close();
    http.close();
  }
}
