package org.pilothouse.local.engine;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.pilothouse.local.supervise.Probe;
import org.pilothouse.local.supervise.ProcessPlan;

/** One Elasticsearch node, without security because only loopback reaches it. */
public final class ElasticsearchEngine implements Engine {

  private static final String VERSION = "8.19.21";

  @Override
  public String name() {
    return "elasticsearch";
  }

  @Override
  public List<ProcessPlan> prepare(Site site) {
    Path programs = site.distribution().elasticsearch();
    Path data = Site.directory(site.data(name()));
    Path config = site.configDirectory(name());
    Path temporary = Site.directory(site.home().run().resolve("elasticsearch-tmp"));
    Site.write(config.resolve("elasticsearch.yml"), settings(site, data));
    Site.write(config.resolve("log4j2.properties"), LOGGING);
    Site.write(config.resolve("jvm.options"), virtualMachineOptions(programs));
    site.unprivileged().give(data);
    site.unprivileged().give(config);
    site.unprivileged().give(temporary);
    int port = site.ports().elasticsearch();
    Probe probe = new Probe.Http(port, "/_cluster/health?timeout=2s", false);
    return List.of(
        new ProcessPlan(
            name(),
            VERSION,
            port,
            site.unprivileged().wrap(List.of(programs.resolve("bin/elasticsearch").toString())),
            Map.of(
                "ES_PATH_CONF",
                config.toString(),
                "ES_JAVA_HOME",
                site.javaHome().toString(),
                "ES_TMPDIR",
                temporary.toString(),
                "ES_JAVA_OPTS",
                "",
                "CLI_JAVA_OPTS",
                "-Xmx48m -XX:+UseSerialGC -XX:TieredStopAtLevel=1",
                "HOME",
                temporary.toString()),
            data,
            site.home().log(name()),
            List.of(),
            probe,
            probe,
            300,
            "TERM",
            30));
  }

  private static String settings(Site site, Path data) {
    return """
    cluster.name: pilothouse
    node.name: pilothouse
    discovery.type: single-node
    network.host: 127.0.0.1
    http.port: %d
    transport.port: %d
    path.data: "%s"
    path.logs: "%s"
    xpack.security.enabled: false
    cluster.routing.allocation.disk.threshold_enabled: false
    action.destructive_requires_name: true
    """
        .formatted(
            site.ports().elasticsearch(),
            site.ports().elasticsearchTransport(),
            data.resolve("nodes"),
            data.resolve("logs"));
  }

  /** The distribution's own options, but a fixed heap and no garbage collection log. */
  private static String virtualMachineOptions(Path programs) {
    try {
      String kept =
          Files.readAllLines(programs.resolve("config/jvm.options")).stream()
              .filter(line -> !line.isBlank() && !line.startsWith("#"))
              .filter(line -> !line.contains("-Xlog:gc") && !line.contains("ErrorFile"))
              .collect(Collectors.joining("\n", "", "\n"));
      return kept + "-Xms512m\n-Xmx512m\n";
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static final String LOGGING =
      """
      status = error
      appender.console.type = Console
      appender.console.name = console
      appender.console.layout.type = PatternLayout
      appender.console.layout.pattern = %d{ISO8601} %-5p %c{1.} %m%n
      rootLogger.level = info
      rootLogger.appenderRef.console.ref = console
      """;
}
