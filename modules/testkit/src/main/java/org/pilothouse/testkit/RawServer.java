package org.pilothouse.testkit;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;

/**
 * A server that answers HTTP requests without a body in whatever way a test wants, byte by byte.
 */
public final class RawServer implements AutoCloseable {
  private static final int MOST_HEAD = 64 * 1024;

  private final ServerSocket listening;
  private final Answer answer;
  private final List<String> requests = new CopyOnWriteArrayList<>();
  private final List<Socket> open = new CopyOnWriteArrayList<>();

  /** Writes what it likes; the connection is closed when it returns. */
  @FunctionalInterface
  public interface Answer {
    /**
     * @param request the first line
     */
    void to(String request, OutputStream out) throws IOException, InterruptedException;
  }

  public RawServer(Answer answer) {
    this.answer = answer;
    try {
      this.listening = new ServerSocket(0, 16, InetAddress.getLoopbackAddress());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    Thread.ofVirtual().name("raw-server").start(this::accept);
  }

  /** {@code 127.0.0.1:port}. */
  public String place() {
    return "127.0.0.1:" + listening.getLocalPort();
  }

  public int port() {
    return listening.getLocalPort();
  }

  /** The first lines of the requests so far. */
  public List<String> requests() {
    return List.copyOf(requests);
  }

  /** A whole head, and the bytes of a text. */
  public static void send(OutputStream out, String head, String body) throws IOException {
    out.write((head.replace("\n", "\r\n") + "\r\n\r\n" + body).getBytes(StandardCharsets.UTF_8));
    out.flush();
  }

  private void accept() {
    while (!listening.isClosed()) {
      try {
        Socket socket = listening.accept();
        open.add(socket);
        Thread.ofVirtual().name("raw-server-connection").start(() -> serve(socket));
      } catch (IOException e) {
        return;
      }
    }
  }

  private void serve(Socket socket) {
    try (socket) {
      String head = head(socket.getInputStream());
      requests.add(head.lines().findFirst().orElse(""));
      answer.to(requests.getLast(), socket.getOutputStream());
    } catch (IOException e) {
      // The other side has gone, which it may.
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private static String head(InputStream in) throws IOException {
    StringBuilder head = new StringBuilder();
    while (head.length() < MOST_HEAD && head.indexOf("\r\n\r\n") < 0) {
      int read = in.read();
      if (read < 0) {
        break;
      }
      head.append((char) read);
    }
    return head.toString();
  }

  @Override
  public void close() {
    try {
      listening.close();
      for (Socket socket : open) {
        socket.close();
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
