package org.pilothouse.local.engine;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.pilothouse.local.home.Endpoints;
import org.pilothouse.local.provision.Shell;
import org.pilothouse.local.supervise.Probe;
import org.pilothouse.local.supervise.ProcessPlan;

/**
 * RabbitMQ from Debian's package, run directly rather than by the package's own service, with an
 * Erlang port mapper of its own: the shared one would listen on every interface and outlive us.
 */
public final class RabbitEngine implements Engine {

  private static final Path PROGRAM = Path.of("/usr/lib/rabbitmq/bin/rabbitmq-server");
  private static final Path PORT_MAPPER = Path.of("/usr/bin/epmd");

  @Override
  public String name() {
    return "rabbitmq";
  }

  @Override
  public List<String> processes() {
    return List.of("epmd", name());
  }

  @Override
  public List<ProcessPlan> prepare(Site site) {
    site.packages().require(PROGRAM, "rabbitmq-server");
    Path data = Site.directory(site.data(name()));
    Path config = site.configDirectory(name());
    Path settings = Site.write(config.resolve("rabbitmq.conf"), settings(site));
    Path plugins = Site.write(config.resolve("enabled_plugins"), "[].\n");
    Path shellSettings = Site.write(config.resolve("rabbitmq-env.conf"), "");
    cookie(data.resolve(".erlang.cookie"), site.secrets().erlangCookie());
    site.unprivileged().give(data);
    site.unprivileged().give(config);
    int port = site.ports().amqp();
    String namesPort = Integer.toString(site.ports().erlangNames());
    Map<String, String> names =
        Map.of(
            "ERL_EPMD_PORT", namesPort, "ERL_EPMD_ADDRESS", "127.0.0.1", "HOME", data.toString());
    Map<String, String> environment = new HashMap<>(names);
    environment.put("RABBITMQ_NODENAME", "pilothouse@localhost");
    environment.put("RABBITMQ_DIST_PORT", Integer.toString(site.ports().amqpDistribution()));
    environment.put("RABBITMQ_CONFIG_FILE", settings.toString());
    environment.put("RABBITMQ_ENABLED_PLUGINS_FILE", plugins.toString());
    environment.put("RABBITMQ_CONF_ENV_FILE", shellSettings.toString());
    environment.put("RABBITMQ_MNESIA_BASE", data.resolve("mnesia").toString());
    environment.put("RABBITMQ_GENERATED_CONFIG_DIR", data.resolve("generated").toString());
    environment.put("RABBITMQ_LOG_BASE", data.resolve("log").toString());
    environment.put("RABBITMQ_PID_FILE", data.resolve("rabbit.pid").toString());
    environment.put("RABBITMQ_LOGS", "-");
    environment.put(
        "RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS",
        "-kernel inet_dist_use_interface {127,0,0,1} +sbwt none");
    environment.put("LC_ALL", "C.UTF-8");
    // Makes the start script replace itself by the Erlang machine instead of waiting beside it.
    environment.put("detached", "true");
    Probe mapper = new Probe.ErlangNames(site.ports().erlangNames());
    Probe broker = new Probe.Amqp(port);
    String version = version();
    return List.of(
        new ProcessPlan(
            "epmd",
            version,
            site.ports().erlangNames(),
            site.unprivileged()
                .wrap(List.of(PORT_MAPPER.toString(), "-port", namesPort, "-address", "127.0.0.1")),
            names,
            data,
            site.home().log("epmd"),
            List.of(),
            mapper,
            mapper,
            120,
            "TERM",
            5),
        new ProcessPlan(
            name(),
            version,
            port,
            site.unprivileged().wrap(List.of(PROGRAM.toString())),
            environment,
            data,
            site.home().log(name()),
            List.of("epmd"),
            broker,
            broker,
            300,
            "TERM",
            40));
  }

  private static String settings(Site site) {
    return """
    listeners.tcp.1 = 127.0.0.1:%d
    default_user = %s
    default_pass = %s
    default_user_tags.administrator = true
    log.console = true
    log.console.level = info
    log.file = false
    log.connection.level = error
    vm_memory_high_watermark.absolute = 1GB
    disk_free_limit.absolute = 200MB
    """
        .formatted(site.ports().amqp(), Endpoints.RABBIT_USER, site.secrets().rabbit());
  }

  private static void cookie(Path file, String secret) {
    try {
      if (!Files.exists(file)) {
        Files.writeString(file, secret);
        Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("r--------"));
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static String version() {
    Shell.Finished asked =
        Shell.run(
            List.of("dpkg-query", "-W", "-f", "${Version}", "rabbitmq-server"),
            Duration.ofSeconds(5));
    return asked.succeeded() ? asked.output().replaceAll("-.*", "") : "unknown";
  }
}
