package org.pilothouse.platform.mqtt;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/**
 * As much of an MQTT 5 broker as one client needs, which answers as the test says: a real one
 * cannot be told to keep an acknowledgement back.
 */
final class ScriptedBroker implements AutoCloseable {
  /** What is done with a publish. */
  enum Habit {
    ACKNOWLEDGE(0x00),
    NO_SUBSCRIBER(0x10),
    QUOTA_EXCEEDED(0x97),
    SILENT(-1);

    private final int reason;

    Habit(int reason) {
      this.reason = reason;
    }
  }

  private static final int CONNECT = 1;
  private static final int PUBLISH = 3;
  private static final int PUBACK = 4;
  private static final int SUBSCRIBE = 8;
  private static final int PINGREQ = 12;
  private static final int DISCONNECT = 14;

  private final ServerSocket server;
  private volatile Habit habit = Habit.ACKNOWLEDGE;
  private volatile @Nullable Socket connection;
  final List<String> clientIds = new CopyOnWriteArrayList<>();
  final List<String> filters = new CopyOnWriteArrayList<>();
  final List<Integer> acknowledged = new CopyOnWriteArrayList<>();
  final AtomicInteger published = new AtomicInteger();
  private final List<Integer> unanswered = new ArrayList<>();

  ScriptedBroker() throws IOException {
    server = new ServerSocket(0, 8, InetAddress.getLoopbackAddress());
    Thread.ofVirtual().start(this::serve);
  }

  int port() {
    return server.getLocalPort();
  }

  void behave(Habit next) {
    habit = next;
  }

  private void serve() {
    while (!server.isClosed()) {
      try (Socket socket = server.accept()) {
        connection = socket;
        talk(new DataInputStream(socket.getInputStream()), socket.getOutputStream());
      } catch (IOException e) {
        // The client has gone, or the test has cut the connection.
        connection = null;
      }
    }
  }

  private void talk(DataInputStream in, OutputStream out) throws IOException {
    while (true) {
      int first = in.readUnsignedByte();
      byte[] body = in.readNBytes(length(in));
      ByteBuffer packet = ByteBuffer.wrap(body);
      switch (first >> 4) {
        case CONNECT -> {
          packet.position(10);
          properties(packet);
          clientIds.add(text(packet));
          out.write(new byte[] {0x20, 3, (byte) (clientIds.size() > 1 ? 1 : 0), 0, 0});
        }
        case SUBSCRIBE -> {
          int id = packet.getShort() & 0xffff;
          properties(packet);
          filters.add(text(packet));
          out.write(new byte[] {(byte) 0x90, 4, (byte) (id >> 8), (byte) id, 0, 1});
        }
        case PUBLISH -> {
          text(packet);
          int id = packet.getShort() & 0xffff;
          published.incrementAndGet();
          if (habit == Habit.SILENT) {
            synchronized (unanswered) {
              unanswered.add(id);
            }
          } else {
            answer(out, id, habit);
          }
        }
        case PUBACK -> acknowledged.add(packet.getShort() & 0xffff);
        case PINGREQ -> out.write(new byte[] {(byte) 0xd0, 0});
        case DISCONNECT -> throw new IOException("it has left");
        default -> throw new IOException("not understood: " + first);
      }
      out.flush();
    }
  }

  private static void answer(OutputStream out, int id, Habit habit) throws IOException {
    out.write(new byte[] {0x40, 4, (byte) (id >> 8), (byte) id, (byte) habit.reason, 0});
  }

  /** Answers late what was left without an answer. */
  void catchUp() throws IOException {
    Socket socket = connection;
    if (socket == null) {
      throw new IOException("nobody is connected");
    }
    synchronized (unanswered) {
      for (int id : unanswered) {
        answer(socket.getOutputStream(), id, Habit.ACKNOWLEDGE);
      }
      unanswered.clear();
    }
  }

  /** Hands a message to the client, QoS 1. */
  void send(int id, String topic, String payload) throws IOException {
    Socket socket = connection;
    if (socket == null) {
      throw new IOException("nobody is connected");
    }
    byte[] name = topic.getBytes(UTF_8);
    byte[] data = payload.getBytes(UTF_8);
    ByteArrayOutputStream packet = new ByteArrayOutputStream();
    packet.write(0x32);
    packet.write(2 + name.length + 3 + data.length);
    packet.write(0);
    packet.write(name.length);
    packet.write(name);
    packet.write(id >> 8);
    packet.write(id);
    packet.write(0);
    packet.write(data);
    socket.getOutputStream().write(packet.toByteArray());
  }

  void cut() throws IOException {
    Socket socket = connection;
    if (socket != null) {
      socket.close();
    }
  }

  private static int length(DataInputStream in) throws IOException {
    int length = 0;
    for (int shift = 0; ; shift += 7) {
      int digit = in.readUnsignedByte();
      length |= (digit & 0x7f) << shift;
      if (digit < 0x80) {
        return length;
      }
    }
  }

  private static void properties(ByteBuffer packet) {
    int length = packet.get();
    packet.position(packet.position() + length);
  }

  private static String text(ByteBuffer packet) {
    byte[] text = new byte[packet.getShort() & 0xffff];
    packet.get(text);
    return new String(text, UTF_8);
  }

  @Override
  public void close() throws IOException {
    server.close();
    cut();
  }
}
