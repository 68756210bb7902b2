package org.pilothouse.mqtt;

import com.hivemq.extension.sdk.api.interceptor.publish.PublishInboundInterceptor;
import com.hivemq.extension.sdk.api.interceptor.publish.parameter.PublishInboundInput;
import com.hivemq.extension.sdk.api.interceptor.publish.parameter.PublishInboundOutput;
import com.hivemq.extension.sdk.api.packets.publish.AckReasonCode;
import java.util.concurrent.atomic.LongAdder;
import org.pilothouse.mqtt.Backlog.Refusal;

/**
 * Lets a device's publish in only while it can be kept. A refused publish is answered {@code
 * QUOTA_EXCEEDED} (MQTT 5) or by closing the connection (MQTT 3, whose PUBACK can only say yes);
 * the device sends it again later.
 */
final class PublishGate implements PublishInboundInterceptor {
  private final Backlog backlog;
  private final LongAdder refused = new LongAdder();

  PublishGate(Backlog backlog) {
    this.backlog = backlog;
  }

  @Override
  public void onInboundPublish(PublishInboundInput input, PublishInboundOutput output) {
    Refusal refusal = backlog.refusal();
    if (refusal != null) {
      refused.increment();
      output.preventPublishDelivery(AckReasonCode.QUOTA_EXCEEDED, refusal.reason());
      return;
    }
  }

  long refused() {
    return refused.sum();
  }
}
