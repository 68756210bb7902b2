package org.pilothouse.mqtt;

import com.hivemq.extension.sdk.api.interceptor.publish.PublishInboundInterceptor;
import com.hivemq.extension.sdk.api.interceptor.publish.parameter.PublishInboundInput;
import com.hivemq.extension.sdk.api.interceptor.publish.parameter.PublishInboundOutput;
import com.hivemq.extension.sdk.api.packets.publish.AckReasonCode;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.Supplier;
import org.pilothouse.mqtt.Backlog.Refusal;

/**
 * Lets a device's publish in only while it can be kept, and gives it an id. A refused publish is
 * answered {@code QUOTA_EXCEEDED} (MQTT 5) or by closing the connection (MQTT 3, whose PUBACK can
 * only say yes); the device sends it again later.
 *
 * <p>The id travels as the user property {@value #MESSAGE_ID}: when the bridge is handed a message
 * a second time it can tell that it is the same one.
 */
final class PublishGate implements PublishInboundInterceptor {
  static final String MESSAGE_ID = "pilothouse-message-id";

  private final Backlog backlog;
  private final Supplier<String> ids;
  private final LongAdder refused = new LongAdder();

  PublishGate(Backlog backlog, Supplier<String> ids) {
    this.backlog = backlog;
    this.ids = ids;
  }

  @Override
  public void onInboundPublish(PublishInboundInput input, PublishInboundOutput output) {
    Refusal refusal = backlog.refusal();
    if (refusal != null) {
      refused.increment();
      output.preventPublishDelivery(AckReasonCode.QUOTA_EXCEEDED, refusal.reason());
      return;
    }
    var properties = output.getPublishPacket().getUserProperties();
    properties.clear();
    properties.addUserProperty(MESSAGE_ID, ids.get());
  }

  long refused() {
    return refused.sum();
  }
}
