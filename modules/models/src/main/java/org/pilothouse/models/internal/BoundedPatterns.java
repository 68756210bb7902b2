package org.pilothouse.models.internal;

import com.networknt.schema.SchemaException;
import com.networknt.schema.regex.RegularExpression;
import com.networknt.schema.regex.RegularExpressionFactory;
import java.util.regex.Pattern;
import java.util.regex.PatternSyntaxException;

/**
 * Regular expressions of people's own making. A match that takes too many steps is given up: some
 * patterns take longer than anybody waits on a text made for it.
 */
final class BoundedPatterns implements RegularExpressionFactory {
  /** The longest pattern; nesting deeper than the stack does not fit in. */
  static final int LONGEST = 512;

  private static final int STEPS = 200_000;

  @Override
  public RegularExpression getRegularExpression(String regex) {
    Pattern pattern = compile(regex);
    return text -> find(pattern, text);
  }

  /**
   * @throws IllegalArgumentException when it is none
   */
  static Pattern compile(String regex) {
    if (regex.length() > LONGEST) {
      throw new IllegalArgumentException("too long");
    }
    try {
      return Pattern.compile(regex);
    } catch (PatternSyntaxException | StackOverflowError e) {
      throw new IllegalArgumentException("no regular expression", e);
    }
  }

  /**
   * @throws TooCostly when it cannot be told within the bound
   */
  static boolean find(Pattern pattern, String text) {
    try {
      return pattern.matcher(new Counted(text)).find();
    } catch (StackOverflowError e) {
      throw new TooCostly();
    }
  }

  /**
   * The pattern takes too long on this text. The validator lets exceptions of its own kind pass and
   * writes others to the log, with the pattern.
   */
  static final class TooCostly extends SchemaException {
    private static final long serialVersionUID = 1L;

    TooCostly() {
      super("the pattern takes too long");
    }
  }

  private static final class Counted implements CharSequence {
    private final String text;
    private int steps;

    Counted(String text) {
      this.text = text;
    }

    @Override
    public char charAt(int index) {
      if (++steps > STEPS) {
        throw new TooCostly();
      }
      return text.charAt(index);
    }

    @Override
    public int length() {
      return text.length();
    }

    @Override
    public CharSequence subSequence(int start, int end) {
      return text.subSequence(start, end);
    }

    @Override
    public String toString() {
      return text;
    }
  }
}
