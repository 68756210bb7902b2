/** A package that says what lives in it and who calls it. */
package fine;
