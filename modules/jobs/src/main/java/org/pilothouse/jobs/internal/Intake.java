package org.pilothouse.jobs.internal;

import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;
import org.pilothouse.contracts.JobQueues;
import org.pilothouse.platform.rabbit.Consumption;
import org.pilothouse.platform.rabbit.Delivery;
import org.pilothouse.platform.rabbit.RabbitConnection;
import org.pilothouse.platform.rabbit.RabbitUnavailable;
import org.pilothouse.platform.rabbit.Topology;
import org.pilothouse.platform.rabbit.TopologyProvisioner;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Takes messages from the queues as there is room for their jobs. A message is acknowledged after
 * its job has been claimed, and before the work: however long that takes, the broker waits for
 * nothing. While there is no room, this node holds no messages, so that another one gets them.
 */
final class Intake implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(Intake.class);
  private static final Duration TEND = Duration.ofMillis(100);
  private static final Duration PAUSE = Duration.ofMillis(50);
  private static final Duration AFTER_FAILURE = Duration.ofMillis(500);
  private static final Duration FULL = Duration.ofMillis(100);
  private static final Duration PATIENCE = Duration.ofSeconds(15);
  private static final int STRAYS_AT_ONCE = 20;

  /** Of four jobs of a type one is a normal one, where there are any. */
  private static final int URGENT_IN_A_ROW = 3;

  /** So long after it has subscribed, messages that were ready have come. */
  private static final Duration SETTLE = Duration.ofMillis(300);

  /** One that came back so often is sent anew instead: it must not end as a dead letter. */
  private static final int MOST_RETURNS = JobQueues.DELIVERY_LIMIT / 2;

  private final RabbitConnection connection;
  private final TopologyProvisioner provisioner;
  private final Topology topology;
  private final JobTypes types;
  private final Claims claims;
  private final Recovery recovery;
  private final Running running;
  private final Map<String, Line> lines = new HashMap<>();
  private final List<Side> sides = new ArrayList<>();
  private final Semaphore wake = new Semaphore(0);
  private final AtomicBoolean open = new AtomicBoolean(true);
  private final Thread thread;
  private long tended = System.nanoTime() - TEND.toNanos();
  private boolean declared;
  private volatile List<String> mismatches = List.of();

  Intake(
      RabbitConnection connection,
      Topology topology,
      JobTypes types,
      Claims claims,
      Recovery recovery,
      Running running) {
    this.connection = connection;
    this.provisioner = new TopologyProvisioner(connection);
    this.topology = topology;
    this.types = types;
    this.claims = claims;
    this.recovery = recovery;
    this.running = running;
    for (JobTypes.Known known : types.all()) {
      int capacity = running.capacity(known.name());
      if (capacity > 0) {
        lines.put(known.name(), new Line(known.name(), capacity));
      }
    }
    sides.add(new Side(topology.deadLetters(), recovery::deadLetter));
    sides.add(new Side(topology.unroutable(), recovery::unroutable));
    this.thread = Thread.ofPlatform().name("jobs-intake").daemon(true).unstarted(this::loop);
  }

  /** Messages in hand. */
  private final class Hand {
    private final Deque<Delivery> deliveries = new ArrayDeque<>();

    void receive(Delivery delivery) {
      synchronized (this) {
        deliveries.add(delivery);
      }
      wake();
    }

    synchronized @Nullable Delivery take() {
      return deliveries.poll();
    }

    synchronized void putBack(Delivery delivery) {
      deliveries.addFirst(delivery);
    }

    synchronized boolean isEmpty() {
      return deliveries.isEmpty();
    }
  }

  /** The two queues of a type. */
  private final class Line {
    private final String type;
    private final Hand urgent = new Hand();
    private final Hand normal = new Hand();
    private final List<Consumption> consumptions;
    private int urgentInARow;
    private long hadRoom = System.nanoTime();
    private boolean full;
    private long subscribed = System.nanoTime();

    Line(String type, int prefetch) {
      this.type = type;
      this.consumptions =
          List.of(
              consumption(Priority.URGENT, prefetch, urgent),
              consumption(Priority.NORMAL, prefetch, normal));
    }

    private Consumption consumption(Priority priority, int prefetch, Hand hand) {
      return new Consumption(
          connection,
          topology.queue(new Lane(type, priority).routingKey()),
          prefetch,
          hand::receive);
    }

    /** The next one: urgent first, but not always. */
    @Nullable Delivery take() {
      if (urgentInARow >= URGENT_IN_A_ROW) {
        Delivery next = normal.take();
        if (next != null) {
          urgentInARow = 0;
          return next;
        }
        if (System.nanoTime() - subscribed < SETTLE.toNanos()) {
          // There may be a normal one that has not come yet.
          return null;
        }
      }
      Delivery next = urgent.take();
      if (next != null) {
        urgentInARow++;
        return next;
      }
      next = normal.take();
      if (next != null) {
        // A moment without messages ends no row: the next ones are on their way.
        urgentInARow = 0;
      }
      return next;
    }

    private @Nullable Delivery any() {
      Delivery next = urgent.take();
      return next == null ? normal.take() : next;
    }

    void putBack(Delivery delivery) {
      (delivery.routingKey().endsWith("." + Priority.URGENT.word()) ? urgent : normal)
          .putBack(delivery);
    }

    /** False where a queue is missing. */
    boolean tend() {
      if (running.free(type) > 0) {
        hadRoom = System.nanoTime();
      }
      boolean wasFull = full;
      full = System.nanoTime() - hadRoom > FULL.toNanos();
      if (wasFull && !full) {
        subscribed = System.nanoTime();
      }
      boolean there = true;
      for (Consumption consumption : consumptions) {
        consumption.want(!full);
        there &= consumption.tend() != Consumption.State.NO_QUEUE;
      }
      if (full) {
        giveBack();
      }
      return there;
    }

    void giveBack() {
      for (Delivery next = any(); next != null; next = any()) {
        if (next.returns() < MOST_RETURNS) {
          next.giveBack();
        } else {
          Delivery old = next;
          try {
            Dispatcher.read(old.body()).ifPresent(recovery::sendAgain);
          } catch (RuntimeException e) {
            putBack(old);
            throw e;
          }
          old.ack();
        }
      }
    }

    void close() {
      consumptions.forEach(Consumption::close);
    }
  }

  /** What is done with a message that went astray. */
  @FunctionalInterface
  private interface Finding {
    void found(byte[] body, Optional<Dispatcher.Named> named);
  }

  /** A queue of messages that went astray. */
  private final class Side {
    private final Hand hand = new Hand();
    private final Consumption consumption;
    private final Finding finding;

    Side(String queue, Finding finding) {
      this.consumption = new Consumption(connection, queue, STRAYS_AT_ONCE, hand::receive);
      this.finding = finding;
    }

    boolean tend() {
      consumption.want(true);
      return consumption.tend() != Consumption.State.NO_QUEUE;
    }

    void clear() {
      for (Delivery next = hand.take(); next != null; next = hand.take()) {
        try {
          finding.found(next.body(), Dispatcher.read(next.body()));
        } catch (RuntimeException e) {
          hand.putBack(next);
          throw e;
        }
        next.ack();
      }
    }
  }

  void start() {
    thread.start();
  }

  /** What the broker has with other properties than it should. */
  List<String> mismatches() {
    return mismatches;
  }

  /** There is something to do; returns at once. */
  void wake() {
    if (wake.availablePermits() == 0) {
      wake.release();
    }
  }

  private void loop() {
    while (open.get()) {
      Duration pause = PAUSE;
      try {
        if (System.nanoTime() - tended > TEND.toNanos()) {
          tend();
          tended = System.nanoTime();
        }
        if (take()) {
          continue;
        }
        for (Side side : sides) {
          try {
            side.clear();
          } catch (RuntimeException e) {
            LOG.warn("messages that went astray wait error={}", e.toString());
            pause = AFTER_FAILURE;
          }
        }
      } catch (RabbitUnavailable e) {
        LOG.debug("no messages can be had now error={}", e.toString());
        declared = false;
        pause = AFTER_FAILURE;
      } catch (RuntimeException e) {
        LOG.warn("messages cannot be taken now, trying again error={}", e.toString());
        pause = AFTER_FAILURE;
      }
      try {
        if (wake.tryAcquire(pause.toMillis(), TimeUnit.MILLISECONDS)) {
          var unused = wake.drainPermits();
        }
      } catch (InterruptedException e) {
        return;
      }
    }
  }

  private void tend() {
    if (!declared) {
      mismatches = provisioner.ensure(topology);
      declared = true;
    }
    boolean there = true;
    for (Line line : lines.values()) {
      there &= line.tend();
    }
    for (Side side : sides) {
      there &= side.tend();
    }
    declared = there;
  }

  /** False when there was nothing, or no room. */
  private boolean take() {
    List<Delivery> taken = new ArrayList<>();
    List<Dispatcher.Named> named = new ArrayList<>();
    for (Line line : lines.values()) {
      int free = running.free(line.type);
      while (free > 0) {
        Delivery next = line.take();
        if (next == null) {
          break;
        }
        Optional<Dispatcher.Named> read =
            Dispatcher.read(next.body()).filter(found -> found.type().equals(line.type));
        if (read.isEmpty()) {
          next.refuse();
          continue;
        }
        taken.add(next);
        named.add(read.get());
        free--;
      }
    }
    if (taken.isEmpty()) {
      return false;
    }
    List<Claims.Claim> claimed;
    try {
      claimed = claims.claim(named);
    } catch (RuntimeException e) {
      // Given back to the broker they would count as returned, and it is not their fault.
      for (int i = taken.size() - 1; i >= 0; i--) {
        Line line = lines.get(named.get(i).type());
        if (line != null) {
          line.putBack(taken.get(i));
        }
      }
      throw e;
    }
    taken.forEach(Delivery::ack);
    for (Claims.Claim claim : claimed) {
      running.begin(claim, types.find(claim.type()).orElseThrow().type());
    }
    return true;
  }

  /** Takes no more; what is in hand goes back. */
  @Override
  public void close() {
    open.set(false);
    wake.release();
    try {
      if (thread.isAlive() && !thread.join(PATIENCE)) {
        thread.interrupt();
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    lines.values().forEach(Line::close);
    sides.forEach(side -> side.consumption.close());
  }
}
