package org.pilothouse.platform.objectstore;

import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;

/** Breaks off an answer that has no end. */
final class BoundedInput extends FilterInputStream {
  private final long most;
  private long count;

  BoundedInput(InputStream in, long most) {
    super(in);
    this.most = most;
  }

  @Override
  public int read() throws IOException {
    int read = super.read();
    if (read >= 0) {
      counted(1);
    }
    return read;
  }

  @Override
  public int read(byte[] buffer, int offset, int length) throws IOException {
    int read = super.read(buffer, offset, length);
    if (read > 0) {
      counted(read);
    }
    return read;
  }

  private void counted(int read) throws IOException {
    count += read;
    if (count > most) {
      throw new IOException("the answer has more than " + most + " bytes");
    }
  }

  @Override
  public boolean markSupported() {
    return false;
  }
}
