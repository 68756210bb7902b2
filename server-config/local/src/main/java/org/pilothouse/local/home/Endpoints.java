package org.pilothouse.local.home;

/** Where everything of one stack listens, for programs that want to talk to a server directly. */
public record Endpoints(
    String http, String kafka, String amqp, String elasticsearch, S3 s3, Jdbc jdbc, String mqtt) {

  public static final String BUCKET = "pilothouse";

  /** What stands for a pilot's own bucket, on the same server. */
  public static final String PILOT_BUCKET = "pilothouse-pilot";

  public static final String REGION = "eu-south-1";
  public static final String RABBIT_USER = "pilothouse";
  public static final String APP_ROLE = "pilothouse_app";
  public static final String OWNER_ROLE = "pilothouse_owner";
  public static final String DATABASE = "pilothouse";
  public static final String MQTT_BRIDGE = "pilothouse-bridge";

  public record S3(
      String endpoint, String region, String accessKey, String secretKey, String bucket) {}

  public record Jdbc(String url, String user, String password) {}

  public static Endpoints of(PortPlan ports, Secrets secrets) {
    return new Endpoints(
        "http://127.0.0.1:" + ports.http(),
        "127.0.0.1:" + ports.kafka(),
        "amqp://" + RABBIT_USER + ":" + secrets.rabbit() + "@127.0.0.1:" + ports.amqp() + "/",
        "http://127.0.0.1:" + ports.elasticsearch(),
        new S3(
            "http://127.0.0.1:" + ports.s3(),
            REGION,
            secrets.s3AccessKey(),
            secrets.s3SecretKey(),
            BUCKET),
        new Jdbc(
            "jdbc:postgresql://127.0.0.1:" + ports.postgres() + "/" + DATABASE,
            APP_ROLE,
            secrets.postgresApp()),
        "tcp://127.0.0.1:" + ports.mqtt());
  }
}
