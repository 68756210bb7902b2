package org.pilothouse.local.engine;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.pilothouse.local.Complaint;
import org.pilothouse.local.provision.Shell;
import org.pilothouse.local.supervise.Probe;
import org.pilothouse.local.supervise.ProcessPlan;

/** One Kafka node that is broker and controller; topics are made by the platform, never by use. */
public final class KafkaEngine implements Engine {

  private static final String VERSION = "4.3.1";

  @Override
  public String name() {
    return "kafka";
  }

  @Override
  public List<ProcessPlan> prepare(Site site) {
    int port = site.ports().kafka();
    Path data = site.data(name());
    Site.directory(data);
    Path config = site.configDirectory(name());
    Path properties = Site.write(config.resolve("server.properties"), properties(site, data));
    Path logging = Site.write(config.resolve("log4j2.xml"), LOGGING);
    String classPath = site.distribution().classPath(name());
    if (!Files.exists(data.resolve("meta.properties"))) {
      format(site, classPath, properties, logging);
    }
    String heap = site.environment().getOrDefault("PILOTHOUSE_KAFKA_HEAP", "768m");
    Probe probe = new Probe.Kafka(port);
    return List.of(
        new ProcessPlan(
            name(),
            VERSION,
            port,
            List.of(
                site.java(),
                "-Xms256m",
                "-Xmx" + heap,
                "-XX:+UseG1GC",
                "-XX:MaxGCPauseMillis=20",
                "-XX:+ExitOnOutOfMemoryError",
                "-Djava.awt.headless=true",
                "-Dlog4j2.configurationFile=" + logging,
                "-cp",
                classPath,
                "kafka.Kafka",
                properties.toString()),
            Map.of(),
            data,
            site.home().log(name()),
            List.of(),
            probe,
            probe,
            300,
            "TERM",
            30));
  }

  private void format(Site site, String classPath, Path properties, Path logging) {
    Shell.Finished formatted =
        Shell.run(
            List.of(
                site.java(),
                "-XX:TieredStopAtLevel=1",
                "-Dlog4j2.configurationFile=" + logging,
                "-cp",
                classPath,
                "kafka.tools.StorageTool",
                "format",
                "--cluster-id=" + site.secrets().kafkaClusterId(),
                "--config",
                properties.toString(),
                "--ignore-formatted"),
            Duration.ofMinutes(1));
    if (!formatted.succeeded()) {
      throw Complaint.of(
          "Kafka's storage could not be formatted: " + formatted.output(),
          "`./pilothouse reset` starts over with empty data");
    }
  }

  private static String properties(Site site, Path data) {
    int port = site.ports().kafka();
    int controller = site.ports().kafkaController();
    return """
    process.roles=broker,controller
    node.id=1
    controller.quorum.voters=1@127.0.0.1:%d
    listeners=PLAINTEXT://127.0.0.1:%d,CONTROLLER://127.0.0.1:%d
    advertised.listeners=PLAINTEXT://127.0.0.1:%d
    controller.listener.names=CONTROLLER
    inter.broker.listener.name=PLAINTEXT
    listener.security.protocol.map=PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT
    log.dirs=%s
    auto.create.topics.enable=false
    delete.topic.enable=true
    num.partitions=3
    num.network.threads=2
    num.io.threads=4
    num.recovery.threads.per.data.dir=2
    message.max.bytes=1048588
    log.segment.bytes=134217728
    log.cleaner.dedupe.buffer.size=33554432
    group.initial.rebalance.delay.ms=0
    offsets.topic.replication.factor=1
    offsets.topic.num.partitions=10
    transaction.state.log.replication.factor=1
    transaction.state.log.min.isr=1
    transaction.state.log.num.partitions=10
    share.coordinator.state.topic.replication.factor=1
    share.coordinator.state.topic.min.isr=1
    """
        .formatted(controller, port, controller, port, data);
  }

  private static final String LOGGING =
      """
      <Configuration status="ERROR">
        <Appenders>
          <Console name="out"><PatternLayout pattern="%d{ISO8601} %-5p %c{1} %m%n"/></Console>
        </Appenders>
        <Loggers>
          <Logger name="org.apache.kafka.clients" level="WARN"/>
          <Logger name="org.apache.kafka.common.config" level="WARN"/>
          <Logger name="kafka.server.KafkaConfig" level="WARN"/>
          <Root level="INFO"><AppenderRef ref="out"/></Root>
        </Loggers>
      </Configuration>
      """;
}
