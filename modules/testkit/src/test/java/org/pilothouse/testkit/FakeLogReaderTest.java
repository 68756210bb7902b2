package org.pilothouse.testkit;

import java.time.Clock;
import org.pilothouse.platform.kafka.EventPublisher;
import org.pilothouse.platform.kafka.consume.Deduplicator;
import org.pilothouse.platform.kafka.consume.LogClients;

class FakeLogReaderTest implements ReaderContract {
  private final FakeLog log = new FakeLog(Clock.systemUTC());

  @Override
  public Backbone backbone() {
    return new Backbone() {
      @Override
      public void create(String topic, int partitions) {
        log.create(topic, partitions);
      }

      @Override
      public void trim(String topic) {
        log.trim(topic);
      }

      @Override
      public EventPublisher publisher() {
        return log;
      }

      @Override
      public LogClients clients() {
        return log;
      }

      @Override
      public Deduplicator.Past past() {
        return log;
      }
    };
  }
}
