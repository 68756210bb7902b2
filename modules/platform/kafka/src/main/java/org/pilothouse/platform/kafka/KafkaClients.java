package org.pilothouse.platform.kafka;

import java.util.function.Supplier;

/**
 * Makes Kafka clients with the class loader of this adapter as the thread's own: Kafka finds its
 * plug-ins through the thread's loader, and a managed thread of the server may carry another.
 */
final class KafkaClients {
  private KafkaClients() {}

  static <T> T create(Supplier<T> maker) {
    Thread thread = Thread.currentThread();
    ClassLoader before = thread.getContextClassLoader();
    thread.setContextClassLoader(KafkaClients.class.getClassLoader());
    try {
      return maker.get();
    } finally {
      thread.setContextClassLoader(before);
    }
  }
}
