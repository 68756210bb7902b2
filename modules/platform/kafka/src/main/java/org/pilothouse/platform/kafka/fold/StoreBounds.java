package org.pilothouse.platform.kafka.fold;

import java.util.Map;
import org.apache.kafka.streams.state.RocksDBConfigSetter;
import org.rocksdb.BlockBasedTableConfig;
import org.rocksdb.Cache;
import org.rocksdb.LRUCache;
import org.rocksdb.Options;
import org.rocksdb.RocksDB;
import org.rocksdb.WriteBufferManager;

/**
 * All stores of the process share one budget outside the heap: memtables, and blocks with their
 * indices and filters. Made by Kafka Streams, one for each store.
 */
public final class StoreBounds implements RocksDBConfigSetter {
  static final long BLOCKS = 48L * 1024 * 1024;
  static final long MEMTABLES = 24L * 1024 * 1024;
  private static final long MEMTABLE = 4L * 1024 * 1024;
  private static final int OPEN_FILES = 64;

  static {
    RocksDB.loadLibrary();
  }

  private static final Cache CACHE = new LRUCache(BLOCKS);

  /** Memtables count in the cache, so that both together stay below its size. */
  private static final WriteBufferManager WRITES = new WriteBufferManager(MEMTABLES, CACHE);

  @Override
  public void setConfig(String store, Options options, Map<String, Object> settings) {
    BlockBasedTableConfig table = (BlockBasedTableConfig) options.tableFormatConfig();
    table.setBlockCache(CACHE);
    table.setCacheIndexAndFilterBlocks(true);
    table.setPinTopLevelIndexAndFilter(true);
    options.setTableFormatConfig(table);
    options.setWriteBufferManager(WRITES);
    options.setWriteBufferSize(MEMTABLE);
    options.setMaxWriteBufferNumber(2);
    options.setMaxOpenFiles(OPEN_FILES);
  }

  /** The budget is the process's: it outlives every store. */
  @Override
  public void close(String store, Options options) {}
}
