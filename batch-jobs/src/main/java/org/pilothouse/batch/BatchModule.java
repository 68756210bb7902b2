package org.pilothouse.batch;

import java.util.List;
import org.pilothouse.batch.internal.JberetEngine;
import org.pilothouse.platform.postgres.PostgresConfig;
import org.pilothouse.platform.postgres.SchemaPool;
import org.pilothouse.warehouse.ClosingSteps;
import org.pilothouse.warehouse.RunEngine;

/** Jakarta Batch, as composition hands it to the rooms that have jobs. */
public final class BatchModule {
  /** The schemas to migrate before an engine is made. */
  public static final List<String> SCHEMAS = List.of("batch");

  /** Each thread of the engine notes something down now and then; more of them wait a moment. */
  private static final int CONNECTIONS = 4;

  private BatchModule() {}

  /**
   * An engine with threads of its own.
   *
   * @param partitions that are worked on at the same time
   */
  public static RunEngine engine(PostgresConfig postgres, ClosingSteps steps, int partitions) {
    return new JberetEngine(SchemaPool.open(postgres, "batch", CONNECTIONS), steps, partitions);
  }
}
