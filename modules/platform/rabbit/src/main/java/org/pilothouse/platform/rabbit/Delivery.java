package org.pilothouse.platform.rabbit;

import com.rabbitmq.client.AlreadyClosedException;
import com.rabbitmq.client.Channel;
import java.io.IOException;
import java.util.concurrent.atomic.AtomicBoolean;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A message in hand. It is settled once; on a channel that broke meanwhile that does nothing, and
 * the broker delivers the message again.
 */
public final class Delivery {
  private static final Logger LOG = LoggerFactory.getLogger(Delivery.class);

  private final Channel channel;
  private final long tag;
  private final String routingKey;
  private final int returns;
  private final byte[] body;
  private final AtomicBoolean settled = new AtomicBoolean();

  Delivery(Channel channel, long tag, String routingKey, int returns, byte[] body) {
    this.channel = channel;
    this.tag = tag;
    this.routingKey = routingKey;
    this.returns = returns;
    this.body = body;
  }

  /** One question to the broker. */
  private interface Verdict {
    void on(Channel channel) throws IOException;
  }

  public String routingKey() {
    return routingKey;
  }

  /** How often it was delivered before and came back; the queue's delivery limit counts these. */
  public int returns() {
    return returns;
  }

  public byte[] body() {
    return body.clone();
  }

  /** It is done with. */
  public void ack() {
    settle(open -> open.basicAck(tag, false));
  }

  /** It is a dead letter. */
  public void refuse() {
    settle(open -> open.basicReject(tag, false));
  }

  /** Somebody else may have it, or the same again. */
  public void giveBack() {
    settle(open -> open.basicReject(tag, true));
  }

  private void settle(Verdict verdict) {
    if (!settled.compareAndSet(false, true)) {
      return;
    }
    try {
      verdict.on(channel);
    } catch (IOException | AlreadyClosedException e) {
      LOG.debug("a delivery was not settled, the channel broke error={}", e.toString());
    }
  }
}
