package org.pilothouse.webapp.it;

import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;

/**
 * HTTP/1.1 as bytes, so that a test can say what no client library would let it say. One request a
 * connection; nothing waits longer than the patience.
 */
final class RawHttp {
  private static final int MOST_BODY = 4 * 1024 * 1024;

  private final InetSocketAddress server;
  private final InetAddress from;
  private final Duration patience;

  RawHttp(String url, String from, Duration patience) {
    try {
      URI uri = URI.create(url);
      this.server = new InetSocketAddress(uri.getHost(), uri.getPort());
      this.from = InetAddress.getByName(from);
      this.patience = patience;
    } catch (IOException e) {
      throw new IllegalArgumentException(e);
    }
  }

  /** Writes what is to be sent; may take its time. */
  interface Sender {
    void send(OutputStream out) throws IOException, InterruptedException;
  }

  Answer send(String method, String target, Map<String, String> headers, byte[] body)
      throws IOException {
    Map<String, String> all = new TreeMap<>(headers);
    all.putIfAbsent("Content-Length", Integer.toString(body.length));
    byte[] head = head(method, target, all);
    return exchange(out -> {
      out.write(head);
      out.flush();
      out.write(body);
      out.flush();
    });
  }

  byte[] head(String method, String target, Map<String, String> headers) {
    StringBuilder text = new StringBuilder();
    text.append(method).append(' ').append(target).append(" HTTP/1.1\r\n");
    text.append("Host: 127.0.0.1:").append(server.getPort()).append("\r\nConnection: close\r\n");
    headers.forEach((name, value) -> text.append(name).append(": ").append(value).append("\r\n"));
    return text.append("\r\n").toString().getBytes(StandardCharsets.UTF_8);
  }

  /**
   * Sends and reads the answer. A server that answers early and closes is heard even when the rest
   * of the request could not be written any more.
   *
   * @throws IOException when there is no answer within the patience
   */
  Answer exchange(Sender sender) throws IOException {
    try (Socket socket = new Socket()) {
      socket.bind(new InetSocketAddress(from, 0));
      socket.setSoTimeout((int) patience.toMillis());
      socket.connect(server, (int) patience.toMillis());
      try {
        sender.send(socket.getOutputStream());
      } catch (SocketException e) {
        // Refused in the middle: the answer says why.
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        throw new IOException(e);
      }
      return read(new BufferedInputStream(socket.getInputStream()));
    }
  }

  private static Answer read(InputStream in) throws IOException {
    String statusLine = line(in);
    String[] words = statusLine.split(" ", 3);
    if (words.length < 2 || !words[0].startsWith("HTTP/1.")) {
      throw new IOException("no HTTP answer but '" + statusLine + "'");
    }
    int status = Integer.parseInt(words[1]);
    Map<String, List<String>> headers = new TreeMap<>();
    for (String line = line(in); !line.isEmpty(); line = line(in)) {
      int colon = line.indexOf(':');
      headers
          .computeIfAbsent(
              line.substring(0, colon).toLowerCase(Locale.ROOT), name -> new ArrayList<>())
          .add(line.substring(colon + 1).strip());
    }
    if (status == 100) {
      return read(in);
    }
    return new Answer(status, headers, body(in, status, headers));
  }

  private static byte[] body(InputStream in, int status, Map<String, List<String>> headers)
      throws IOException {
    if (status == 204 || status == 304 || first(headers, "content-type").contains("event-stream")) {
      return new byte[0];
    }
    if (first(headers, "transfer-encoding").contains("chunked")) {
      ByteArrayOutputStream whole = new ByteArrayOutputStream();
      for (int size = chunk(in); size > 0; size = chunk(in)) {
        whole.write(in.readNBytes(bounded(whole.size() + size) - whole.size()));
        line(in);
      }
      return whole.toByteArray();
    }
    String length = first(headers, "content-length");
    return length.isEmpty()
        ? in.readNBytes(MOST_BODY)
        : in.readNBytes(bounded(Integer.parseInt(length)));
  }

  private static int chunk(InputStream in) throws IOException {
    return Integer.parseInt(line(in).split(";")[0].strip(), 16);
  }

  private static int bounded(int size) throws IOException {
    if (size > MOST_BODY) {
      throw new IOException("an answer of " + size + " bytes");
    }
    return size;
  }

  private static String first(Map<String, List<String>> headers, String name) {
    return headers.getOrDefault(name, List.of("")).getFirst();
  }

  private static String line(InputStream in) throws IOException {
    StringBuilder line = new StringBuilder();
    for (int c = in.read(); c != '\n'; c = in.read()) {
      if (c < 0) {
        throw new IOException("the server closed the connection without an answer");
      }
      if (c != '\r') {
        line.append((char) c);
      }
      if (line.length() > 65536) {
        throw new IOException("an endless header line");
      }
    }
    return line.toString();
  }
}
