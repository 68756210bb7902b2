package org.pilothouse.mqtt;

import com.hivemq.extension.sdk.api.interceptor.connect.ConnectInboundInterceptor;
import com.hivemq.extension.sdk.api.interceptor.connect.parameter.ConnectInboundInput;
import com.hivemq.extension.sdk.api.interceptor.connect.parameter.ConnectInboundOutput;
import com.hivemq.extension.sdk.api.packets.publish.ModifiableConnectPacket;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import org.pilothouse.kernel.Names;

/**
 * Gives each credential client ids of its own. MQTT lets whoever brings a client id take over its
 * connection and its session; with the digest of the credential in front of it nobody can come by
 * the queue of another device, of the own pilot or of another one.
 */
final class ClientIds implements ConnectInboundInterceptor {
  private static final int DIGEST_LENGTH = 24;
  private final String bridgeUser;

  ClientIds(String bridgeUser) {
    this.bridgeUser = bridgeUser;
  }

  @Override
  public void onConnect(ConnectInboundInput input, ConnectInboundOutput output) {
    ModifiableConnectPacket connect = output.getConnectPacket();
    String username = connect.getUserName().orElse("");
    if (username.equals(bridgeUser)) {
      return;
    }
    connect.setClientId(
        own(
            username,
            connect.getPassword().map(ClientIds::text).orElse(""),
            connect.getClientId()));
  }

  /** The broker's name for the client; one that a bridge's can never equal. */
  static String own(String username, String password, String clientId) {
    String shown = Names.isId(username) ? username : "unknown";
    return shown
        + ':'
        + Secrets.sha256(username + ':' + password).substring(0, DIGEST_LENGTH)
        + ':'
        + clientId;
  }

  static String text(ByteBuffer buffer) {
    return StandardCharsets.UTF_8.decode(buffer.duplicate()).toString();
  }
}
