package org.pilothouse.ingest.internal;

import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.time.Duration;
import java.util.Arrays;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.Semaphore;
import java.util.function.LongSupplier;
import java.util.zip.GZIPInputStream;
import java.util.zip.ZipException;
import org.pilothouse.kernel.Problem;
import org.pilothouse.kernel.ProblemCode;

/**
 * The memory in which bodies are read, with a bound for all requests together. A body is read whole
 * before any of it is published: one that is cut off, too large or too slow therefore leaves
 * nothing behind.
 */
public final class BodyMemory {
  /** A body at most, after decompression, bytes. */
  public static final int MOST_BODY = 16 * 1024 * 1024;

  private static final int BLOCK = 256 * 1024;
  private static final int KEPT_BLOCKS = 64;
  private static final int GZIP_RATIO = 200;

  private final Semaphore blocks;
  private final int allBlocks;
  private final ArrayBlockingQueue<byte[]> kept = new ArrayBlockingQueue<>(KEPT_BLOCKS);
  private final Duration slowest;
  private final LongSupplier nanoTime;

  /**
   * @param bound all bodies together, bytes
   * @param slowest how long a body may take to arrive
   */
  public BodyMemory(long bound, Duration slowest, LongSupplier nanoTime) {
    this.allBlocks = Math.toIntExact(bound / BLOCK);
    this.blocks = new Semaphore(allBlocks);
    this.slowest = slowest;
    this.nanoTime = nanoTime;
  }

  /** Of the bound, what is in use, 0 to 1. */
  public double used() {
    return 1.0 - (double) blocks.availablePermits() / allBlocks;
  }

  /**
   * Reads a body whole.
   *
   * @param gzip whether {@code Content-Encoding: gzip} was said
   * @param announced the {@code Content-Length}, or -1
   * @throws Problem {@code too_large}, {@code malformed_gzip}, {@code request_timeout}, {@code
   *     malformed_request} when it is cut off, or {@code backbone_busy} when the memory for bodies
   *     is all in use
   */
  public Body read(InputStream in, boolean gzip, long announced) {
    if (announced > MOST_BODY) {
      throw tooLarge();
    }
    long deadline = nanoTime.getAsLong() + slowest.toNanos();
    Body body = new Body(take());
    try {
      CountingStream counted = new CountingStream(in);
      InputStream decoded = gzip ? new GZIPInputStream(counted, 16 * 1024) : counted;
      while (true) {
        body.room();
        int n = decoded.read(body.bytes, body.length, body.bytes.length - body.length);
        if (n < 0) {
          break;
        }
        body.length += n;
        if (body.length > MOST_BODY) {
          throw tooLarge();
        }
        if (gzip && body.length > BLOCK && body.length / Math.max(1, counted.count) > GZIP_RATIO) {
          throw Problem.of(
              ProblemCode.TOO_LARGE,
              "the body unpacks to more than " + GZIP_RATIO + " times its size");
        }
        if (nanoTime.getAsLong() - deadline > 0) {
          throw Problem.of(
              ProblemCode.REQUEST_TIMEOUT,
              "the body took longer than " + slowest.toSeconds() + " s");
        }
      }
      if (announced >= 0 && counted.count < announced && !gzip) {
        throw Problem.of(ProblemCode.MALFORMED_REQUEST, "the body ended before its Content-Length");
      }
      return body;
    } catch (ZipException e) {
      body.close();
      throw Problem.caused(ProblemCode.MALFORMED_GZIP, "the body is not valid gzip", e);
    } catch (EOFException e) {
      body.close();
      throw Problem.caused(
          gzip ? ProblemCode.MALFORMED_GZIP : ProblemCode.MALFORMED_REQUEST,
          "the body ends in the middle",
          e);
    } catch (java.net.SocketTimeoutException e) {
      body.close();
      throw Problem.caused(ProblemCode.REQUEST_TIMEOUT, "the body stopped coming", e);
    } catch (IOException e) {
      body.close();
      throw Problem.caused(
          ProblemCode.MALFORMED_REQUEST, "the body could not be read to its end", e);
    } catch (RuntimeException e) {
      body.close();
      throw e;
    }
  }

  private static Problem tooLarge() {
    return Problem.of(
        ProblemCode.TOO_LARGE,
        "a body is at most " + MOST_BODY + " bytes after decompression; send it in parts");
  }

  private byte[] take() {
    reserve(1);
    byte[] block = kept.poll();
    return block != null ? block : new byte[BLOCK];
  }

  private void reserve(int count) {
    if (!blocks.tryAcquire(count)) {
      throw Problem.retry(
          ProblemCode.BACKBONE_BUSY, "the memory for bodies is all in use", Duration.ofSeconds(1));
    }
  }

  /**
   * A body that was read whole. Closing gives its memory back; nothing may hold on to the bytes
   * after that.
   */
  public final class Body implements AutoCloseable {
    private byte[] bytes;
    private int length;
    private boolean closed;

    private Body(byte[] bytes) {
      this.bytes = bytes;
    }

    public byte[] bytes() {
      return bytes;
    }

    /** How many of the bytes are the body's. */
    public int length() {
      return length;
    }

    private void room() {
      if (length == bytes.length) {
        int held = bytes.length / BLOCK;
        reserve(held);
        bytes = Arrays.copyOf(bytes, bytes.length * 2);
      }
    }

    @Override
    public void close() {
      if (!closed) {
        closed = true;
        blocks.release(bytes.length / BLOCK);
        if (bytes.length == BLOCK) {
          boolean ignored = kept.offer(bytes);
        }
      }
    }
  }

  private static final class CountingStream extends java.io.FilterInputStream {
    private long count;

    CountingStream(InputStream in) {
      super(in);
    }

    @Override
    public int read() throws IOException {
      int b = super.read();
      count += b < 0 ? 0 : 1;
      return b;
    }

    @Override
    public int read(byte[] to, int offset, int length) throws IOException {
      int n = super.read(to, offset, length);
      count += Math.max(0, n);
      return n;
    }
  }
}
