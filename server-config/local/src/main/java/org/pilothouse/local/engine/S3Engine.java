package org.pilothouse.local.engine;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.pilothouse.local.home.Endpoints;
import org.pilothouse.local.supervise.Probe;
import org.pilothouse.local.supervise.ProcessPlan;

/** An S3 server over a directory; a bucket is a directory in it. */
public final class S3Engine implements Engine {

  private static final String VERSION = "4.1.0";

  @Override
  public String name() {
    return "s3";
  }

  @Override
  public List<ProcessPlan> prepare(Site site) {
    Path data = Site.directory(site.data(name()));
    Site.directory(data.resolve(Endpoints.BUCKET));
    Path config = site.configDirectory(name());
    Path logging = Site.write(config.resolve("logback.xml"), LOGGING);
    Path properties = Site.write(config.resolve("s3proxy.properties"), properties(site, data));
    int port = site.ports().s3();
    Probe probe = new Probe.Http(port, "/", true);
    return List.of(
        new ProcessPlan(
            name(),
            VERSION,
            port,
            List.of(
                site.java(),
                "-Xmx256m",
                "-XX:+ExitOnOutOfMemoryError",
                "-Djava.awt.headless=true",
                "-Dlogback.configurationFile=" + logging,
                "-cp",
                site.distribution().classPath(name()),
                "org.gaul.s3proxy.Main",
                "--properties",
                properties.toString()),
            Map.of(),
            data,
            site.home().log(name()),
            List.of(),
            probe,
            probe,
            300,
            "TERM",
            10));
  }

  private static String properties(Site site, Path data) {
    Endpoints.S3 s3 = site.endpoints().s3();
    String origins = "http://127.0.0.1:%1$d http://localhost:%1$d".formatted(site.ports().http());
    return """
    s3proxy.endpoint=%s
    s3proxy.authorization=aws-v4
    s3proxy.identity=%s
    s3proxy.credential=%s
    s3proxy.cors-allow-origins=%s
    s3proxy.cors-allow-methods=GET HEAD PUT
    s3proxy.cors-allow-headers=Accept Content-Type Content-Length Range
    s3proxy.cors-exposed-headers=ETag
    jclouds.provider=filesystem-nio2
    jclouds.identity=local
    jclouds.credential=local
    jclouds.filesystem.basedir=%s
    """
        .formatted(s3.endpoint(), s3.accessKey(), s3.secretKey(), origins, data);
  }

  private static final String LOGGING =
      """
      <configuration>
        <appender name="out" class="ch.qos.logback.core.ConsoleAppender">
          <encoder><pattern>%d{ISO8601} %-5level %logger{0} %msg%n</pattern></encoder>
        </appender>
        <root level="INFO"><appender-ref ref="out"/></root>
      </configuration>
      """;
}
