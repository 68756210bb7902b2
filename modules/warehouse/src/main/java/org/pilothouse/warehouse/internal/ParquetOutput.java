package org.pilothouse.warehouse.internal;

import java.io.IOException;
import java.util.List;
import java.util.Map;
import org.apache.hadoop.conf.Configuration;
import org.apache.parquet.column.ParquetProperties;
import org.apache.parquet.conf.ParquetConfiguration;
import org.apache.parquet.conf.PlainParquetConfiguration;
import org.apache.parquet.hadoop.ParquetFileWriter;
import org.apache.parquet.hadoop.ParquetWriter;
import org.apache.parquet.hadoop.api.WriteSupport;
import org.apache.parquet.hadoop.metadata.CompressionCodecName;
import org.apache.parquet.io.OutputFile;
import org.apache.parquet.io.PositionOutputStream;
import org.apache.parquet.schema.MessageType;

/** Opens Parquet files as this room writes them: the same rows always give the same bytes. */
final class ParquetOutput {
  /** What a row group may take in memory before it is written; a million rows or two. */
  static final long ROW_GROUP = 16L << 20;

  private static final int PAGE = 1 << 20;
  private static final int ROWS_OF_A_PAGE = 20_000;
  private static final int LEVEL = 3;

  /** They hardly ever repeat in a row group, or grow from row to row: deltas are smaller. */
  private static final List<String> WITHOUT_DICTIONARY =
      List.of(TableSpec.TIME, TableSpec.OFFSET, TableSpec.EVENT_ID);

  private ParquetOutput() {}

  static <T> ParquetWriter<T> open(
      PositionOutputStream to, MessageType schema, Map<String, String> about, Support<T> support)
      throws IOException {
    support.schema = schema;
    support.about = about;
    Builder<T> builder = new Builder<>(new Streamed(to), support);
    WITHOUT_DICTIONARY.forEach(column -> builder.withDictionaryEncoding(column, false));
    return builder
        .withConf(new PlainParquetConfiguration())
        .withCodecFactory(new ZstdCodecs(LEVEL))
        .withCompressionCodec(CompressionCodecName.ZSTD)
        .withWriteMode(ParquetFileWriter.Mode.OVERWRITE)
        .withRowGroupSize(ROW_GROUP)
        .withPageSize(PAGE)
        .withPageRowCountLimit(ROWS_OF_A_PAGE)
        .withDictionaryPageSize(PAGE)
        .withWriterVersion(ParquetProperties.WriterVersion.PARQUET_2_0)
        .withDictionaryEncoding(true)
        .build();
  }

  /** What makes columns of a row. */
  abstract static class Support<T> extends WriteSupport<T> {
    private MessageType schema = new MessageType("none");
    private Map<String, String> about = Map.of();

    @Override
    public WriteContext init(Configuration configuration) {
      return new WriteContext(schema, about);
    }

    @Override
    public WriteContext init(ParquetConfiguration configuration) {
      return new WriteContext(schema, about);
    }
  }

  private static final class Builder<T> extends ParquetWriter.Builder<T, Builder<T>> {
    private final Support<T> support;

    Builder(OutputFile file, Support<T> support) {
      super(file);
      this.support = support;
    }

    @Override
    protected Builder<T> self() {
      return this;
    }

    @Override
    protected WriteSupport<T> getWriteSupport(Configuration configuration) {
      return support;
    }

    @Override
    protected WriteSupport<T> getWriteSupport(ParquetConfiguration configuration) {
      return support;
    }
  }

  private record Streamed(PositionOutputStream stream) implements OutputFile {
    @Override
    public PositionOutputStream create(long blockSize) {
      return stream;
    }

    @Override
    public PositionOutputStream createOrOverwrite(long blockSize) {
      return stream;
    }

    @Override
    public boolean supportsBlockSize() {
      return false;
    }

    @Override
    public long defaultBlockSize() {
      return 0;
    }
  }
}
