package org.pilothouse.local.supervise;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.StringReader;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.Optional;
import java.util.function.Consumer;

/** Takes one line a connection, "token request", and answers "ok" before it acts. */
final class ControlServer implements AutoCloseable {

  private static final int LONGEST_LINE = 256;
  private static final int TIMEOUT_MILLIS = 3000;

  private final ServerSocket server;
  private final byte[] token;
  private final Consumer<ControlRequest> requests;

  ControlServer(int port, String token, Consumer<ControlRequest> requests) throws IOException {
    this.server = new ServerSocket(port, 8, InetAddress.getLoopbackAddress());
    this.token = token.getBytes(StandardCharsets.UTF_8);
    this.requests = requests;
  }

  void serve() {
    while (!server.isClosed()) {
      try (Socket socket = server.accept()) {
        socket.setSoTimeout(TIMEOUT_MILLIS);
        Optional<ControlRequest> request = read(socket);
        socket
            .getOutputStream()
            .write((request.isPresent() ? "ok\n" : "refused\n").getBytes(StandardCharsets.UTF_8));
        socket.getOutputStream().flush();
        request.ifPresent(requests);
      } catch (IOException e) {
        if (!server.isClosed()) {
          System.getLogger(ControlServer.class.getName())
              .log(System.Logger.Level.DEBUG, "control connection failed", e);
        }
      }
    }
  }

  private Optional<ControlRequest> read(Socket socket) throws IOException {
    char[] buffer = new char[LONGEST_LINE];
    int length = 0;
    var in = new InputStreamReader(socket.getInputStream(), StandardCharsets.UTF_8);
    while (length < LONGEST_LINE) {
      int read = in.read();
      if (read < 0 || read == '\n') {
        break;
      }
      buffer[length++] = (char) read;
    }
    String line =
        new BufferedReader(new StringReader(new String(buffer, 0, length)))
            .lines()
            .findFirst()
            .orElse("");
    int space = line.indexOf(' ');
    if (space < 0) {
      return Optional.empty();
    }
    byte[] offered = line.substring(0, space).getBytes(StandardCharsets.UTF_8);
    return MessageDigest.isEqual(offered, token)
        ? ControlRequest.of(line.substring(space + 1).trim())
        : Optional.empty();
  }

  @Override
  public void close() throws IOException {
    server.close();
  }
}
