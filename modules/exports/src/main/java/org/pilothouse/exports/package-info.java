/** A job: query stored data into CSV, Parquet or JSON. */
@AllowedArrows({"kernel", "contracts", "platform", "jobs", "datasets", "warehouse"})
@NullMarked
package org.pilothouse.exports;

import org.jspecify.annotations.NullMarked;
import org.pilothouse.kernel.AllowedArrows;
