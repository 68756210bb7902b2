package org.pilothouse.jobs.internal;

/** What has a queue of its own: jobs of one type and class. */
record Lane(String type, Priority priority) {
  String routingKey() {
    return type + "." + priority.word();
  }
}
