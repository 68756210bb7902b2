package org.pilothouse.local.supervise;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;

/** The launcher's side of {@link ControlServer}. */
public record ControlClient(ControlPoint point) {

  private static final int TIMEOUT_MILLIS = 3000;

  /** Returns whether the supervisor took the request. */
  public boolean send(ControlRequest request) {
    try (Socket socket = new Socket()) {
      socket.connect(
          new InetSocketAddress(InetAddress.getLoopbackAddress(), point.port()), TIMEOUT_MILLIS);
      socket.setSoTimeout(TIMEOUT_MILLIS);
      String line = point.token() + " " + request.word() + "\n";
      socket.getOutputStream().write(line.getBytes(StandardCharsets.UTF_8));
      socket.getOutputStream().flush();
      var in =
          new BufferedReader(
              new InputStreamReader(socket.getInputStream(), StandardCharsets.UTF_8));
      return "ok".equals(in.readLine());
    } catch (IOException e) {
      return false;
    }
  }
}
