package org.pilothouse.warehouse.internal;

import java.io.EOFException;
import java.io.IOException;
import java.util.Map;
import org.apache.hadoop.conf.Configuration;
import org.apache.parquet.conf.ParquetConfiguration;
import org.apache.parquet.conf.PlainParquetConfiguration;
import org.apache.parquet.hadoop.ParquetReader;
import org.apache.parquet.hadoop.api.InitContext;
import org.apache.parquet.hadoop.api.ReadSupport;
import org.apache.parquet.io.InputFile;
import org.apache.parquet.io.api.Binary;
import org.apache.parquet.io.api.Converter;
import org.apache.parquet.io.api.GroupConverter;
import org.apache.parquet.io.api.PrimitiveConverter;
import org.apache.parquet.io.api.RecordMaterializer;
import org.apache.parquet.schema.MessageType;
import org.pilothouse.platform.objectstore.ObjectStore;

/** Which events a written table holds: two columns of it, the others stay in the store. */
final class Identities {
  private Identities() {}

  /** Takes the source and the id of a row's event. */
  interface Taker {
    void take(byte[] source, byte[] id) throws IOException;
  }

  /**
   * Hands on every row's, those of a tidy table several times.
   *
   * @throws IOException also when the table is not there any more, or has fewer rows
   */
  static void read(ObjectStore store, PartFile part, Taker taker) throws IOException {
    long rows = 0;
    try (ParquetReader<Pair> reader =
        new Builder(new StoredInput(store, part.key(), part.size())).build()) {
      for (Pair pair = reader.read(); pair != null; pair = reader.read()) {
        taker.take(pair.source, pair.id);
        rows++;
      }
    }
    if (rows != part.rows()) {
      throw new EOFException(part.key() + " has other rows than were written");
    }
  }

  /** The row that was read last. */
  private static final class Pair {
    private byte[] source = {};
    private byte[] id = {};
  }

  private static final class Builder extends ParquetReader.Builder<Pair> {
    Builder(InputFile file) {
      super(file, new PlainParquetConfiguration());
      withCodecFactory(new ZstdCodecs(1));
    }

    @Override
    protected ReadSupport<Pair> getReadSupport() {
      return new Support();
    }
  }

  private static final class Support extends ReadSupport<Pair> {
    @Override
    public ReadContext init(InitContext context) {
      MessageType file = context.getFileSchema();
      return new ReadContext(
          new MessageType(
              file.getName(), file.getType(TableSpec.SOURCE), file.getType(TableSpec.EVENT_ID)));
    }

    @Override
    public RecordMaterializer<Pair> prepareForRead(
        Configuration configuration,
        Map<String, String> about,
        MessageType file,
        ReadContext context) {
      return new Materializer();
    }

    @Override
    public RecordMaterializer<Pair> prepareForRead(
        ParquetConfiguration configuration,
        Map<String, String> about,
        MessageType file,
        ReadContext context) {
      return new Materializer();
    }
  }

  private static final class Materializer extends RecordMaterializer<Pair> {
    private final Pair pair = new Pair();
    private final GroupConverter root =
        new GroupConverter() {
          private final Converter source =
              new PrimitiveConverter() {
                @Override
                public void addBinary(Binary value) {
                  pair.source = value.getBytes();
                }
              };
          private final Converter id =
              new PrimitiveConverter() {
                @Override
                public void addBinary(Binary value) {
                  pair.id = value.getBytes();
                }
              };

          @Override
          public Converter getConverter(int field) {
            return field == 0 ? source : id;
          }

          @Override
          public void start() {}

          @Override
          public void end() {}
        };

    @Override
    public Pair getCurrentRecord() {
      return pair;
    }

    @Override
    public GroupConverter getRootConverter() {
      return root;
    }
  }
}
