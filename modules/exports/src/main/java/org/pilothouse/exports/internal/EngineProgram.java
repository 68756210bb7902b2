package org.pilothouse.exports.internal;

import com.github.rzymek.opczip.OpcOutputStream;
import java.io.File;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.net.URISyntaxException;
import java.net.URL;
import java.net.URLConnection;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.security.CodeSource;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import org.dhatim.fastexcel.Workbook;
import org.duckdb.DuckDBDriver;
import org.pilothouse.exports.internal.engine.QueryProcess;

/**
 * Where the classes of the program are that runs queries. Its class path is made of where this
 * class loader found them; what lies in no file of its own is copied out once.
 */
final class EngineProgram {
  private static final List<Class<?>> PARTS =
      List.of(QueryProcess.class, DuckDBDriver.class, Workbook.class, OpcOutputStream.class);

  private EngineProgram() {}

  /** The beginning of the command that runs it. */
  static List<String> command(Path directory, int heapMib, Path temporary) {
    Set<String> classes = new LinkedHashSet<>();
    for (Class<?> part : PARTS) {
      classes.add(place(part, directory).toString());
    }
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.add("-Xmx" + heapMib + "m");
    command.add("-Xss512k");
    command.add("-XX:+UseSerialGC");
    command.add("-XX:TieredStopAtLevel=1");
    command.add("-XX:+ExitOnOutOfMemoryError");
    command.add("-XX:-UsePerfData");
    command.add("-XX:ErrorFile=" + temporary.resolve("crash.log"));
    command.add("-Djava.io.tmpdir=" + temporary);
    command.add("-Duser.timezone=UTC");
    command.add("-Dfile.encoding=UTF-8");
    if (Runtime.version().feature() >= 24) {
      command.add("--enable-native-access=ALL-UNNAMED");
    }
    command.add("-cp");
    command.add(String.join(File.pathSeparator, classes));
    command.add(QueryProcess.class.getName());
    return command;
  }

  private static Path place(Class<?> part, Path directory) {
    CodeSource source = part.getProtectionDomain().getCodeSource();
    if (source == null || source.getLocation() == null) {
      throw new IllegalStateException("nobody knows where " + part.getName() + " came from");
    }
    URL location = source.getLocation();
    try {
      if (location.getProtocol().equals("file")) {
        Path path = Path.of(location.toURI());
        if (Files.exists(path)) {
          return path;
        }
      }
      return copied(location, directory);
    } catch (URISyntaxException | IOException e) {
      throw new IllegalStateException("the classes at " + location + " cannot be read", e);
    }
  }

  /** Servers name a jar that they hold in one of their own ways, which all lead to its bytes. */
  private static Path copied(URL location, Path directory) throws IOException {
    String name = location.getPath().replaceFirst("!/$", "").replaceFirst("^.*/", "");
    Path copy = directory.resolve("classes").resolve(name);
    if (Files.exists(copy)) {
      return copy;
    }
    Files.createDirectories(copy.getParent());
    Path being = Files.createTempFile(copy.getParent(), name, ".part");
    URL jar = inner(location);
    URLConnection connection = jar.openConnection();
    connection.setUseCaches(false);
    try (InputStream in = connection.getInputStream()) {
      Files.copy(in, being, StandardCopyOption.REPLACE_EXISTING);
    }
    Files.move(being, copy, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    return copy;
  }

  /** {@code wsjar:file:/a/b.jar!/} is the file itself. */
  private static URL inner(URL location) throws IOException {
    String text = location.toString();
    int file = text.indexOf("file:");
    return file > 0 ? URI.create(text.substring(file).replaceFirst("!/.*$", "")).toURL() : location;
  }
}
