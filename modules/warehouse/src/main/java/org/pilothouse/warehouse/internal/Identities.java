package org.pilothouse.warehouse.internal;

import com.github.luben.zstd.Zstd;
import com.github.luben.zstd.ZstdException;
import java.io.BufferedInputStream;
import java.io.Closeable;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.util.List;
import org.apache.parquet.bytes.ByteBufferInputStream;
import org.apache.parquet.bytes.BytesInput;
import org.apache.parquet.column.Dictionary;
import org.apache.parquet.column.Encoding;
import org.apache.parquet.column.page.DictionaryPage;
import org.apache.parquet.column.values.ValuesReader;
import org.apache.parquet.column.values.deltastrings.DeltaByteArrayReader;
import org.apache.parquet.column.values.dictionary.DictionaryValuesReader;
import org.apache.parquet.column.values.dictionary.PlainValuesDictionary.PlainBinaryDictionary;
import org.apache.parquet.column.values.plain.BinaryPlainValuesReader;
import org.apache.parquet.format.ColumnChunk;
import org.apache.parquet.format.ColumnMetaData;
import org.apache.parquet.format.CompressionCodec;
import org.apache.parquet.format.DataPageHeader;
import org.apache.parquet.format.DataPageHeaderV2;
import org.apache.parquet.format.PageHeader;
import org.apache.parquet.format.RowGroup;
import org.apache.parquet.format.Util;
import org.jspecify.annotations.Nullable;
import org.pilothouse.platform.objectstore.ObjectStore;

/**
 * Which events a written table holds: two columns of it, page by page; the others stay in the
 * store. Parquet's own reader asks for Hadoop's file formats, and knows more than is needed: the
 * two columns are required texts, written by this room.
 */
final class Identities {
  private static final int BUFFER = 64 * 1024;

  /** Pages are written with a tenth of it at most. */
  private static final int LARGEST_PAGE = 16 << 20;

  private Identities() {}

  /** Takes the source and the id of a row's event. */
  interface Taker {
    void take(byte[] source, byte[] id) throws IOException;
  }

  /**
   * Hands on every row's, those of a tidy table several times.
   *
   * @throws IOException also when the table is not there any more, or is none that was written here
   */
  static void read(ObjectStore store, PartFile part, Taker taker) throws IOException {
    long rows = 0;
    for (RowGroup group : given(Footers.of(store, part.key(), part.size()).getRow_groups())) {
      try (Column source = new Column(store, part.key(), column(group, TableSpec.SOURCE));
          Column id = new Column(store, part.key(), column(group, TableSpec.EVENT_ID))) {
        for (long row = 0; row < group.getNum_rows(); row++) {
          taker.take(source.next(), id.next());
        }
      }
      rows += group.getNum_rows();
    }
    if (rows != part.rows()) {
      throw new EOFException(part.key() + " has other rows than were written");
    }
  }

  private static ColumnMetaData column(RowGroup group, String name) throws IOException {
    for (ColumnChunk chunk : given(group.getColumns())) {
      ColumnMetaData column = given(chunk.getMeta_data());
      if (List.of(name).equals(column.getPath_in_schema())) {
        if (column.getCodec() != CompressionCodec.ZSTD) {
          throw new IOException("a column that is not compressed as they are written");
        }
        return column;
      }
    }
    throw new IOException("a table without the column " + name);
  }

  /** Files may lack anything; those that were written here do not. */
  private static <T> T given(@Nullable T part) throws IOException {
    if (part == null) {
      throw new IOException("a file that does not say all that it should");
    }
    return part;
  }

  /** The values of a column of a row group, one after the other. */
  private static final class Column implements Closeable {
    private final InputStream in;
    private @Nullable Dictionary dictionary;
    private @Nullable ValuesReader values;
    private int left;

    Column(ObjectStore store, String key, ColumnMetaData column) throws IOException {
      long from = column.getData_page_offset();
      if (column.isSetDictionary_page_offset() && column.getDictionary_page_offset() > 0) {
        from = Math.min(from, column.getDictionary_page_offset());
      }
      this.in =
          new BufferedInputStream(
              store
                  .open(key, from, column.getTotal_compressed_size())
                  .orElseThrow(() -> new EOFException(key + " is not there")),
              BUFFER);
    }

    byte[] next() throws IOException {
      ValuesReader reader = values;
      while (left == 0 || reader == null) {
        reader = page();
      }
      left--;
      return reader.readBytes().getBytes();
    }

    /** Null where it is a dictionary. */
    private @Nullable ValuesReader page() throws IOException {
      PageHeader header = Util.readPageHeader(in);
      byte[] bytes = bytes(header);
      switch (given(header.getType())) {
        case DICTIONARY_PAGE ->
            dictionary =
                new PlainBinaryDictionary(
                    new DictionaryPage(
                        BytesInput.from(unpacked(header, bytes)),
                        given(header.getDictionary_page_header()).getNum_values(),
                        Encoding.PLAIN));
        case DATA_PAGE -> {
          DataPageHeader page = given(header.getData_page_header());
          return values(page.getNum_values(), given(page.getEncoding()), unpacked(header, bytes));
        }
        case DATA_PAGE_V2 -> {
          DataPageHeaderV2 page = given(header.getData_page_header_v2());
          // Required columns have no levels before their values.
          if (page.getDefinition_levels_byte_length() != 0
              || page.getRepetition_levels_byte_length() != 0) {
            throw new IOException("a column that need not be given");
          }
          return values(
              page.getNum_values(),
              given(page.getEncoding()),
              page.isIs_compressed() ? unpacked(header, bytes) : bytes);
        }
        case INDEX_PAGE -> throw new IOException("a page that is not of a kind that is written");
      }
      return null;
    }

    private ValuesReader values(
        int count, org.apache.parquet.format.Encoding encoding, byte[] bytes) throws IOException {
      ValuesReader reader = reader(encoding);
      reader.initFromPage(count, ByteBufferInputStream.wrap(ByteBuffer.wrap(bytes)));
      left = count;
      values = reader;
      return reader;
    }

    private ValuesReader reader(org.apache.parquet.format.Encoding encoding) throws IOException {
      Dictionary known = dictionary;
      return switch (encoding) {
        case PLAIN -> new BinaryPlainValuesReader();
        case PLAIN_DICTIONARY, RLE_DICTIONARY -> {
          if (known == null) {
            throw new IOException("a page before its dictionary");
          }
          yield new DictionaryValuesReader(known);
        }
        case DELTA_BYTE_ARRAY -> new DeltaByteArrayReader();
        case RLE, BIT_PACKED, DELTA_BINARY_PACKED, DELTA_LENGTH_BYTE_ARRAY, BYTE_STREAM_SPLIT ->
            throw new IOException("a page that is not encoded as they are written");
      };
    }

    private byte[] bytes(PageHeader header) throws IOException {
      int packed = header.getCompressed_page_size();
      int size = header.getUncompressed_page_size();
      if (packed < 0 || packed > LARGEST_PAGE || size < 0 || size > LARGEST_PAGE) {
        throw new IOException("a page that is larger than they are written");
      }
      byte[] bytes = in.readNBytes(packed);
      if (bytes.length < packed) {
        throw new EOFException("a column breaks off");
      }
      return bytes;
    }

    private static byte[] unpacked(PageHeader header, byte[] bytes) throws IOException {
      try {
        return Zstd.decompress(bytes, header.getUncompressed_page_size());
      } catch (ZstdException e) {
        throw new IOException("a page cannot be unpacked", e);
      }
    }

    @Override
    public void close() throws IOException {
      in.close();
    }
  }
}
