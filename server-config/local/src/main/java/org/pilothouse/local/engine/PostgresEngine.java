package org.pilothouse.local.engine;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.pilothouse.local.Complaint;
import org.pilothouse.local.home.Endpoints;
import org.pilothouse.local.provision.Shell;
import org.pilothouse.local.provision.Trees;
import org.pilothouse.local.provision.Unprivileged;
import org.pilothouse.local.supervise.Probe;
import org.pilothouse.local.supervise.ProcessPlan;

/**
 * PostgreSQL with three roles: a superuser that only the launcher knows, an owner that makes the
 * tables (and databases, for the integration tests), and the one the platform works as, which
 * neither owns a table nor bypasses row security.
 */
public final class PostgresEngine implements Engine {

  private static final String VERSION = "18.6";

  /** What the data directory was prepared with; data of an earlier launcher is brought up to it. */
  private static final String ROLES = "roles 2\n";

  private static final String SUPERUSER = "postgres";
  private static final Duration BOUND = Duration.ofMinutes(2);
  private static final Map<String, String> PLAIN = Map.of("LC_ALL", "C", "TZ", "UTC");

  @Override
  public String name() {
    return "postgres";
  }

  @Override
  public List<ProcessPlan> prepare(Site site) {
    Path programs = site.distribution().postgres().resolve("bin");
    Path data = site.home().data(name());
    Path ready = site.home().data().resolve("postgres.ready");
    if (!Files.exists(ready)) {
      Trees.delete(data);
      initialise(site, programs, data);
    } else if (!Site.read(ready).equals(ROLES)) {
      single(site, programs, data, "ALTER ROLE %s CREATEDB\n".formatted(Endpoints.OWNER_ROLE));
    }
    Site.write(ready, ROLES);
    site.unprivileged().give(data);
    int port = site.ports().postgres();
    Probe probe = new Probe.Postgres(port, Endpoints.APP_ROLE, Endpoints.DATABASE);
    List<String> command =
        site.unprivileged()
            .wrap(
                List.of(
                    programs.resolve("postgres").toString(),
                    "-D",
                    data.toString(),
                    "-c",
                    "listen_addresses=127.0.0.1",
                    "-c",
                    "port=" + port,
                    "-c",
                    "unix_socket_directories=",
                    "-c",
                    "wal_level=logical",
                    "-c",
                    "max_connections=200",
                    "-c",
                    "shared_buffers=256MB",
                    "-c",
                    "max_wal_size=2GB",
                    "-c",
                    "log_line_prefix=%m [%p] %u "));
    return List.of(
        new ProcessPlan(
            name(),
            VERSION,
            port,
            command,
            PLAIN,
            data,
            site.home().log(name()),
            List.of(),
            probe,
            probe,
            300,
            "INT",
            30));
  }

  private void initialise(Site site, Path programs, Path data) {
    Unprivileged user = site.unprivileged();
    Site.directory(data);
    Path password = site.configDirectory(name()).resolve("initial");
    try {
      Files.deleteIfExists(password);
      Files.createFile(
          password,
          PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
      Files.writeString(password, site.secrets().postgresSuperuser());
      user.give(data);
      user.give(password);
      demand(
          Shell.run(
              user.wrap(
                  List.of(
                      programs.resolve("initdb").toString(),
                      "--pgdata=" + data,
                      "--username=" + SUPERUSER,
                      "--auth=scram-sha-256",
                      "--pwfile=" + password,
                      "--encoding=UTF8",
                      "--locale-provider=builtin",
                      "--builtin-locale=C.UTF-8",
                      "--locale=C",
                      "--no-instructions")),
              PLAIN,
              "",
              BOUND));
      Files.deleteIfExists(password);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    String owner = Endpoints.OWNER_ROLE;
    String app = Endpoints.APP_ROLE;
    String database = Endpoints.DATABASE;
    String role = "CREATE ROLE %s LOGIN NOSUPERUSER NOBYPASSRLS %s NOCREATEROLE PASSWORD '%s'\n";
    single(
        site,
        programs,
        data,
        // Integration tests make databases of their own with it.
        role.formatted(owner, "CREATEDB", site.secrets().postgresOwner())
            + role.formatted(app, "NOCREATEDB", site.secrets().postgresApp())
            + "CREATE DATABASE %s OWNER %s\n".formatted(database, owner)
            + "REVOKE ALL ON DATABASE %s FROM PUBLIC\n".formatted(database)
            + "GRANT CONNECT, TEMPORARY ON DATABASE %s TO %s\n".formatted(database, app));
  }

  /** One statement a line, run by the server itself before it has ever opened a port. */
  private static void single(Site site, Path programs, Path data, String statements) {
    Shell.Finished done =
        Shell.run(
            site.unprivileged()
                .wrap(
                    List.of(
                        programs.resolve("postgres").toString(),
                        "--single",
                        "-D",
                        data.toString(),
                        "postgres")),
            PLAIN,
            statements,
            BOUND);
    demand(done);
    if (done.output().contains("ERROR:")) {
      throw Complaint.of(
          "PostgreSQL's roles could not be made: " + lastLine(done.output()),
          "`./pilothouse reset` starts over with empty data");
    }
  }

  private static void demand(Shell.Finished done) {
    if (!done.succeeded()) {
      throw Complaint.of(
          "PostgreSQL's data directory could not be made: " + lastLine(done.output()),
          "check free space and permissions, then `./pilothouse reset`");
    }
  }

  private static String lastLine(String text) {
    return text.lines().filter(line -> line.contains("rror")).findFirst().orElse(text);
  }
}
