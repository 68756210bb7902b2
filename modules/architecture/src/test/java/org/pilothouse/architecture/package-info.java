/**
 * The boundary rules of the house and, below {@code fixtures}, a small house that breaks each of
 * them once. Nothing here is shipped.
 */
@NullMarked
package org.pilothouse.architecture;

import org.jspecify.annotations.NullMarked;
