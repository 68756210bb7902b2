package org.pilothouse.benchmarks;

import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.StandardSocketOptions;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.Locale;

/**
 * One kept-alive HTTP/1.1 connection that posts bodies of bytes and gets answers. It does just
 * enough of RFC 9112 to read the platform's answers: a general client would cost more than what it
 * measures.
 */
final class HttpConnection implements AutoCloseable {
  private static final int MOST_ANSWER = 1 << 20;

  /** An answer; {@code retryAfterSeconds} is 0 when there is none. */
  record Answer(int status, String body, int retryAfterSeconds) {}

  private final String authority;
  private final Socket socket;
  private final InputStream in;
  private final OutputStream out;
  private boolean closing;

  HttpConnection(URI base, int timeoutMillis) throws IOException {
    authority = base.getAuthority();
    socket = new Socket();
    try {
      socket.setTcpNoDelay(true);
      socket.setOption(StandardSocketOptions.SO_SNDBUF, 1 << 18);
      socket.connect(new InetSocketAddress(base.getHost(), base.getPort()), timeoutMillis);
      socket.setSoTimeout(timeoutMillis);
      in = new BufferedInputStream(socket.getInputStream(), 1 << 13);
      out = socket.getOutputStream();
    } catch (IOException e) {
      socket.close();
      throw e;
    }
  }

  static byte[] head(URI base, String path, String token, int length) {
    return head(base, path, token, "application/x-ndjson", length);
  }

  static byte[] head(URI base, String path, String token, String type, int length) {
    return ("POST "
            + path
            + " HTTP/1.1\r\nHost: "
            + base.getAuthority()
            + "\r\nAuthorization: Bearer "
            + token
            + "\r\nContent-Type: "
            + type
            + "\r\nContent-Length: "
            + length
            + "\r\n\r\n")
        .getBytes(StandardCharsets.US_ASCII);
  }

  Answer get(String path, String token) throws IOException {
    out.write(
        ("GET "
                + path
                + " HTTP/1.1\r\nHost: "
                + authority
                + "\r\nAuthorization: Bearer "
                + token
                + "\r\nAccept: application/json\r\n\r\n")
            .getBytes(StandardCharsets.US_ASCII));
    out.flush();
    return answer();
  }

  Answer post(byte[] head, byte[] body, int length) throws IOException {
    out.write(head);
    out.write(body, 0, length);
    out.flush();
    return answer();
  }

  boolean isClosing() {
    return closing;
  }

  private Answer answer() throws IOException {
    String status = line();
    if (!status.startsWith("HTTP/1.1 ")) {
      throw new IOException("not an answer: " + status);
    }
    int length = -1;
    boolean chunked = false;
    int retryAfter = 0;
    for (String line = line(); !line.isEmpty(); line = line()) {
      String lower = line.toLowerCase(Locale.ROOT);
      if (lower.startsWith("content-length:")) {
        length = Integer.parseInt(line.substring(15).strip());
      } else if (lower.startsWith("transfer-encoding:") && lower.contains("chunked")) {
        chunked = true;
      } else if (lower.startsWith("retry-after:")) {
        retryAfter = Integer.parseInt(line.substring(12).strip());
      } else if (lower.startsWith("connection:") && lower.contains("close")) {
        closing = true;
      }
    }
    ByteArrayOutputStream body = new ByteArrayOutputStream();
    if (chunked) {
      for (int size = chunk(); size > 0; size = chunk()) {
        take(body, size);
        line();
      }
      line();
    } else if (length >= 0) {
      take(body, length);
    } else {
      closing = true;
      take(body, -1);
    }
    return new Answer(
        Integer.parseInt(status.substring(9, 12)),
        body.toString(StandardCharsets.UTF_8),
        retryAfter);
  }

  private int chunk() throws IOException {
    String line = line();
    int end = line.indexOf(';');
    return Integer.parseInt((end < 0 ? line : line.substring(0, end)).strip(), 16);
  }

  private void take(ByteArrayOutputStream body, int size) throws IOException {
    byte[] bytes =
        size < 0 ? in.readNBytes(MOST_ANSWER) : in.readNBytes(Math.min(size, MOST_ANSWER));
    if (size >= 0 && bytes.length < size) {
      throw new EOFException("the answer broke off");
    }
    body.writeBytes(bytes);
  }

  private String line() throws IOException {
    StringBuilder line = new StringBuilder(64);
    for (int c = in.read(); c != '\n'; c = in.read()) {
      if (c < 0) {
        throw new EOFException("the connection was closed");
      }
      if (line.length() > 16_384) {
        throw new IOException("a header line is too long");
      }
      line.append((char) c);
    }
    int end = line.length();
    return end > 0 && line.charAt(end - 1) == '\r' ? line.substring(0, end - 1) : line.toString();
  }

  @Override
  public void close() {
    try {
      socket.close();
    } catch (IOException e) {
      // It is gone either way.
    }
  }
}
