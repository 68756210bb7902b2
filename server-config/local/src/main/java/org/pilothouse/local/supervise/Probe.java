package org.pilothouse.local.supervise;

import com.fasterxml.jackson.annotation.JsonSubTypes;
import com.fasterxml.jackson.annotation.JsonTypeInfo;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;

/**
 * One question a server of its kind must answer, in the server's own protocol: a listening socket
 * alone proves nothing, because the kernel accepts connections for a process that hangs.
 *
 * <p>A probe never takes longer than twice its timeout and leaves nothing behind in the server.
 */
@JsonTypeInfo(use = JsonTypeInfo.Id.NAME, property = "kind")
@JsonSubTypes({
  @JsonSubTypes.Type(value = Probe.Kafka.class, name = "kafka"),
  @JsonSubTypes.Type(value = Probe.Postgres.class, name = "postgres"),
  @JsonSubTypes.Type(value = Probe.Amqp.class, name = "amqp"),
  @JsonSubTypes.Type(value = Probe.Mqtt.class, name = "mqtt"),
  @JsonSubTypes.Type(value = Probe.ErlangNames.class, name = "erlang-names"),
  @JsonSubTypes.Type(value = Probe.Http.class, name = "http")
})
public sealed interface Probe {

  Duration TIMEOUT = Duration.ofSeconds(3);

  Answer ask();

  /** What came of one probe. */
  sealed interface Answer {
    record Ready() implements Answer {}

    record NotReady(String why) implements Answer {}
  }

  /** An ApiVersions request (version 0), which a broker answers to everyone. */
  record Kafka(int port) implements Probe {
    private static final int API_VERSIONS = 18;

    @Override
    public Answer ask() {
      return conversation(
          port,
          (in, out) -> {
            ByteArrayOutputStream body = new ByteArrayOutputStream();
            DataOutputStream request = new DataOutputStream(body);
            request.writeShort(API_VERSIONS);
            request.writeShort(0);
            request.writeInt(1);
            request.writeShort(-1);
            out.writeInt(body.size());
            out.write(body.toByteArray());
            out.flush();
            in.readInt();
            in.readInt();
            int error = in.readShort();
            return error == 0 ? new Answer.Ready() : new Answer.NotReady("error code " + error);
          });
    }
  }

  /** A start-up packet: the server asks for a password as soon as it takes sessions. */
  record Postgres(int port, String user, String database) implements Probe {
    private static final int PROTOCOL = 196608;

    @Override
    public Answer ask() {
      return conversation(
          port,
          (in, out) -> {
            byte[] parameters =
                ("user\0" + user + "\0database\0" + database + "\0\0")
                    .getBytes(StandardCharsets.UTF_8);
            out.writeInt(8 + parameters.length);
            out.writeInt(PROTOCOL);
            out.write(parameters);
            out.flush();
            int first = in.read();
            return first == 'R' ? new Answer.Ready() : new Answer.NotReady("starting up");
          });
    }
  }

  /** The protocol header, which RabbitMQ answers with the first method frame. */
  record Amqp(int port) implements Probe {
    @Override
    public Answer ask() {
      return conversation(
          port,
          (in, out) -> {
            out.write(new byte[] {'A', 'M', 'Q', 'P', 0, 0, 9, 1});
            out.flush();
            return in.read() == 1 ? new Answer.Ready() : new Answer.NotReady("no method frame");
          });
    }
  }

  /** A CONNECT without credentials: any CONNACK, a refusal too, shows that the broker works. */
  record Mqtt(int port) implements Probe {
    private static final int CONNACK = 0x20;

    @Override
    public Answer ask() {
      return conversation(
          port,
          (in, out) -> {
            byte[] connect = {
              0x10, 17, 0, 4, 'M', 'Q', 'T', 'T', 4, 2, 0, 10, 0, 5, 'p', 'r', 'o', 'b', 'e'
            };
            out.write(connect);
            out.flush();
            return in.read() == CONNACK ? new Answer.Ready() : new Answer.NotReady("no CONNACK");
          });
    }
  }

  /** NAMES_REQ of the Erlang port mapper. */
  record ErlangNames(int port) implements Probe {
    private static final int NAMES_REQ = 110;

    @Override
    public Answer ask() {
      return conversation(
          port,
          (in, out) -> {
            out.writeShort(1);
            out.write(NAMES_REQ);
            out.flush();
            return in.readInt() > 0 ? new Answer.Ready() : new Answer.NotReady("no answer");
          });
    }
  }

  /** GET over HTTP/1.1; where {@code anyStatus} is set, every well-formed answer counts. */
  record Http(int port, String path, boolean anyStatus) implements Probe {
    @Override
    public Answer ask() {
      return conversation(
          port,
          (in, out) -> {
            String request =
                "GET "
                    + path
                    + " HTTP/1.1\r\nHost: 127.0.0.1:"
                    + port
                    + "\r\nConnection: close\r\n\r\n";
            out.write(request.getBytes(StandardCharsets.US_ASCII));
            out.flush();
            String status = new String(in.readNBytes(12), StandardCharsets.US_ASCII);
            if (!status.startsWith("HTTP/1.")) {
              return new Answer.NotReady("no HTTP answer");
            }
            String code = status.substring(Math.min(9, status.length()));
            return anyStatus || code.startsWith("2")
                ? new Answer.Ready()
                : new Answer.NotReady("HTTP " + code + " from " + path);
          });
    }
  }

  /** Both directions of one short exchange. */
  interface Exchange {
    Answer talk(DataInputStream in, DataOutputStream out) throws IOException;
  }

  private static Answer conversation(int port, Exchange exchange) {
    try (Socket socket = new Socket()) {
      int timeout = (int) TIMEOUT.toMillis();
      socket.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), port), timeout);
      socket.setSoTimeout(timeout);
      socket.setTcpNoDelay(true);
      return exchange.talk(
          new DataInputStream(socket.getInputStream()),
          new DataOutputStream(socket.getOutputStream()));
    } catch (SocketTimeoutException e) {
      return new Answer.NotReady("no answer within " + TIMEOUT.toSeconds() + " s");
    } catch (IOException e) {
      return new Answer.NotReady("port " + port + ": " + e.getMessage());
    }
  }
}
