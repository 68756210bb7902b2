/** A job: query stored data into CSV, Parquet, JSON or a spreadsheet. */
@AllowedArrows({"kernel", "contracts", "platform", "pilots", "jobs", "datasets", "warehouse"})
@NullMarked
package org.pilothouse.exports;

import org.jspecify.annotations.NullMarked;
import org.pilothouse.kernel.AllowedArrows;
