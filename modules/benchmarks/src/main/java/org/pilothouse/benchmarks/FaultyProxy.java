package org.pilothouse.benchmarks;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicLong;

/** Carries TCP connections to a server and breaks them, with a reset, at random moments. */
final class FaultyProxy implements AutoCloseable {
  private final URI target;
  private final ServerSocket server;
  private final ConcurrentLinkedQueue<Socket[]> open = new ConcurrentLinkedQueue<>();
  private final AtomicLong resets = new AtomicLong();

  FaultyProxy(URI target) throws IOException {
    this.target = target;
    this.server = new ServerSocket(0, 64, InetAddress.getLoopbackAddress());
    Thread.ofPlatform().daemon().name("proxy").start(this::accept);
  }

  URI uri() {
    return URI.create(target.getScheme() + "://127.0.0.1:" + server.getLocalPort());
  }

  long resets() {
    return resets.get();
  }

  private void accept() {
    while (!server.isClosed()) {
      try {
        connect(server.accept());
      } catch (IOException e) {
        // Closed, or this one is gone already.
      }
    }
  }

  private void connect(Socket client) throws IOException {
    Socket other = new Socket();
    Socket[] pair = {client, other};
    try {
      other.connect(new InetSocketAddress(target.getHost(), target.getPort()), 5_000);
      client.setTcpNoDelay(true);
      other.setTcpNoDelay(true);
    } catch (IOException e) {
      // The client sees a closed connection and tries again.
      reset(pair);
      return;
    }
    open.add(pair);
    Thread.ofPlatform().daemon().start(() -> carry(client, other, pair));
    Thread.ofPlatform().daemon().start(() -> carry(other, client, pair));
  }

  private void carry(Socket from, Socket to, Socket[] pair) {
    byte[] buffer = new byte[16 * 1024];
    try {
      InputStream in = from.getInputStream();
      OutputStream out = to.getOutputStream();
      for (int count = in.read(buffer); count >= 0; count = in.read(buffer)) {
        out.write(buffer, 0, count);
        out.flush();
      }
    } catch (IOException e) {
      // Broken by us or by either side: all that is left is to close.
    }
    reset(pair);
  }

  /** Resets a random share of the open connections. */
  void disturb(Random random, double share) {
    List<Socket[]> pairs = new ArrayList<>(open);
    for (Socket[] pair : pairs) {
      if (random.nextDouble() < share) {
        resets.incrementAndGet();
        reset(pair);
      }
    }
  }

  private void reset(Socket[] pair) {
    open.remove(pair);
    for (Socket socket : pair) {
      try {
        socket.setSoLinger(true, 0);
        socket.close();
      } catch (IOException e) {
        // It is closed already.
      }
    }
  }

  @Override
  public void close() throws IOException {
    server.close();
    open.forEach(this::reset);
  }
}
