package org.pilothouse.exports.internal.engine;

import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.dhatim.fastexcel.Workbook;
import org.dhatim.fastexcel.Worksheet;
import org.jspecify.annotations.Nullable;

/** A workbook of one sheet, of which only the last rows are in memory. Texts are no formulas. */
final class Sheet implements AutoCloseable {
  private static final int ROWS_IN_MEMORY = 1_000;

  /** Excel's, in characters. */
  private static final int LONGEST_TEXT = 32_767;

  private final OutputStream file;
  private final Workbook workbook;
  private final Worksheet sheet;
  private int row = 1;

  Sheet(Path file, List<Frame.Column> columns) throws IOException {
    this.file = new BufferedOutputStream(Files.newOutputStream(file), 1 << 16);
    this.workbook = new Workbook(this.file, "Pilothouse", "1.0");
    this.sheet = workbook.newWorksheet("export");
    for (int i = 0; i < columns.size(); i++) {
      sheet.inlineString(0, i, columns.get(i).name());
    }
  }

  void cell(int column, @Nullable Object value) throws Unfit {
    switch (value) {
      case null -> {}
      case Double number when !Double.isFinite(number) ->
          sheet.inlineString(row, column, number.toString());
      case Number number -> sheet.value(row, column, number);
      case Boolean truth -> sheet.value(row, column, truth);
      default -> {
        String text = value.toString();
        if (text.length() > LONGEST_TEXT) {
          throw new Unfit(
              Frame.Why.TOO_MUCH,
              "A cell of a sheet holds at most " + LONGEST_TEXT + " characters.");
        }
        sheet.inlineString(row, column, text);
      }
    }
  }

  void endRow() throws IOException {
    if (++row % ROWS_IN_MEMORY == 0) {
      sheet.flush();
    }
  }

  void finish() throws IOException {
    sheet.finish();
    workbook.finish();
    file.flush();
  }

  @Override
  public void close() throws IOException {
    file.close();
  }
}
